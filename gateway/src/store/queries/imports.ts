import { sql } from "kysely";
import type { Db } from "../database.ts";

export type ImportedKind = "user" | "key" | "channel";

/** What was taken over under a label, by kind and old id. */
export async function importedUnder(db: Db, label: string): Promise<Map<string, string>> {
  const rows = await db.selectFrom("imported").select(["kind", "old_id", "id"]).where("label", "=", label).execute();
  return new Map(rows.map(({ kind, old_id: oldId, id }) => [`${kind}:${oldId}`, id]));
}

export const noteImported = (db: Db, row: { label: string; kind: ImportedKind; old_id: string; id: string }) => db.insertInto("imported").values(row).execute();

/** One import at a time. Held to the end of the transaction. */
export async function lockImports(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(4080)`.execute(tx);
}

/** Which of these are some account's already. */
export async function takenIdentities(db: Db, wanted: { username: string; email: string; accessKeyHash: Buffer | null }): Promise<{ username: boolean; email: boolean; accessKey: boolean }> {
  const rows = await db
    .selectFrom("users")
    .select([sql<boolean>`lower(username) = ${wanted.username}`.as("username"), sql<boolean>`${wanted.email} <> '' and lower(email) = ${wanted.email}`.as("email"), sql<boolean | null>`access_key_hash = ${wanted.accessKeyHash}`.as("access_key")])
    .where((eb) => eb.or([sql<boolean>`lower(username) = ${wanted.username}`, sql<boolean>`${wanted.email} <> '' and lower(email) = ${wanted.email}`, sql<boolean>`access_key_hash = ${wanted.accessKeyHash}`]))
    .execute();
  return { username: rows.some((row) => row.username), email: rows.some((row) => row.email), accessKey: rows.some((row) => row.access_key === true) };
}
