import { expect, test } from "bun:test";
import { cpuBetween, readCpu, type CpuReading } from "./cpu.ts";

const reading = (processes: [number, number][], threads: [number, number][]): CpuReading => ({
  processes: new Map(processes),
  threads: new Map(threads),
});

test("takes the exact thread times when they agree with the process", () => {
  expect(
    cpuBetween(reading([[1, 10_000]], [[1, 9_000]]), reading([[1, 50_000]], [[1, 52_345]])),
  ).toBe(43_345);
});

test("takes the process times when a thread has ended or was never seen", () => {
  const before = reading(
    [[1, 10_000]],
    [
      [1, 9_000],
      [2, 500],
    ],
  );
  expect(cpuBetween(before, reading([[1, 90_000]], [[1, 52_345]]))).toBe(80_000);
  expect(cpuBetween(reading([[1, 0]], [[1, 0]]), reading([[1, 90_000]], [[1, 1_000]]))).toBe(
    90_000,
  );
});

test("the own process: 100 ms of work show as about 100 ms", () => {
  const before = readCpu([process.pid]);
  const started = process.cpuUsage();
  const end = performance.now() + 100;
  while (performance.now() < end);
  const used = process.cpuUsage(started);
  const measured = cpuBetween(before, readCpu([process.pid]));
  expect(Math.abs(measured - used.user - used.system)).toBeLessThan(40_000);
});

test("a process that is gone counts as nothing", () => {
  expect(cpuBetween(readCpu([999_999_999]), readCpu([999_999_999]))).toBe(0);
});
