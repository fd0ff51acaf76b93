import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { namedIds, readThreats } from "./check-threats.ts";

const ids = (source: string): string[] => [...namedIds(source)].toSorted();
/** Cut in two, so that these lines name nothing by themselves. */
const call = (name: string, title: string): string => `${name}("${title}", () => {});`;

describe("ids count where a test is titled with them", () => {
  test.each([
    ["a test", call("test", "V0" + "1, M02: it holds"), ["M02", "V01"]],
    ["a group", call("describe", "S1" + "6: it holds"), ["S16"]],
    ["rows before the title", `test.each([1, 2])(${call("", "F0" + "6: %s").slice(1)}`, ["F06"]],
    ["rows over several lines", `test.each([\n  ["a", 1],\n])(${call("", "F0" + "6: %s").slice(1)}`, ["F06"]],
    ["a group over a list", `describe.each(VENDORS)(${call("", "S0" + "2: %s").slice(1)}`, ["S02"]],
    ["a comment", `// V0${"1"} is not tested\n${call("test", "it holds")}`, []],
    ["the body", `test("it holds", () => { expect("V0${"1"}").toBe("V0${"1"}"); });`, []],
    ["a longer word", call("test", "V01a and XV0" + "1 hold"), []],
  ])("%s", (_name, source, found) => {
    expect(ids(source)).toEqual(found);
  });
});

test("the list is sound: known parts, no id twice, a class for each", () => {
  const threats = readThreats(readFileSync(join(import.meta.dir, "threats.json"), "utf8"));
  expect(threats.length).toBeGreaterThan(150);
  expect(() => readThreats(JSON.stringify([threats[0], threats[0]]))).toThrow("twice");
  expect(() => readThreats('[{"id":"V01","scope":"moon","class":"x"}]')).toThrow();
});
