import { expect, test } from "bun:test";
import { parseSchedstat, parseStat, parseStatusBytes } from "./proc-text.ts";

test("stat, with brackets and blanks in the name", () => {
  const text =
    "6722 (a) R (b c) S 6716 6716 4921 0 -1 4194304 101 0 0 0 250 31 7 5 20 0 9 0 447333 3133440 380 184467 1 1\n";
  expect(parseStat(text)).toEqual({ pid: 6722, parent: 6716, ticks: 281, childTicks: 12 });
});

test("schedstat", () => {
  expect(parseSchedstat("82022 55882 2\n")).toBe(82_022);
});

test("status", () => {
  const text = "Name:\tbun\nVmHWM:\t   98764 kB\nVmRSS:\t   12345 kB\nRssAnon:\t 1 kB\n";
  expect(parseStatusBytes(text, "VmRSS")).toBe(12_345 * 1024);
  expect(parseStatusBytes(text, "VmHWM")).toBe(98_764 * 1024);
  expect(parseStatusBytes("Name:\tkthreadd\n", "VmRSS")).toBeUndefined();
});

test("the own process can be read", async () => {
  const stat = parseStat(await Bun.file("/proc/self/stat").text());
  expect(stat.pid).toBe(process.pid);
  expect(stat.parent).toBe(process.ppid);
  expect(stat.ticks).toBeGreaterThan(0);
});
