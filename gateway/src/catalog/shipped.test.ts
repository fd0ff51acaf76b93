import { describe, expect, test } from "bun:test";
import type { Usage } from "../dialects/canonical/usage.ts";
import { evaluate } from "./evaluate.ts";
import { groupSchema } from "./group.ts";
import { RATIO_ONE } from "./money.ts";
import { modelEntrySchema } from "./model.ts";
import { loadCatalog, SHIPPED_GROUPS, SHIPPED_MODELS } from "./shipped.ts";
import { quote, TYPICAL_OUTPUT_TOKENS, worstCaseNano } from "./quote.ts";

const catalog = loadCatalog();

describe("the shipped catalog", () => {
  test("every shipped entry has the right shape, since loading does not check it again", () => {
    for (const source of SHIPPED_MODELS)
      for (const entry of source.entries) expect<unknown>(modelEntrySchema.parse(entry)).toEqual(entry);
    for (const entry of SHIPPED_GROUPS.entries) expect<unknown>(groupSchema.parse(entry)).toEqual(entry);
  });

  test("M22: for every priced model and group, 0 <= quote <= worst case, below and above its tiers", () => {
    const priced = catalog.models().filter((model) => model.compiled);
    expect(priced.length).toBeGreaterThan(100);
    for (const model of priced)
      for (const group of catalog.groups())
        for (const promptTokens of [0, 1, 1_000, model.contextTokens]) {
          // Priced by the search, character, second or picture and not by the token: see below.
          if (model.compiled?.base.unit.input === undefined) continue;
          const call = { prices: model.compiled, promptTokens, groupRatioMicro: group.ratioMicro };
          const expected = quote({
            ...call,
            outputTokens: Math.min(TYPICAL_OUTPUT_TOKENS, model.maxOutputTokens),
          });
          expect(expected.totalNano).toBeGreaterThanOrEqual(0n);
          expect(worstCaseNano({ ...call, outputTokens: model.maxOutputTokens })).toBeGreaterThanOrEqual(
            expected.totalNano,
          );
          expect(expected.lines.filter((line) => line.unpriced)).toEqual([]);
        }
  });

  test("rerankers priced by the search, and moderations priced at nothing", () => {
    const cost = (name: string, usage: Usage): bigint | undefined => {
      const prices = catalog.find(name)?.compiled;
      return prices && evaluate({ prices, usage, groupRatioMicro: RATIO_ONE }).totalNano;
    };
    expect(cost("rerank-v4.0-pro", { rerankSearch: 3 })).toBe(7_500_000n);
    expect(cost("jina-reranker-v3", { input: 1_000_000 })).toBe(50_000_000n);
    expect(cost("omni-moderation-2024-09-26", { input: 1_000_000 })).toBe(0n);
    expect(catalog.find("text-moderation-stable")).toMatchObject({ retiredAt: "2025-10-27", replacedBy: "omni-moderation-latest" });
  });

  test.each([
    "claude-opus-5-5",
    "claude-opus-4-8",
    "gemini-3.5-flash-lite",
    "gemini-3.1-pro-preview",
    "gemini-3.8-flash",
    "gpt-6.1-sol",
    "gpt-6.1-terra",
    "gpt-4.1-mini",
    "gpt-4o-mini",
  ])("M32: %s, an agent's default, is priced and not retired", (name) => {
    const model = catalog.find(name);
    expect(model?.id).toBe(name);
    expect(model?.compiled).toBeDefined();
    expect(model?.retiredAt).toBeUndefined();
  });

  test.each([
    ["claude-sonnet-4-5-20250929", "claude-sonnet-4-5"],
    ["claude-3-5-sonnet-20240620", "claude-3-5-sonnet"],
    ["claude-opus-4-20250514", "claude-opus-4-0"],
    ["gpt-4.1-mini-2025-04-14", "gpt-4.1-mini"],
    ["gpt-4o-2024-05-13", "gpt-4o-2024-05-13"],
    ["gpt-4o-2024-08-06", "gpt-4o"],
    ["models/gemini-2.5-flash", "gemini-2.5-flash"],
  ])("%s means %s", (name, id) => {
    expect(catalog.find(name)?.id).toBe(id);
  });

  test("the Gemini 2.0 family is retired in favour of models that are served", () => {
    for (const name of [
      "gemini-2.0-flash",
      "gemini-2.0-flash-001",
      "gemini-2.0-flash-lite",
      "gemini-2.0-flash-exp-image-generation",
    ]) {
      const model = catalog.find(name);
      expect(model?.retiredAt).toBe("2026-06-01");
      const successor = catalog.find(model?.replacedBy ?? "");
      expect(successor?.compiled).toBeDefined();
      expect(successor?.retiredAt).toBeUndefined();
    }
  });

  test("M11: Anthropic's cache and long-context prices, to the nano-dollar", () => {
    const prices = catalog.find("claude-sonnet-4-5")?.compiled;
    if (!prices) throw new Error("claude-sonnet-4-5 has no price");
    const groupRatioMicro = catalog.group("claude")?.ratioMicro ?? 0n;
    const usage = { input: 12, cacheRead: 40_000, cacheWrite: 1_000, cacheWriteHour: 500, output: 321 };
    // 12x3 + 40000x0.3 + 1000x3.75 + 500x6 + 321x15 = 23,601 dollars per million; x 1.75
    expect(evaluate({ prices, usage, groupRatioMicro }).totalNano).toBe(41_301_750n);
    expect(
      evaluate({ prices, usage: { ...usage, cacheRead: 400_000 }, groupRatioMicro }).tierAbovePromptTokens,
    ).toBe(200_000);
  });

  test("lists in yuan stand at their dollars of the stated day, rounded up: Doubao Seed 2.0 Pro, 3.2 and 16 yuan at 6.737012", () => {
    const model = catalog.find("doubao-seed-2.0-pro");
    expect(model?.prices).toMatchObject({ input: "0.474989", output: "2.374941", cacheRead: "0.094998" });
    const cost = (usage: Usage) => model?.compiled && evaluate({ prices: model.compiled, usage, groupRatioMicro: RATIO_ONE }).totalNano;
    expect(cost({ input: 1_000, output: 1_000 })).toBe(2_849_930n);
    expect(cost({ input: 130_000, output: 0 })).toBe(185_245_450n);
  });

  test.each(["qwen3-max", "qwen-plus", "qwen-flash", "qwen3-coder-plus", "qwen3-vl-plus", "doubao-seed-1-6-250615", "doubao-seed-1-6-flash-250615"])("M32: %s can be called", (name) => {
    expect(catalog.find(name)?.compiled).toBeDefined();
  });

  test("the documented groups stand with their ratios, default first", () => {
    expect(catalog.groups().map((group) => [group.name, group.ratio])).toEqual([
      ["default", "1"],
      ["openai", "1"],
      ["deepseek", "1"],
      ["gemini", "1"],
      ["music", "1"],
      ["drawing", "1.2"],
      ["openaivip", "1.5"],
      ["claude", "1.75"],
      ["normal", "1"],
      ["grok", "1"],
      ["chatgpt", "1"],
      ["auto", "1"],
    ]);
  });
});
