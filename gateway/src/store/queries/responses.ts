import { sql } from "kysely";
import type { Db } from "../database.ts";

export interface ResponseRow {
  id: string;
  userId: number;
  keyId: number;
  model: string;
  itemIds: readonly string[];
  sealed: Buffer;
  createdAt: Date;
  expiresAt: Date;
}

/** Keeps a response; one that is there already stays as it is. */
export async function saveResponse(db: Db, row: ResponseRow): Promise<void> {
  await db
    .insertInto("stored_responses")
    .values({
      user_id: String(row.userId), id: row.id, key_id: String(row.keyId), model: row.model, item_ids: [...row.itemIds], sealed: row.sealed,
      created_at: row.createdAt, expires_at: row.expiresAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The sealed content of a user's response; undefined when there is none or its time is over. */
export async function sealedResponse(db: Db, userId: number, id: string, now: Date): Promise<Buffer | undefined> {
  const row = await db.selectFrom("stored_responses").select("sealed").where("user_id", "=", String(userId)).where("id", "=", id).where("expires_at", ">", now).executeTakeFirst();
  return row?.sealed;
}

/** Those of a user's responses that brought any of these items. */
export const responsesWithItems = (db: Db, userId: number, itemIds: readonly string[], now: Date): Promise<{ id: string; sealed: Buffer }[]> =>
  db
    .selectFrom("stored_responses")
    .select(["id", "sealed"])
    .where("user_id", "=", String(userId))
    .where("expires_at", ">", now)
    .where(sql<boolean>`item_ids && ${[...itemIds]}::text[]`)
    .execute();

/** Deletes a user's response; gives false when there was none. */
export async function deleteResponse(db: Db, userId: number, id: string, now: Date): Promise<boolean> {
  const result = await db.deleteFrom("stored_responses").where("user_id", "=", String(userId)).where("id", "=", id).where("expires_at", ">", now).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Deletes up to `most` responses whose time is over; gives how many. */
export async function sweepResponses(db: Db, now: Date, most: number): Promise<number> {
  const result = await sql`
    delete from stored_responses where (user_id, id) in (
      select user_id, id from stored_responses where expires_at <= ${now} limit ${most} for update skip locked)`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}
