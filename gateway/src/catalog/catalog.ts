import { createHash } from "node:crypto";
import type { z } from "zod";
import { type GroupData, groupSchema, type Model, type ModelData, modelSchema, type PricedGroup } from "./model.ts";
import { parseDecimal } from "./money.ts";
import { compilePrices, type PriceTable } from "./prices.ts";

/** Endings under which vendors publish dated states of a model: `-20250929`, `-2025-04-14`, `-latest`, `-001`. */
const DATED = /-(?:20\d{6}|20\d\d-\d\d-\d\d|latest|\d{3})$/;

export class CatalogError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The catalog has faults:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  }
}

/** All models, prices and groups at one moment. A change makes a new one; holds keep the one they were taken with. */
export interface Catalog {
  /** a model by name, alias, dated name or with Gemini's `models/` in front */
  find(name: string): Model | undefined;
  group(name: string): PricedGroup | undefined;
  models(): readonly Model[];
  groups(): readonly PricedGroup[];
  /** names these prices and ratios; changes when and only when one of them does */
  priceVersion: string;
  /** what the version stands for, to be kept beside it */
  priceData(): unknown;
}

export interface CatalogInput {
  /** later entries replace earlier ones of the same id, member by member */
  models: readonly unknown[];
  groups: readonly unknown[];
}

/** Builds a catalog from data as written. Throws CatalogError with every fault at once. */
export function buildCatalog(input: CatalogInput): Catalog {
  const faults: string[] = [];
  const models = compiled(merged(parsed(input.models, modelSchema, "models", faults), (model) => model.id), faults);
  const groups = new Map<string, PricedGroup>();
  for (const group of merged(parsed(input.groups, groupSchema, "groups", faults), (entry) => entry.name)) {
    try {
      groups.set(group.name, { ...group, ratioMicro: parseDecimal(group.ratio, 6) });
    } catch (error) {
      faults.push(`group ${group.name}.ratio: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (faults.length > 0) throw new CatalogError(faults);

  const names = new Map<string, Model>();
  for (const model of models) for (const alias of model.aliases ?? []) names.set(alias, model);
  for (const model of models) names.set(model.id.replace(DATED, ""), model);
  for (const model of models) names.set(model.id, model);
  const priceData = {
    models: Object.fromEntries(models.filter((model) => model.prices).map((model) => [model.id, model.prices]).sort()),
    groups: Object.fromEntries([...groups.values()].map((group) => [group.name, group.ratio]).sort()),
  };
  return {
    find: (name) => {
      const bare = name.startsWith("models/") ? name.slice("models/".length) : name;
      return names.get(bare) ?? names.get(bare.replace(DATED, ""));
    },
    group: (name) => groups.get(name),
    models: () => models,
    groups: () => [...groups.values()],
    priceVersion: createHash("sha256").update(JSON.stringify(priceData)).digest("hex").slice(0, 12),
    priceData: () => priceData,
  };
}

function parsed<T>(entries: readonly unknown[], schema: z.ZodType<T>, what: string, faults: string[]): T[] {
  return entries.flatMap((entry, index) => {
    const result = schema.safeParse(entry);
    if (result.success) return [result.data];
    const name = typeof entry === "object" && entry !== null && "id" in entry ? String(entry.id) : `[${index}]`;
    for (const issue of result.error.issues) faults.push(`${what} ${name}: ${issue.path.join(".")} ${issue.message}`);
    return [];
  });
}

function merged<T extends ModelData | GroupData>(entries: T[], nameOf: (entry: T) => string): T[] {
  const byName = new Map<string, T>();
  for (const entry of entries) byName.set(nameOf(entry), { ...byName.get(nameOf(entry)), ...entry });
  return [...byName.values()];
}

function compiled(models: ModelData[], faults: string[]): Model[] {
  return models.map((model) => ({
    ...model,
    compiled: model.prices ? compilePrices(model.prices as PriceTable, `model ${model.id}`, faults) : undefined,
  }));
}
