import { describe, expect, test } from "bun:test";
import { loadCatalog } from "../catalog/index.ts";
import { mayUse } from "./model-limits.ts";

const catalog = loadCatalog();
const allowed = (limits: string[] | undefined, name: string): boolean => {
  const model = catalog.find(name);
  return model !== undefined && mayUse({ models: limits && new Set(limits) }, model, catalog);
};

describe("a key's model limits mean models, however they are written", () => {
  test.each([
    [["claude-haiku-4-5-20251001"], "claude-haiku-4-5", true],
    [["claude-haiku-4-5-20251001"], "claude-haiku-4-5-20251001", true],
    [["claude-haiku-4-5"], "claude-haiku-4-5-20251001", true],
    [["models/gemini-2.5-flash"], "gemini-2.5-flash", true],
    [["gpt-4.1-mini-2025-04-14"], "gpt-4.1-mini", true],
    [["gpt-4.1-mini"], "gpt-4.1", false],
    [["no-such-model"], "gpt-4.1", false],
    [["gpt-4.1-"], "gpt-4.1", false],
    [["*"], "gpt-4.1", false],
    [[""], "gpt-4.1", false],
    [["gpt-4.1", "no-such-model"], "gpt-4.1", true],
    [undefined, "gpt-4.1", true],
    // A limit to nothing is no "no limit".
    [[], "gpt-4.1", false],
  ])("%p and %s: %p", (limits, name, verdict) => {
    expect(allowed(limits, name)).toBe(verdict);
  });

  test("another catalog is read anew", () => {
    const key = { models: new Set(["mine"]) };
    const model = catalog.find("gpt-4.1");
    if (!model) throw new Error("the shipped catalog has gpt-4.1");
    expect(mayUse(key, model, catalog)).toBe(false);
    const other = loadCatalog({ models: [{ id: "gpt-4.1", aliases: ["mine"] }], groups: [] });
    expect(mayUse(key, other.find("gpt-4.1") ?? model, other)).toBe(true);
    expect(mayUse(key, model, catalog)).toBe(false);
  });
});
