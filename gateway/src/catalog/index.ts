/** The catalog: models, prices, groups, and the one evaluator. What the rest of the gateway imports. */
export { buildCatalog, type Catalog, CatalogError, type Overrides } from "./catalog.ts";
export type { CompiledPrices } from "./compile-prices.ts";
export type { Option, Options } from "./conditions.ts";
export { type Charge, type ChargeLine, evaluate, hasPriceFor, lineAmountNano } from "./evaluate.ts";
export { type Group, mayUseGroup, type PricedGroup } from "./group.ts";
export type { Ability, Model, ModelKind } from "./model.ts";
export type { Parameters } from "./parameters.ts";
export type { PriceTable } from "./price-table.ts";
export { quote, TYPICAL_OUTPUT_TOKENS, worstCaseNano } from "./quote.ts";
export { chargeTask, quoteTask, type TaskCharge, type TaskFacts, type TaskPriceFault, type TaskQuote, type TaskTerms } from "./quote-task.ts";
export { loadCatalog } from "./shipped.ts";
export { isClosed, isRetired, type ModelSource, servedSources, sourcesOf } from "./sources.ts";
