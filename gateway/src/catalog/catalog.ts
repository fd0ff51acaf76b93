import { compilePrices } from "./compile-prices.ts";
import { type EntrySource, layered, type ReadEntry, readEntries } from "./entries.ts";
import { groupSchema, type PricedGroup, pricedGroup } from "./group.ts";
import { type Model, type ModelEntry, modelEntrySchema, modelOf } from "./model.ts";
import { RATIO_ONE } from "./money.ts";
import { ModelNames } from "./names.ts";
import { checkParameters } from "./parameters.ts";
import { type PriceData, priceDataOf, priceVersionOf } from "./price-version.ts";

/** How faults in the operator's own models and groups are headed: those of the settings file, and those of the database. */
const OVERRIDES = "settings";
const STORED = "database";

/** The data does not make a catalog. `faults` are all of them, each with file, entry and field. */
export class CatalogError extends Error {
  override readonly name = "CatalogError";
  constructor(readonly faults: readonly string[]) {
    super(`The catalog has faults:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  }
}

/** All models, prices and groups at one moment; never changes. A change makes a new one, and a hold keeps the one it was taken with. */
export interface Catalog {
  /** a model by id, alias, dated or undated name, or with Gemini's `models/` in front; a retired one is found too */
  find(name: string): Model | undefined;
  /** a group by its name */
  group(name: string): PricedGroup | undefined;
  /** all models, retired and unpriced ones included; callers must not change it */
  models(): readonly Model[];
  /** the same as `models` */
  list(): readonly Model[];
  /** all groups, `default` first */
  groups(): readonly PricedGroup[];
  /** a model of this catalog as a group of it pays for it */
  priced(model: Model, group: PricedGroup): GroupPrice;
  /** names these prices and ratios: date of the list prices and a hash of what somebody pays */
  priceVersion: string;
  /** what the version stands for, to be kept beside it */
  priceData(): PriceData;
}

/** What an operator lays over the shipped entries. */
export interface Overrides {
  models?: readonly unknown[];
  groups?: readonly unknown[];
}

/** A model at the prices of a group, and the ratio that multiplies them. */
export interface GroupPrice {
  model: Model;
  ratioMicro: bigint;
}

/** What a catalog is built from. */
export interface CatalogInput {
  /** the shipped model files */
  models: readonly EntrySource[];
  /** the shipped groups */
  groups: EntrySource;
  /** the operator's own entries, laid over the shipped ones: add, change, alias, retire (see `modelEntrySchema`) */
  overrides?: Overrides;
  /** those of the database, laid over all others */
  stored?: Overrides;
  /** ISO date the shipped list prices are of */
  pricesAsOf: string;
}

/** Builds a catalog. Pure. Throws CatalogError with every fault at once. */
export function buildCatalog(input: CatalogInput): Catalog {
  const faults: string[] = [];
  const layersOf = (what: "models" | "groups"): EntrySource[] => [
    { file: `${OVERRIDES}.${what}`, entries: input.overrides?.[what] ?? [] },
    { file: `${STORED}.${what}`, entries: input.stored?.[what] ?? [] },
  ];
  const models = buildModels(input.models, layersOf("models"), faults);
  const written = buildGroups([input.groups, ...layersOf("groups")], faults);
  const names = new ModelNames(models, faults);
  const groups = written.map((group) => withOwnPrices(group, names, faults));
  const known = new Set(groups.map((group) => group.name));
  for (const group of groups) for (const name of group.fallback ?? []) if (!known.has(name) || name === group.name) faults.push(`group ${group.name}.fallback: there is no other group "${name}"`);
  for (const model of models)
    if (model.replacedBy !== undefined && !names.find(model.replacedBy))
      faults.push(`model ${model.id}.replacedBy: there is no model "${model.replacedBy}"`);
  if (faults.length > 0) throw new CatalogError(faults);

  const groupsByName = new Map(groups.map((group) => [group.name, group]));
  return {
    find: (name) => names.find(name),
    group: (name) => groupsByName.get(name),
    models: () => models,
    list: () => models,
    groups: () => groups,
    priced: (model, group) => {
      const own = group.own.get(model.id);
      return own ? { model: own, ratioMicro: RATIO_ONE } : { model, ratioMicro: group.ratioMicro };
    },
    priceVersion: priceVersionOf(models, groups, input.pricesAsOf),
    priceData: () => priceDataOf(models, groups, input.pricesAsOf),
  };
}

function buildModels(shipped: readonly EntrySource[], overrides: readonly EntrySource[], faults: string[]): Model[] {
  const entries = shipped.flatMap((source) => readEntries(source, modelEntrySchema, "id", faults));
  const known = new Set(entries.map((entry) => entry.value.id));
  entries.push(...overrides.flatMap((source) => readEntries(source, modelEntrySchema, "id", faults)));
  return layered(entries, (entry) => entry.id)
    .flatMap((entry) => buildModel(entry, faults))
    .map((model) => (known.has(model.id) ? model : { ...model, own: true }));
}

function buildModel({ value, where }: ReadEntry<ModelEntry>, faults: string[]): Model[] {
  const { vendor, prices } = value;
  const compiled = prices ? compilePrices(prices, `${where}.prices`, faults) : undefined;
  if (prices && value.parameters) checkParameters(value.parameters, prices, where, faults);
  // An answer in text that costs nothing is a forgotten price; who means it writes "0".
  const saysText = value.modalities?.output.includes("text") ?? (value.kind ?? "text") === "text";
  if (
    compiled &&
    saysText &&
    !compiled.strict &&
    compiled.base.unit.output === undefined &&
    compiled.base.unit.request === undefined &&
    compiled.base.unit.audioSeconds === undefined
  )
    faults.push(`${where}.prices.output: missing; write "0" if answers are free`);
  if (vendor === undefined) {
    faults.push(`${where}.vendor: missing`);
    return [];
  }
  return [modelOf({ ...value, vendor }, compiled)];
}

function buildGroups(sources: readonly EntrySource[], faults: string[]): PricedGroup[] {
  const entries = sources.flatMap((source) => readEntries(source, groupSchema, "name", faults));
  return layered(entries, (entry) => entry.name).flatMap(({ value, where }) => {
    try {
      return [pricedGroup(value)];
    } catch (error) {
      faults.push(`${where}.ratio: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
}

/** A group with its own prices compiled, by the ids of the models they are for. */
function withOwnPrices(group: PricedGroup, names: ModelNames, faults: string[]): PricedGroup {
  if (!group.prices) return group;
  const own = new Map<string, Model>();
  for (const [name, prices] of Object.entries(group.prices)) {
    const where = `group ${group.name}.prices.${name}`;
    const model = names.find(name);
    if (!model) faults.push(`${where}: there is no model "${name}"`);
    else if (own.has(model.id)) faults.push(`${where}: the model "${model.id}" stands twice`);
    else own.set(model.id, { ...model, prices, compiled: compilePrices(prices, where, faults) });
  }
  return { ...group, own };
}
