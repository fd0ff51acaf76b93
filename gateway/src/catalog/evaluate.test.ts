import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { completionTokens, MEASURES, promptTokens, type Usage, type UsageClass, USAGE_CLASSES } from "../dialects/canonical/usage.ts";
import { type CompiledPrices, compilePrices } from "./compile-prices.ts";
import { evaluate, lineAmountNano } from "./evaluate.ts";
import { nanoToUsdText, parseDecimal, RATIO_ONE } from "./money.ts";
import { CALL_CLASSES, PRICE_CLASSES, type PriceTable } from "./price-table.ts";
import { quote, worstCaseNano } from "./quote.ts";

function compile(table: PriceTable): CompiledPrices {
  const faults: string[] = [];
  const prices = compilePrices(table, "m", faults);
  if (!prices) throw new Error(faults.join("\n"));
  return prices;
}

const cost = (table: PriceTable, usage: Usage, ratio = "1"): string =>
  nanoToUsdText(
    evaluate({ prices: compile(table), usage, groupRatioMicro: parseDecimal(ratio, 6) }).totalNano,
  );

/** Prices within the sanity bounds, in steps of a millionth of a dollar, so that lines do need rounding. */
const price = fc
  .integer({ min: 5_000, max: 10_000_000 })
  .map((micro) => `${Math.floor(micro / 1e6)}.${String(micro % 1e6).padStart(6, "0")}`);
const classes = fc.record(Object.fromEntries(PRICE_CLASSES.map((name) => [name, price])), {
  requiredKeys: [],
});
const tables: fc.Arbitrary<PriceTable> = fc
  .record({
    base: classes,
    input: price,
    tiers: fc.uniqueArray(fc.record({ above: fc.integer({ min: 1, max: 200_000 }), classes }), {
      selector: (tier) => tier.above,
      maxLength: 3,
    }),
  })
  .map(({ base, input, tiers }) => ({
    ...base,
    input,
    tiers: tiers.map((tier) => ({ ...tier.classes, abovePromptTokens: tier.above })),
  }));
const usages: fc.Arbitrary<Usage> = fc.record(
  Object.fromEntries(USAGE_CLASSES.map((name) => [name, fc.nat({ max: 300_000 })])),
  { requiredKeys: [] },
);
const ratios = fc.bigInt({ min: 0n, max: 5n * RATIO_ONE });

describe("evaluate", () => {
  test("M22: the lines sum to the total exactly, none is negative, and JSON keeps them", () => {
    fc.assert(
      fc.property(tables, usages, ratios, (table, usage, groupRatioMicro) => {
        const charge = evaluate({ prices: compile(table), usage, groupRatioMicro });
        const lines = JSON.parse(JSON.stringify(charge.lines)) as typeof charge.lines;
        expect(lines).toEqual(charge.lines);
        expect(lines.reduce((sum, line) => sum + lineAmountNano(line), 0n)).toBe(charge.totalNano);
        for (const line of lines) {
          expect(lineAmountNano(line)).toBeGreaterThanOrEqual(0n);
          const product = BigInt(line.units) * BigInt(line.unitPricePico) * BigInt(line.ratioMicro);
          const twiceError = 2n * (lineAmountNano(line) * 1_000_000_000n - product);
          expect(twiceError > -1_000_000_000n && twiceError <= 1_000_000_000n).toBe(true);
        }
      }),
    );
  });

  test("M11: more usage of any class never costs less (without tiers), and never less than nothing", () => {
    fc.assert(
      fc.property(tables, usages, usages, ratios, (table, usage, more, groupRatioMicro) => {
        const { tiers: _, ...base } = table;
        const prices = compile(base);
        const larger: Usage = Object.fromEntries(
          USAGE_CLASSES.map((name) => [name, (usage[name] ?? 0) + (more[name] ?? 0)]),
        );
        expect(evaluate({ prices, usage: larger, groupRatioMicro }).totalNano).toBeGreaterThanOrEqual(
          evaluate({ prices, usage, groupRatioMicro }).totalNano,
        );
      }),
    );
  });

  test("M11: cached tokens cost their own price, impossible units nothing", () => {
    expect(
      cost(
        { input: "3", output: "15", cacheRead: "0.3" },
        { input: 1_000, cacheRead: 1_000_000, output: 100 },
      ),
    ).toBe("0.3045");
    const usage: Usage = {
      input: -5,
      output: Number.NaN,
      cacheRead: Number.POSITIVE_INFINITY,
      reasoning: 2.9,
    };
    const charge = evaluate({
      prices: compile({ input: "3", output: "15" }),
      usage,
      groupRatioMicro: RATIO_ONE,
    });
    expect(charge.lines.map((line) => [line.class, line.units])).toEqual([["reasoning", 2]]);
    expect(charge.totalNano).toBe(30_000n);
  });

  test("zero usage costs 0 and has no lines; a flat price is due per request", () => {
    const free = evaluate({
      prices: compile({ input: "3", output: "15" }),
      usage: { input: 0 },
      groupRatioMicro: RATIO_ONE,
    });
    expect(free).toEqual({ lines: [], totalNano: 0n, tierAbovePromptTokens: undefined });
    const flat = evaluate({
      prices: compile({ request: "0.02" }),
      usage: {},
      groupRatioMicro: RATIO_ONE,
      requests: 4,
    });
    expect(nanoToUsdText(flat.totalNano)).toBe("0.08");
  });

  test("M21: a billion dollars stay exact, in the total and in the line after JSON", () => {
    const prices = compile({ input: "10000", output: "10000" });
    const charge = evaluate({ prices, usage: { input: 99_999_999 }, groupRatioMicro: RATIO_ONE * 1001n });
    expect(nanoToUsdText(charge.totalNano)).toBe("1000999989.99");
    const line = JSON.parse(JSON.stringify(charge.lines[0])) as (typeof charge.lines)[number];
    expect(lineAmountNano(line)).toBe(charge.totalNano);
    expect(line.amountNanoText).toBe("1000999989990000000");
    expect(
      evaluate({ prices, usage: { input: 1 }, groupRatioMicro: RATIO_ONE }).lines[0]?.amountNanoText,
    ).toBeUndefined();
  });

  test.each([
    ["0.0375", 1, "1", "0.000000038"],
    ["0.0375", 2, "1", "0.000000075"],
    ["0.0375", 1, "0.9", "0.000000034"],
    ["0.0375", 1, "0.0133", "0"],
    ["0.0375", 1, "0.013334", "0.000000001"],
    ["0.0375", 3, "1", "0.000000113"],
    ["0.4", 1, "1.25", "0.0000005"],
  ])(
    "M22: half up, once per line: $%s per million x %i token x ratio %s is $%s",
    (input, units, ratio, dollars) => {
      expect(cost({ input, output: "1" }, { input: units }, ratio)).toBe(dollars);
    },
  );

  test("M22: a group's ratio multiplies exactly", () => {
    expect(cost({ input: "3", output: "15" }, { input: 1_000_000 }, "1.75")).toBe("5.25");
    expect(cost({ input: "3", output: "15" }, { input: 1_000_000 }, "1.2")).toBe("3.6");
    expect(cost({ input: "3", output: "15" }, { input: 1_000_000 }, "0.000001")).toBe("0.000003");
    expect(cost({ input: "3", output: "15" }, { input: 1_000_000 }, "0")).toBe("0");
  });

  test("a prompt above the threshold puts the whole call at the tier's price, which is named", () => {
    const table: PriceTable = {
      input: "3",
      output: "15",
      cacheRead: "0.3",
      tiers: [
        { abovePromptTokens: 200_000, input: "6", output: "22.5", cacheRead: "0.6" },
        { abovePromptTokens: 500_000, input: "9" },
      ],
    };
    const at = (usage: Usage) => evaluate({ prices: compile(table), usage, groupRatioMicro: RATIO_ONE });
    expect(at({ input: 200_000, output: 10 }).tierAbovePromptTokens).toBeUndefined();
    const over = at({ input: 1, cacheRead: 200_000, output: 10 });
    expect(over.tierAbovePromptTokens).toBe(200_000);
    expect(over.lines.map((line) => [line.class, line.unitPricePico, line.abovePromptTokens])).toEqual([
      ["input", "6000000", 200_000],
      ["cacheRead", "600000", 200_000],
      ["output", "22500000", 200_000],
    ]);
    expect(at({ input: 500_001 }).lines[0]?.unitPricePico).toBe("9000000");
    expect(at({ output: 900_000 }).tierAbovePromptTokens).toBeUndefined();
  });

  test("M32: what has no price is a flagged line of 0, never hidden", () => {
    const charge = evaluate({
      prices: compile({ input: "3", output: "15" }),
      usage: { input: 10, webSearch: 2 },
      groupRatioMicro: RATIO_ONE,
    });
    expect(charge.lines.at(-1)).toEqual({
      class: "webSearch",
      units: 2,
      unitPricePico: "0",
      ratioMicro: 1_000_000,
      amountNano: 0,
      unpriced: true,
    });
    expect(charge.lines[0]?.unpriced).toBeUndefined();
  });

  test("M35: prices compiled once keep charging the old price when the table changes", () => {
    const table: PriceTable = { input: "3", output: "15" };
    const held = compile(table);
    table.input = "6";
    expect(
      evaluate({ prices: held, usage: { input: 1_000_000 }, groupRatioMicro: RATIO_ONE }).totalNano,
    ).toBe(3_000_000_000n);
  });
});

describe("media calls", () => {
  const dear = { images: "0.08", variants: [{ when: { quality: "standard", size: "1024x1024" }, images: "0.04" }, { when: { quality: "hd", size: ["1792x1024", "1024x1792"] }, images: "0.12" }] };
  const at = (table: PriceTable, usage: Usage, options?: Record<string, string>) => {
    const { lines, totalNano } = evaluate({ prices: compile(table), usage, groupRatioMicro: RATIO_ONE, options });
    return { dollars: nanoToUsdText(totalNano), lines: lines.map((line) => [line.class, line.units, line.variant ?? line.unpriced ?? ""]) };
  };

  test("pictures cost by their options; unknown options cost the base price", () => {
    expect(at(dear, { images: 2 }, { quality: "standard", size: "1024x1024" })).toEqual({ dollars: "0.08", lines: [["images", 2, "quality=standard size=1024x1024"]] });
    expect(at(dear, { images: 1 }, { quality: "hd", size: "1024x1792" }).dollars).toBe("0.12");
    expect(at(dear, { images: 1 }, { quality: "hd", size: "1024x1024" }).dollars).toBe("0.08");
    expect(at(dear, { images: 1 }).dollars).toBe("0.08");
  });

  test("of several measures of one call only the priced one counts", () => {
    const spoken = { input: 10, outputAudio: 100, characters: 60 };
    expect(at({ characters: "15" }, spoken)).toEqual({ dollars: "0.0009", lines: [["characters", 60, ""]] });
    expect(at({ input: "0.6", output: "12" }, spoken).lines.map(([name]) => name)).toEqual(["input", "outputAudio"]);
    expect(at({ audioSeconds: "0.0001" }, { audioSeconds: 61 }).dollars).toBe("0.0061");
    expect(at({ request: "1" }, { images: 2 }).dollars).toBe("1");
  });

  test("M32: a measure that nothing prices is a flagged line", () => {
    expect(at({ characters: "15" }, { images: 2, output: 3 })).toEqual({ dollars: "0", lines: [["output", 3, true], ["images", 2, true]] });
    expect(at({ characters: "15" }, { characters: 1, webSearch: 1 }).lines).toEqual([["webSearch", 1, true], ["characters", 1, ""]]);
  });

  test("a variant is part of what names the prices", () => {
    const faults: string[] = [];
    compilePrices({ images: "1001", variants: [{ when: { size: "x" }, images: "-1" }] }, "m.prices", faults);
    expect(faults).toEqual([expect.stringContaining("m.prices.images: $1001 is beyond"), expect.stringContaining("m.prices.variants[0].images: -1 is negative")]);
  });
});

describe("worstCaseNano", () => {
  test("M22: no usage within the counts costs more, whatever its classes; nor does the quote", () => {
    fc.assert(
      fc.property(tables, usages, ratios, (table, drawn, groupRatioMicro) => {
        const prices = compile(table);
        // Media calls bring their own worst case (CallFacts.media): this bound is of tokens.
        const usage: Usage = { ...drawn, ...Object.fromEntries([...MEASURES].map((name) => [name, 0])) };
        const bound = {
          prices,
          promptTokens: promptTokens(usage),
          outputTokens: completionTokens(usage),
          units: Object.fromEntries([...CALL_CLASSES].map((name) => [name, usage[name as UsageClass] ?? 0])),
          groupRatioMicro,
        };
        const worst = worstCaseNano(bound);
        expect(worst).toBeGreaterThanOrEqual(evaluate({ prices, usage, groupRatioMicro }).totalNano);
        expect(worst).toBeGreaterThanOrEqual(quote(bound).totalNano);
      }),
    );
  });

  test("nothing asked costs nothing", () => {
    expect(
      worstCaseNano({
        prices: compile({ input: "3", output: "15" }),
        promptTokens: 0,
        outputTokens: 0,
        groupRatioMicro: RATIO_ONE,
      }),
    ).toBe(0n);
  });
});
