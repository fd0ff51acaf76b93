import type { KeyRecord } from "../accounts/key-record.ts";
import type { Catalog, Model } from "../catalog/index.ts";

type Limited = Pick<KeyRecord, "models">;

/** Ids that a key's limits mean, by the record (a changed key has a new one) and the catalog they were read with. */
const resolved = new WeakMap<Limited, { catalog: Catalog; ids: ReadonlySet<string> }>();

/**
 * Whether a key may use a model. A limit is a model's name as a caller could write it (dated, undated, an alias, with `models/`); one that the catalog
 * does not know allows nothing.
 */
export function mayUse(key: Limited, model: Model, catalog: Catalog): boolean {
  if (!key.models) return true;
  let known = resolved.get(key);
  if (known?.catalog !== catalog) {
    known = { catalog, ids: new Set([...key.models].flatMap((name) => catalog.find(name)?.id ?? [])) };
    resolved.set(key, known);
  }
  return known.ids.has(model.id);
}
