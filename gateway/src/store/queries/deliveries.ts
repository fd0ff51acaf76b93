import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { TaskState } from "../schema.ts";

/** A notice to a caller's own address that is to be sent. */
export interface Delivery {
  id: string;
  taskId: string;
  userId: number;
  url: string;
  state: TaskState;
  attempts: number;
}

/** Takes notices that are due, of each task the oldest one only, so that a caller hears of its states in order; of a receiver (`receiverOf`) at most `receiverMost` and of a user at most `userMost`, none of those in `full` and `fullUsers`. They are due again after `leaseMs`. */
export async function claimDeliveries(db: Db, { nowMs, leaseMs, most, receiverMost, userMost, full, fullUsers }: { nowMs: number; leaseMs: number; most: number; receiverMost: number; userMost: number; full: readonly string[]; fullUsers: readonly number[] }): Promise<Delivery[]> {
  const { rows } = await sql<{ id: string; task_id: string; user_id: string; url: string; state: TaskState; attempts: number }>`
    with ready as (
      select d.id, d.due_at, d.user_id, d.user_id || ' ' || substring(d.url from '^[^/]*//[^/?#]*') as receiver from webhook_deliveries d
       where d.due_at <= to_timestamp(${nowMs / 1000}) and not (d.user_id = any (${[...fullUsers]}::bigint[]))
         and not exists (select 1 from webhook_deliveries e where e.task_id = d.task_id and e.due_at is not null and (e.created_at, e.id) < (d.created_at, d.id))),
    ranked as (
      select r.id, r.due_at, row_number() over (partition by r.receiver order by r.due_at) as of_receiver, row_number() over (partition by r.user_id order by r.due_at) as of_user
        from ready r where not (r.receiver = any (${[...full]}::text[]))),
    due as (
      select d.id from webhook_deliveries d
       where d.id in (select k.id from ranked k where k.of_receiver <= ${receiverMost} and k.of_user <= ${userMost} order by k.due_at limit ${most}) and d.due_at <= to_timestamp(${nowMs / 1000}) for update skip locked)
    update webhook_deliveries w set due_at = to_timestamp(${(nowMs + leaseMs) / 1000}), attempts = w.attempts + 1 from due where w.id = due.id
    returning w.id, w.task_id, w.user_id, w.url, w.state, w.attempts`.execute(db);
  return rows.map((row) => ({ id: row.id, taskId: row.task_id, userId: Number(row.user_id), url: row.url, state: row.state, attempts: row.attempts }));
}

/** Who receives a notice, of one user. */
export const receiverOf = ({ userId, url }: Pick<Delivery, "userId" | "url">): string => `${userId} ${/^[^/]*\/\/[^/?#]*/.exec(url)?.[0] ?? ""}`;

/** Notes how a delivery went. `dueMs`: it is tried again then; undefined: it is over, well or given up. */
export async function noteDelivery(db: Db, id: string, { nowMs, status, error, dueMs }: { nowMs: number; status?: number; error?: string; dueMs?: number }): Promise<void> {
  const now = new Date(nowMs);
  const well = error === undefined;
  await db
    .updateTable("webhook_deliveries")
    .set({ due_at: dueMs === undefined ? null : new Date(dueMs), status: status ?? null, error: error?.slice(0, 500) ?? null, ...(well ? { delivered_at: now } : dueMs === undefined ? { given_up_at: now } : {}) })
    .where("id", "=", id)
    .execute();
}

/** Takes a notice away that its caller did not ask for. */
export async function dropDelivery(db: Db, id: string): Promise<void> {
  await db.deleteFrom("webhook_deliveries").where("id", "=", id).execute();
}

/** Deliveries of a task, oldest first. */
export function deliveriesOf(db: Db, taskId: string): Promise<{ id: string; url: string; state: string; attempts: number; status: number | null; error: string | null; created_at: Date; delivered_at: Date | null; given_up_at: Date | null }[]> {
  return db.selectFrom("webhook_deliveries").select(["id", "url", "state", "attempts", "status", "error", "created_at", "delivered_at", "given_up_at"]).where("task_id", "=", taskId).orderBy("created_at").orderBy("id").execute();
}
