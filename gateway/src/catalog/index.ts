export { buildCatalog, type Catalog, CatalogError } from "./catalog.ts";
export type { Model, PricedGroup } from "./model.ts";
export { type Charge, type ChargeLine, evaluate } from "./prices.ts";
export { loadCatalog } from "./shipped.ts";
