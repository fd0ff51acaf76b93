export { AUDIT_ROUTES } from "./admin/audit.ts";
export { CATALOG_ROUTES } from "./admin/catalog.ts";
export { BILLING_ROUTES, FAMILY_ROUTES } from "./compatible.ts";
export { API_ROUTES } from "./api.ts";
export { LIMIT_ROUTES } from "./limits.ts";
export { PRICING_ROUTES } from "./pricing.ts";
export type { ApiGroup, ApiRoute, ApiWho, ApiWords } from "./route.ts";
export { SYSTEM_ROUTES } from "./system.ts";
export { USAGE_ROUTES } from "./usage.ts";
