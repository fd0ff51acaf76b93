import { describe, expect, test } from "bun:test";
import { buildCatalog, CatalogError } from "./catalog.ts";
import { RATIO_ONE } from "./money.ts";
import { chargeTask, quoteTask, type TaskFacts, type TaskQuote } from "./quote-task.ts";

const GROUP = { name: "default", ratio: "1", channels: "*" as const, ratioMicro: RATIO_ONE };

function catalogOf(model: object, models: object[] = []) {
  return buildCatalog({ models: [{ file: "x.json", entries: [{ id: "m", vendor: "v", kind: "video", ...model }, ...models] }], groups: { file: "groups.json", entries: [{ name: "default", ratio: "1", channels: "*" }] }, pricesAsOf: "2026-11-24" });
}

function quoteOf(model: object, facts: TaskFacts, ratioMicro = RATIO_ONE) {
  const found = catalogOf(model).find("m");
  if (!found) throw new Error("no model");
  return quoteTask(found, { ...GROUP, ratioMicro }, facts, "v1");
}

function priced(model: object, facts: TaskFacts, ratioMicro = RATIO_ONE): TaskQuote {
  const quote = quoteOf(model, facts, ratioMicro);
  if ("fault" in quote) throw new Error(JSON.stringify(quote));
  return quote;
}

function faultsOf(model: object): readonly string[] {
  try {
    catalogOf(model);
  } catch (error) {
    if (error instanceof CatalogError) return error.faults;
    throw error;
  }
  return [];
}

const SECONDS = {
  parameters: { duration: { from: 1, to: 10, default: 5 }, size: { values: ["720p", "1080p"], default: "720p" }, audio: { values: [true, false], default: false } },
  prices: {
    variants: [
      { when: { size: "1080p", audio: true }, videoSeconds: "0.3" },
      { when: { size: "1080p" }, videoSeconds: "0.2" },
      { when: { size: "720p", audio: false, duration: { from: 6 } }, videoSeconds: "0.08" },
      { when: { size: "720p", audio: false }, videoSeconds: "0.1" },
    ],
    counts: { videoSeconds: "duration" },
  },
};

describe("matching", () => {
  test("the first variant that fits counts: values, lists, ranges; texts without case, numbers as texts", () => {
    const nano = (options: TaskFacts["options"]): bigint => priced(SECONDS, { options }).expectedNano;
    expect(nano({ size: "1080P", audio: "on" })).toBe(1_500_000_000n);
    expect(nano({ size: "1080p" })).toBe(1_000_000_000n);
    expect(nano({ duration: "6" })).toBe(480_000_000n);
    expect(nano({ duration: "5s" })).toBe(500_000_000n);
    expect(nano({})).toBe(500_000_000n);
  });

  test("M32: no variant fits: refused, with the parameter and what it may be", () => {
    expect(quoteOf(SECONDS, { options: { audio: true } })).toEqual({ fault: "noMatchingPrice", parameter: "size", allowed: "1080p" });
    expect(quoteOf(SECONDS, { options: { duration: 11 } })).toEqual({ fault: "noMatchingPrice", parameter: "duration", allowed: "1..10" });
    expect(quoteOf(SECONDS, { options: { duration: 2.5 } })).toMatchObject({ parameter: "duration" });
    expect(quoteOf(SECONDS, { options: { size: "__proto__" } })).toMatchObject({ parameter: "size", allowed: "720p|1080p" });
    expect(quoteOf({ parameters: SECONDS.parameters }, { options: {} })).toEqual({ fault: "unpriced" });
  });

  test("names of an object's own machinery are no options", () => {
    const options = JSON.parse('{"__proto__": 1, "constructor": "x", "duration": 5}') as TaskFacts["options"];
    expect(priced(SECONDS, { options }).expectedNano).toBe(500_000_000n);
  });

  test("V36: the options that the price looked at come back with their defaults, as they must reach the vendor", () => {
    expect(priced(SECONDS, { options: { size: "1080P", extra: 1 } }).options).toEqual({ size: "1080p", duration: 5, audio: false });
  });

  test("a table with a base price takes it where no variant fits", () => {
    expect(priced({ prices: { images: "0.12", variants: [{ when: { quality: "standard" }, images: "0.04" }], counts: { images: 1 } } }, { options: { quality: "hd" } }).expectedNano).toBe(120_000_000n);
  });
});

describe("counting", () => {
  test("products, factors, sums; what the door measured comes first", () => {
    const model = {
      parameters: { n: { from: 1, to: 4, default: 1 }, duration: { from: 1, to: 10, fraction: true, default: 5 } },
      prices: { videoTokens: "2.5", megapixels: "0.0064", counts: { videoTokens: [{ of: ["n", "duration"], times: 48_960 }, 2_040], megapixels: { of: "duration", times: 12.4416 } } },
    };
    const quote = priced(model, { options: { n: 2, duration: 2.5 } });
    expect(quote.terms.classes).toEqual([
      { class: "videoTokens", unitPricePico: "2500000", expected: 246_840, worst: 246_840 },
      { class: "megapixels", unitPricePico: "6400000000", expected: 31.104, worst: 31.104 },
    ]);
    expect(quote.expectedNano).toBe(246_840n * 2_500n + 199_065_600n);
    expect(priced(model, { options: {}, counts: { videoTokens: 7 } }).terms.classes[0]?.expected).toBe(7);
  });

  test("what nobody counted has no price", () => {
    expect(quoteOf({ prices: { characters: "100" } }, { options: {} })).toEqual({ fault: "uncounted", parameter: "characters" });
    expect(quoteOf({ prices: { videoSeconds: "0.1", counts: { videoSeconds: "duration" } } }, { options: {} })).toEqual({ fault: "uncounted", parameter: "duration" });
    expect(quoteOf({ parameters: { duration: { from: 1 } }, prices: { videoSeconds: "0.1", counts: { videoSeconds: "duration" } } }, { options: {} })).toEqual({ fault: "noMatchingPrice", parameter: "duration", allowed: "1.." });
    expect(quoteOf({ prices: { input: "5", output: "40" } }, { options: {} })).toEqual({ fault: "uncounted", parameter: "input" });
  });

  test("a picture unless more are asked for", () => {
    expect(priced({ prices: { images: "0.04" } }, { options: {} }).expectedNano).toBe(40_000_000n);
    expect(priced({ prices: { images: "0.04" } }, { options: { n: "3" } }).expectedNano).toBe(120_000_000n);
    expect(quoteOf({ prices: { images: "0.04" } }, { options: { n: "many" } })).toEqual({ fault: "uncounted", parameter: "n" });
  });

  test("models that are paid by the token are quoted by counted tokens", () => {
    const quote = priced({ kind: "image", prices: { input: "5", output: "40", inputImage: "10" } }, { options: {}, counts: { input: 100, outputImage: 1_000 }, worstCounts: { outputImage: 6_000 } });
    expect(quote.expectedNano).toBe(500_000n + 40_000_000n);
    expect(quote.worstNano).toBe(500_000n + 240_000_000n);
  });
});

describe("charging", () => {
  const FOUR = { parameters: { n: { from: 1, to: 4, default: 1 } }, prices: { images: "0.04", counts: { images: "n" } } };

  test("M24: four pictures asked for, three came back: three are charged", () => {
    const { terms, worstNano } = priced(FOUR, { options: { n: 4 } });
    expect(worstNano).toBe(160_000_000n);
    expect(chargeTask(terms, { images: 3 }).totalNano).toBe(120_000_000n);
    expect(chargeTask(terms, { images: 0 }).totalNano).toBe(0n);
    expect(chargeTask(terms).totalNano).toBe(160_000_000n);
  });

  test("a report beyond the terms is charged at the most, and told", () => {
    const { terms } = priced(FOUR, { options: { n: 2 } });
    expect(chargeTask(terms, { images: 9 })).toMatchObject({ totalNano: 80_000_000n, exceeded: ["images"] });
    expect(chargeTask(terms, { images: Number.NaN, videoSeconds: 5 })).toMatchObject({ totalNano: 0n, exceeded: [] });
  });

  test("a vendor's report decides up to the most that was held", () => {
    const model = { parameters: {}, prices: { gpuSeconds: "0.001525", counts: { gpuSeconds: 10 }, worstCounts: { gpuSeconds: 60 } } };
    const { terms, expectedNano, worstNano } = priced(model, { options: {} });
    expect([expectedNano, worstNano]).toEqual([15_250_000n, 91_500_000n]);
    expect(chargeTask(terms, { gpuSeconds: 12.3456 }).totalNano).toBe(18_827_650n);
    expect(chargeTask(terms, { gpuSeconds: 12.346 }).lines[0]).toMatchObject({ class: "gpuSeconds", units: 12.346 });
  });

  test("M35: terms are plain JSON and keep their prices and ratio, whatever the catalog says later", () => {
    const quote = priced(SECONDS, { options: { size: "1080p" } }, 1_750_000n);
    const kept = JSON.parse(JSON.stringify(quote.terms)) as TaskQuote["terms"];
    expect(kept).toEqual({ model: "m", priceVersion: "v1", ratioMicro: 1_750_000, variant: "size=1080p", classes: [{ class: "videoSeconds", unitPricePico: "200000000000", expected: 5, worst: 5 }] });
    expect(chargeTask(kept)).toMatchObject({ totalNano: 1_750_000_000n, lines: quote.lines });
  });

  test("a flat price is due once, whatever came back", () => {
    const { terms } = priced({ prices: { request: "0.08" } }, { options: {} });
    expect(chargeTask(terms, { images: 0 }).totalNano).toBe(80_000_000n);
  });
});

describe("data", () => {
  test("the example of docs/billing.md is a model that can be quoted", async () => {
    const text = await Bun.file(new URL("../../../docs/billing.md", import.meta.url)).text();
    const example = JSON.parse(/## Media made as tasks[^]*?```json\n([^]*?)```/.exec(text)?.[1] ?? "") as object;
    const catalog = buildCatalog({ models: [], groups: { file: "groups.json", entries: [{ name: "default", ratio: "1", channels: "*" }] }, overrides: { models: [example] }, pricesAsOf: "2026-11-24" });
    const model = catalog.find("my-video");
    if (!model) throw new Error("no model");
    expect(quoteTask(model, GROUP, { options: { duration: "12", resolution: "1080p" } }, "v")).toMatchObject({ expectedNano: 2_160_000_000n });
  });

  test("F28: a price that no call can reach is a fault, with its place", () => {
    expect(faultsOf({ parameters: { size: { values: ["1K"] } }, prices: { variants: [{ when: { siz: "1K" }, request: "1" }, { when: { size: "2K" }, request: "1" }] } })).toEqual([
      "x.json: m.prices.variants[0].when.siz: is no parameter of the model",
      "x.json: m.prices.variants[1].when.size: 2K is not one of 1K",
    ]);
    expect(faultsOf({ parameters: { n: { from: 1, to: 4, default: 5 } }, prices: { images: "1", counts: { images: "count" } } })).toEqual(["x.json: m.parameters.n.default: is not one of 1..4", "x.json: m.prices.counts.images: count is no parameter of the model"]);
    expect(faultsOf({ prices: { variants: [{ when: { size: "1K" } }] } })).toEqual([expect.stringContaining("x.json: m.prices.variants[0]: names a price for none of")]);
  });

  test("prices by rule are part of what names the prices", () => {
    const version = (model: object): string => catalogOf(model).priceVersion;
    const changed = structuredClone(SECONDS);
    changed.prices.counts.videoSeconds = "size";
    const others = [
      { ...SECONDS, prices: { ...SECONDS.prices, variants: SECONDS.prices.variants.toReversed() } },
      { ...SECONDS, parameters: { ...SECONDS.parameters, duration: { from: 1, to: 10, default: 6 } } },
      changed,
    ].map(version);
    expect(new Set([version(SECONDS), ...others]).size).toBe(4);
    expect(version({ ...SECONDS, displayName: "Other" })).toBe(version(SECONDS));
  });
});
