import { sql } from "kysely";
import type { Db } from "../database.ts";

export interface CapturedRow {
  requestId: string;
  userId: number;
  keyId: number;
  sealed: Buffer;
  days: number;
}

/** Keeps captured bodies, for as long as each is to live. */
export async function saveCaptured(db: Db, rows: readonly CapturedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into captured_bodies (request_id, user_id, key_id, sealed, expires_at)
    select r.id, r.user_id, r.key_id, r.sealed, now() + r.days * interval '1 day'
      from unnest(${rows.map((row) => row.requestId)}::uuid[], ${rows.map((row) => row.userId)}::bigint[], ${rows.map((row) => row.keyId)}::bigint[], ${rows.map((row) => row.sealed)}::bytea[], ${rows.map((row) => row.days)}::int[]) as r (id, user_id, key_id, sealed, days)
     -- Whoever has switched it off meanwhile has none kept.
     where exists (select from api_keys k where k.id = r.key_id and k.capture_days is not null and k.deleted_at is null)
    on conflict do nothing`.execute(db);
}

/** What was captured of a request of a user's, while it lives. */
export const capturedBodies = (db: Db, userId: string, requestId: string): Promise<{ sealed: Buffer; key_id: string; created_at: Date; expires_at: Date } | undefined> =>
  db.selectFrom("captured_bodies").select(["sealed", "key_id", "created_at", "expires_at"]).where("request_id", "=", requestId).where("user_id", "=", userId).where("expires_at", ">", sql<Date>`now()`).executeTakeFirst();

/** Sets for how many days bodies of a user's key are kept; undefined: none are, and those that were are gone. Gives false when the user has no such key. */
export async function setCapture(db: Db, userId: string, keyId: string, days: number | undefined): Promise<boolean> {
  const result = await db.updateTable("api_keys").set({ capture_days: days ?? null }).where("id", "=", keyId).where("user_id", "=", userId).where("deleted_at", "is", null).executeTakeFirst();
  if (result.numUpdatedRows === 0n) return false;
  if (days === undefined) await db.deleteFrom("captured_bodies").where("key_id", "=", keyId).execute();
  return true;
}

/** Removes what is over its time, and what belongs to keys that are deleted. */
export async function sweepCaptured(db: Db): Promise<void> {
  await sql`delete from captured_bodies where expires_at <= now() or key_id in (select id from api_keys where deleted_at is not null)`.execute(db);
}
