import { describe, expect, test } from "bun:test";
import { buildCatalog, CatalogError, type CatalogInput } from "./catalog.ts";

const MODELS: object[] = [
  { id: "gpt-x", vendor: "openai", aliases: ["gpt-x-turbo"], prices: { input: "2", output: "8" } },
  { id: "claude-x-20250101", vendor: "anthropic", prices: { input: "3", output: "15" } },
  { id: "claude-x-20250601", vendor: "anthropic", prices: { input: "4", output: "15" } },
  { id: "gemini-x", vendor: "gemini", prices: { input: "1", output: "2" } },
  {
    id: "old",
    vendor: "openai",
    retiredAt: "2025-01-01",
    replacedBy: "gpt-x",
    prices: { input: "1", output: "1" },
  },
  { id: "bare", vendor: "openai" },
];
const GROUPS = [
  { name: "default", ratio: "1", channels: "*" },
  { name: "vip", ratio: "1.75", channels: ["vendor:openai"] },
];

const build = (
  overrides: NonNullable<CatalogInput["overrides"]> = {},
  models: object[] = MODELS,
  groups: object[] = GROUPS,
) =>
  buildCatalog({
    models: [{ file: "models-x.json", entries: models }],
    groups: { file: "groups.json", entries: groups },
    overrides,
    pricesAsOf: "2026-11-24",
  });

function faultsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof CatalogError) return error.faults;
    throw error;
  }
  return [];
}

test("a model that no shipped file knows is the operator's own; one laid over a shipped one is not", () => {
  const catalog = build({ models: [{ id: "mine", vendor: "openai", prices: { input: "1", output: "1" } }, { id: "gpt-x", prices: { input: "1", output: "1" } }] });
  expect([catalog.find("mine")?.own, catalog.find("gpt-x")?.own, catalog.find("gemini-x")?.own]).toEqual([true, undefined, undefined]);
});

describe("find", () => {
  test.each([
    ["gpt-x", "gpt-x"],
    ["gpt-x-turbo", "gpt-x"],
    ["gpt-x-2025-04-14", "gpt-x"],
    ["gpt-x-latest", "gpt-x"],
    ["claude-x", "claude-x-20250601"],
    ["claude-x-20250101", "claude-x-20250101"],
    ["models/gemini-x", "gemini-x"],
    ["models/gemini-x-001", "gemini-x"],
    ["old", "old"],
    ["models/gpt-x", undefined],
    ["gpt-x-mini", undefined],
    ["", undefined],
    ["__proto__", undefined],
  ])("%s is %s", (name, id) => {
    expect(build().find(name)?.id).toBe(id);
  });

  test("a retired model is found, with its date and successor", () => {
    expect(build().find("old")).toMatchObject({ retiredAt: "2025-01-01", replacedBy: "gpt-x" });
  });

  test("M32: a model without prices stays in the catalog and has nothing to evaluate", () => {
    const model = build().find("bare");
    expect(model?.compiled).toBeUndefined();
    expect(model).toMatchObject({ contextTokens: 128_000, maxOutputTokens: 65_536, abilities: ["text"] });
    expect(build().list()).toHaveLength(MODELS.length);
  });
});

describe("groups", () => {
  test("the ratio is exact millionths", () => {
    expect(build().group("vip")?.ratioMicro).toBe(1_750_000n);
    expect(build({ groups: [{ name: "vip", ratio: "0.123456", channels: "*" }] }).group("vip")).toMatchObject(
      { ratioMicro: 123_456n, channels: "*" },
    );
  });
});

describe("priceVersion", () => {
  const version = build().priceVersion;

  test("M35: names date and content, the same for the same prices however they are written", () => {
    expect(version).toMatch(/^2026-11-24-[0-9a-f]{12}$/);
    expect(build({}, MODELS.toReversed(), GROUPS.toReversed()).priceVersion).toBe(version);
    expect(build({ models: [{ id: "gpt-x", prices: { output: "8.00", input: 2.0 } }] }).priceVersion).toBe(
      version,
    );
    expect(
      build({ models: [{ id: "gpt-x", prices: { input: "2", output: "8", reasoning: "8" } }] }).priceVersion,
    ).toBe(version);
    expect(build({ models: [{ id: "gpt-x", displayName: "X", retiredAt: "2027-01-01" }] }).priceVersion).toBe(
      version,
    );
  });

  test.each([
    ["a price", { models: [{ id: "gpt-x", prices: { input: "2", output: "8.000001" } }] }],
    [
      "a tier",
      {
        models: [
          { id: "gpt-x", prices: { input: "2", output: "8", tiers: [{ abovePromptTokens: 9, input: "4" }] } },
        ],
      },
    ],
    [
      "an unpriced class made free on purpose",
      { models: [{ id: "gpt-x", prices: { input: "2", output: "8", webSearch: "0" } }] },
    ],
    ["a ratio", { groups: [{ name: "vip", ratio: "1.750001", channels: "*" }] }],
    ["a priced model", { models: [{ id: "new", vendor: "openai", prices: { input: "1", output: "1" } }] }],
    ["a price taken away", { models: [{ id: "gpt-x", prices: null }] }],
  ])("M35: changes with %s", (_, overrides) => {
    expect(build(overrides).priceVersion).not.toBe(version);
  });

  test("M35: an old catalog keeps its prices when a new one is built", () => {
    const old = build();
    build({ models: [{ id: "gpt-x", prices: { input: "9", output: "9" } }] });
    expect(old.find("gpt-x")?.compiled?.base.unit.input).toBe(2_000_000n);
    expect(old.priceVersion).toBe(version);
    expect(old.priceData()).toMatchObject({
      models: { "gpt-x": { input: "2", output: "8" } },
      groups: { vip: "1.75" },
    });
  });
});

describe("overrides", () => {
  test("add, change a price, alias, retire, bring back", () => {
    const catalog = build({
      models: [
        { id: "mine", vendor: "openai", contextTokens: 8_000, prices: { request: "0.01" } },
        { id: "gpt-x", aliases: ["my-alias"], prices: { input: "5", output: "5" } },
        { id: "gemini-x", retiredAt: "2026-01-01", replacedBy: "gpt-x" },
        { id: "old", retiredAt: null, replacedBy: null },
      ],
    });
    expect(catalog.find("mine")?.contextTokens).toBe(8_000);
    expect(catalog.find("my-alias")?.prices).toEqual({ input: "5", output: "5" });
    expect(catalog.find("gpt-x")?.vendor).toBe("openai");
    expect(catalog.find("gemini-x")?.replacedBy).toBe("gpt-x");
    expect(catalog.find("old")).not.toHaveProperty("retiredAt");
  });

  test("M31: all faults are listed at once, with file, model and field", () => {
    const faults = faultsOf(() =>
      build({
        models: [
          { id: "a", prices: { input: "1", output: "1" } },
          { id: "b", vendor: "openai", contextTokens: -1, color: "red" },
          { id: "c", vendor: "openai", prices: { input: "0.000003", output: "nothing" } },
          { id: "d", vendor: "openai", prices: { input: "1" } },
          { id: "e", vendor: "openai", aliases: ["gpt-x"], retiredAt: "soon" },
          { id: "f", vendor: "openai", aliases: ["gpt-x"], replacedBy: "nobody" },
          { id: "f", vendor: "openai" },
          "not a model",
        ],
        groups: [
          { name: "vip", ratio: "175", channels: "*" },
          { name: "g", ratio: "-1", channels: [] },
        ],
      }),
    ).join("\n");
    for (const part of [
      "settings.models: a.vendor",
      "settings.models: b.contextTokens",
      "color",
      "settings.models: c.prices.input",
      "settings.models: c.prices.output",
      "settings.models: d.prices.output",
      "settings.models: e.retiredAt",
      'f.aliases: "gpt-x" already means gpt-x',
      'f.replacedBy: there is no model "nobody"',
      "settings.models: f: stands twice",
      "settings.models: [7]",
      "settings.groups: vip.ratio: 175",
      "settings.groups: g.ratio: -1",
    ])
      expect(faults).toContain(part);
  });
});
