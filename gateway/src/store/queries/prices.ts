import { sql } from "kysely";
import type { Db } from "../database.ts";

/** Keeps what a price version stands for, so that an old charge can be explained, and that it is in force from now on. In a transaction that holds `lockCatalog`, with the version of the entries that it read. */
export async function savePriceVersion(tx: Db, version: string, prices: unknown): Promise<void> {
  await tx.insertInto("price_versions").values({ version, prices: JSON.stringify(prices) }).onConflict((conflict) => conflict.doNothing()).execute();
  const [last] = await priceChanges(tx, 1);
  // Of several processes the first one notes it.
  if (last?.version !== version) await tx.insertInto("price_changes").values({ version }).execute();
}

/** Which price version came into force when, newest first: one that came again, several times. */
export const priceChanges = (db: Db, limit: number) => db.selectFrom("price_changes").select(["version", "at"]).orderBy("seq", "desc").limit(limit).execute();

export async function priceVersion(db: Db, version: string): Promise<{ version: string; at: Date; prices: object } | undefined> {
  return db.selectFrom("price_versions").selectAll().where("version", "=", version).executeTakeFirst();
}

export type OverrideKind = "model" | "group";

/** What operators have laid over models and groups, each entry with its name in it. */
export async function catalogOverrides(db: Db): Promise<{ models: object[]; groups: object[] }> {
  const rows = await db.selectFrom("catalog_overrides").select(["kind", "name", "entry"]).orderBy("kind").orderBy("name").execute();
  return {
    models: rows.filter(({ kind }) => kind === "model").map(({ name, entry }) => ({ ...entry, id: name })),
    groups: rows.filter(({ kind }) => kind === "group").map(({ name, entry }) => ({ ...entry, name })),
  };
}

/** One of them without its name; undefined when there is none. */
export async function catalogOverride(db: Db, kind: OverrideKind, name: string): Promise<object | undefined> {
  return (await db.selectFrom("catalog_overrides").select("entry").where("kind", "=", kind).where("name", "=", name).executeTakeFirst())?.entry;
}

/** Sets one as a whole; undefined takes it away. */
export async function setCatalogOverride(db: Db, kind: OverrideKind, name: string, entry: object | undefined): Promise<void> {
  if (entry === undefined) await db.deleteFrom("catalog_overrides").where("kind", "=", kind).where("name", "=", name).execute();
  else
    await db
      .insertInto("catalog_overrides")
      .values({ kind, name, entry: JSON.stringify(entry) })
      .onConflict((conflict) => conflict.columns(["kind", "name"]).doUpdateSet({ entry: JSON.stringify(entry), updated_at: new Date() }))
      .execute();
}

/** Changes of the catalog come one after another: each is checked against all before it. Held to the end of the transaction. */
export async function lockCatalog(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(4042)`.execute(tx);
}
