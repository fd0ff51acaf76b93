import type { Catalog, PricedGroup } from "../../catalog/index.ts";

/** The groups that an account may give its keys. */
export const usableGroups = (catalog: Catalog): readonly PricedGroup[] => catalog.groups();
