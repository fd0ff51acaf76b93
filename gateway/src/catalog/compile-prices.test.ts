import { describe, expect, test } from "bun:test";
import { type CompiledPrices, compilePrices } from "./compile-prices.ts";
import type { PriceTable } from "./price-table.ts";

function compile(table: PriceTable): { prices: CompiledPrices | undefined; faults: string[] } {
  const faults: string[] = [];
  return { prices: compilePrices(table, "models-x.json: m.prices", faults), faults };
}

describe("compilePrices", () => {
  test("turns dollars per million, per thousand searches and per call into pico-dollars per unit", () => {
    const unit = compile({ input: "0.4", output: "1.6", webSearch: "10", request: "0.02" }).prices?.base.unit;
    expect(unit).toMatchObject({
      input: 400_000n,
      output: 1_600_000n,
      webSearch: 10_000_000_000n,
      request: 20_000_000_000n,
    });
  });

  test("M11: the fall-back table, class by class", () => {
    expect(compile({ input: "3", output: "15" }).prices?.base.unit).toEqual({
      input: 3_000_000n,
      inputAudio: 3_000_000n,
      inputImage: 3_000_000n,
      cacheRead: 3_000_000n,
      cacheReadAudio: 3_000_000n,
      cacheReadImage: 3_000_000n,
      cacheWrite: 3_000_000n,
      cacheWriteHour: 4_800_000n,
      output: 15_000_000n,
      reasoning: 15_000_000n,
      outputAudio: 15_000_000n,
      outputImage: 15_000_000n,
    });
    const own = compile({ input: "3", output: "15", cacheWrite: "3.75", cacheRead: "0.3", reasoning: "20" })
      .prices?.base.unit;
    expect(own).toMatchObject({
      cacheWrite: 3_750_000n,
      cacheWriteHour: 6_000_000n,
      cacheRead: 300_000n,
      reasoning: 20_000_000n,
    });
  });

  test("a tier keeps base prices it does not name, and falls back on its own", () => {
    const tier = compile({
      input: "1",
      output: "4",
      cacheRead: "0.25",
      tiers: [{ abovePromptTokens: 1000, input: "2" }],
    }).prices?.tiers[0];
    expect(tier?.unit).toMatchObject({
      input: 2_000_000n,
      output: 4_000_000n,
      cacheRead: 250_000n,
      cacheWrite: 2_000_000n,
    });
  });

  test.each([
    ["dollars per token", { input: "0.000003", output: "0.000015" }],
    ["cents per token", { input: "0.0003", output: "0.0015" }],
    ["per million, multiplied by a million again", { input: "3000000", output: "15000000" }],
  ])("M31: a price in %s is refused with a worked example", (_, table) => {
    const { prices, faults } = compile(table);
    expect(prices).toBeUndefined();
    expect(faults).toHaveLength(2);
    expect(faults[0]).toContain("models-x.json: m.prices.input");
    expect(faults[0]).toContain("per MILLION tokens");
  });

  test("M31: the bounds themselves and zero pass", () => {
    expect(compile({ input: "10000", output: "0.005", cacheRead: "0.0005" }).faults).toEqual([]);
    expect(compile({ input: "0", output: "0" }).faults).toEqual([]);
  });

  test("M32: a table that prices no whole call is refused", () => {
    expect(compile({ output: "1" }).faults).toEqual([
      "models-x.json: m.prices: names a price for none of input, rerankSearch, request, characters, audioSeconds, images, videoSeconds, videoTokens, megapixels, credits, gpuSeconds, billableUnits",
    ]);
  });

  test("all faults are listed at once, each with its field", () => {
    const { faults } = compile({
      output: "-1",
      cacheRead: "x",
      request: "1001",
      webSearch: "10001",
      tiers: [{ abovePromptTokens: 5, input: "20000" }, { abovePromptTokens: 5 }],
    });
    expect(faults.map((fault) => fault.split(": ")[1])).toEqual([
      "m.prices.request",
      "m.prices.cacheRead",
      "m.prices.output",
      "m.prices.webSearch",
      "m.prices.tiers[0].input",
      "m.prices.tiers[1].abovePromptTokens",
    ]);
  });
});
