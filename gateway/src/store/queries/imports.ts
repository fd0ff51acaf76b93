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

/** Which of these are some account's already. Each is asked by itself: an index answers each, and none all three. */
export async function takenIdentities(db: Db, { username, email, accessKeyHash }: { username: string; email: string; accessKeyHash: Buffer | null }): Promise<{ username: boolean; email: boolean; accessKey: boolean }> {
  const { rows } = await sql<{ username: boolean; email: boolean; accessKey: boolean }>`select exists (select from users where lower(username) = ${username}) as username,
    exists (select from users where email <> '' and lower(email) = ${email}) as email, exists (select from users where access_key_hash = ${accessKeyHash}::bytea) as "accessKey"`.execute(db);
  return rows[0] ?? { username: false, email: false, accessKey: false };
}
