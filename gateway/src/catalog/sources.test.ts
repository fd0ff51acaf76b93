import { expect, test } from "bun:test";
import { loadCatalog } from "./shipped.ts";
import { isRetired, servedSources, sourcesOf } from "./sources.ts";

const NOW = Date.parse("2026-11-25");

test("a model without sources is made by its vendor under its own name", () => {
  expect(sourcesOf({ id: "m", vendor: "v" })).toEqual([{ vendor: "v", model: "m" }]);
  expect(servedSources({ id: "m", vendor: "v", retiredAt: "2026-01-01" }, NOW)).toEqual([]);
});

test("a retired model is answered as retired unless another source that is configured makes the same", () => {
  const lite = loadCatalog().find("doubao-seedance-1-0-lite-t2v-250428");
  if (!lite) throw new Error("no lite");
  expect(isRetired(lite, NOW)).toBe(true);
  expect(isRetired(lite, NOW, ({ vendor }) => vendor === "replicate")).toBe(false);
  expect(isRetired(lite, Date.parse("2026-05-12"))).toBe(false);
  expect(lite.replacedBy).toBe("doubao-seedance-1-0-pro-fast-251015");
});

test("a model's end is that of its own vendor's sources; others go on, and who is nobody's any more is retired whatever is configured", () => {
  for (const [name, others] of [["dall-e-3", ["replicate"]], ["ray-v1", ["replicate"]], ["gen4_aleph", ["replicate"]], ["gen3a_turbo", []], ["sora-2", []]] as const) {
    const model = loadCatalog().find(name);
    if (!model) throw new Error(name);
    expect([name, servedSources(model, NOW).map(({ vendor }) => vendor)]).toEqual([name, [...others]]);
    expect([name, isRetired(model, NOW, () => true), isRetired(model, NOW, ({ vendor }) => vendor === model.vendor)]).toEqual([name, others.length === 0, true]);
    const { retiredAt: _, ...back } = model;
    expect(servedSources(back, NOW).map(({ vendor }) => vendor)).toEqual(name === "sora-2" ? [] : [model.vendor, ...others]);
  }
});

test("Pika and Imagen 4 are closed at their makers and go on through others", () => {
  for (const [name, vendors] of [["pika-2.0", ["fal"]], ["imagen-4", ["replicate", "fal"]]] as const) {
    const model = loadCatalog().find(name);
    if (!model) throw new Error(name);
    expect(isRetired(model, NOW)).toBe(false);
    expect(servedSources(model, NOW).map(({ vendor }) => vendor)).toEqual([...vendors]);
  }
});
