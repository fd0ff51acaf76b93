/** The catalog: models, prices, groups, and the one evaluator. What the rest of the gateway imports. */
export { buildCatalog, type Catalog, CatalogError } from "./catalog.ts";
export type { CompiledPrices } from "./compile-prices.ts";
export { type Charge, type ChargeLine, evaluate, lineAmountNano } from "./evaluate.ts";
export type { Group, PricedGroup } from "./group.ts";
export type { Ability, Model } from "./model.ts";
export type { PriceTable } from "./price-table.ts";
export { quote, TYPICAL_OUTPUT_TOKENS, worstCaseNano } from "./quote.ts";
export { loadCatalog } from "./shipped.ts";
