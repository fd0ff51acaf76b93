import { sql } from "kysely";
import { type Db, inTransaction } from "../database.ts";
import { forgetNotices } from "./balance-notices.ts";
import { FIRST_ID, firstIdOf, LAST_ID } from "./request-ids.ts";

/** 1 active, 2 disabled, 3 deleted. */
export const USER_STATUS = { active: 1, disabled: 2, deleted: 3 } as const;

/**
 * Deletes an account: names, address, credentials, sessions, kept answers and captured bodies, what its tasks were asked and what came of them, addresses and metadata of its requests, invitations to its address and the words of its transfers are gone; its row, ledger and
 * charges stay, as books must. Tasks under way end at their next turn, and are emptied by `emptyDeletedAccounts`. Gives `sole owner` when an organisation would be
 * without an owner, `last` when the gateway would.
 */
export async function removeAccount(db: Db, userId: string): Promise<"done" | "sole owner" | "last"> {
  const result = await remove(db, userId);
  if (result === "done") {
    await scrubRequests(db, userId);
    await emptyTasks(db, userId);
  }
  return result;
}

/** Tasks and requests under way of an account that is deleted end in a day, and are looked at for another for what comes late; after this nothing of them changes. */
const SETTLE_DAYS = 3;
/** A request whose row came after the deletion did not begin earlier before it than this. */
const REQUEST_MS_MAX = 86_400_000;

/** Empties tasks and requests that were still under way when their accounts were deleted. */
export async function emptyDeletedAccounts(db: Db): Promise<void> {
  const users = await db.selectFrom("users").select(["id", "deleted_at"]).where("deleted_at", ">", sql<Date>`now() - make_interval(days => ${SETTLE_DAYS})`).execute();
  for (const { id, deleted_at: deletedAt } of users) {
    await scrubRequests(db, id, firstIdOf((deletedAt?.getTime() ?? 0) - REQUEST_MS_MAX));
    await emptyTasks(db, id);
  }
}

/** Takes out of an account's ended tasks what was asked, what came of it and where notices went; the charge and how it came about stay. */
async function emptyTasks(db: Db, userId: string): Promise<void> {
  for (let after = FIRST_ID; ; ) {
    const { rows } = await sql<{ last: string | null }>`with part as materialized (
        select id, request_id, phase = 'ended' and not exists (select from task_turns n where n.task_id = t.id) as rests from tasks t
         where (user_id, request_id) > (${userId}::bigint, ${after}::uuid) and (user_id, request_id) <= (${userId}::bigint, ${LAST_ID}::uuid) order by user_id, request_id limit ${SCRUBBED_MAX}),
      emptied as (update tasks t set request = '{}', outputs = '[]', answer = null, memo = null, notify_url = null, error_text = null, error_detail = null, idempotency_key = null, request_hash = null, deleted_at = coalesce(t.deleted_at, now())
        from part p where t.id = p.id and p.rests and (t.request::text <> '{}' or t.deleted_at is null)),
      notices as (delete from webhook_deliveries d using part p where d.task_id = p.id and p.rests),
      late as (update late_results l set outputs = '[]' from part p where l.task_id = p.id and p.rests and l.outputs::text <> '[]')
      select max(request_id::text) as last from part`.execute(db);
    const last = rows[0]?.last;
    if (last === null || last === undefined) return;
    after = last;
  }
}

/** Rows changed in one statement. */
const SCRUBBED_MAX = 5_000;

/** Takes out of an account's requests what is personal: where they came from, and what was said of them. In parts, since there may be millions. `from`: those with a larger id. */
async function scrubRequests(db: Db, userId: string, from = FIRST_ID): Promise<void> {
  for (let after = from; ; ) {
    const { rows } = await sql<{ last: string | null }>`with part as materialized (
        select id from requests where (user_id, id) > (${userId}::bigint, ${after}::uuid) and (user_id, id) <= (${userId}::bigint, ${LAST_ID}::uuid) order by user_id, id limit ${SCRUBBED_MAX}),
      scrubbed as (update requests r set ip = null, metadata = null from part p where r.id = p.id and (r.ip is not null or r.metadata is not null))
      select max(id::text) as last from part`.execute(db);
    const last = rows[0]?.last;
    if (last === null || last === undefined) return;
    after = last;
  }
}

function remove(db: Db, userId: string): Promise<"done" | "sole owner" | "last"> {
  return inTransaction(db, async (tx) => {
    // Owners of the gateway in one order: of two who leave at once, one stays.
    const owners = await tx.selectFrom("users").select("id").where("role", "=", 100).where("status", "=", USER_STATUS.active).orderBy("id").forUpdate().execute();
    if (owners.length === 1 && owners[0]?.id === userId) return "last";
    const { rows: alone } = await sql`select m.organisation_id from members m join organisations o on o.id = m.organisation_id and o.deleted_at is null
      where m.user_id = ${userId}::bigint and m.role = 'owner' and not exists (select from members c where c.organisation_id = m.organisation_id and c.role = 'owner' and c.user_id <> m.user_id)`.execute(tx);
    if (alone.length > 0) return "sole owner";
    const now = new Date();
    await forgetAddress(tx, userId);
    await tx
      .updateTable("users")
      .set({ username: `deleted-${userId}`, display_name: "", email: "", email_verified: false, image: null, access_key_hash: null, two_factor_enabled: false, status: USER_STATUS.deleted, deleted_at: now, updated_at: now })
      .where("id", "=", userId)
      .execute();
    for (const table of ["auth_accounts", "auth_sessions", "auth_two_factors", "auth_passkeys", "members"] as const) await tx.deleteFrom(table).where("user_id", "=", userId).execute();
    await tx.deleteFrom("auth_verifications").where("value", "=", userId).execute();
    await tx.deleteFrom("stored_responses").where("user_id", "=", userId).execute();
    await forgetNotices(tx, { kind: "wallet", id: userId });
    await tx.deleteFrom("captured_bodies").where("user_id", "=", userId).execute();
    // Money held for tasks goes back, and nobody is told of them.
    await sql`update tasks set deadline_at = least(deadline_at, ${now}), notify_url = null, deleted_at = coalesce(deleted_at, ${now}) where user_id = ${userId}::bigint and phase <> 'ended'`.execute(tx);
    await sql`update task_turns n set due_at = least(due_at, ${now}) from tasks t where t.id = n.task_id and n.holder is null and t.user_id = ${userId}::bigint and t.phase <> 'ended'`.execute(tx);
    await sql`delete from webhook_deliveries d using tasks t where t.id = d.task_id and t.user_id = ${userId}::bigint and t.phase <> 'ended'`.execute(tx);
    // A key's name may be a person's; its digest and ends are nobody's any more.
    await tx.updateTable("api_keys").set({ name: "", deleted_at: sql<Date>`coalesce(deleted_at, now())`, allow_ips: null }).where("user_id", "=", userId).execute();
    await tx.updateTable("sign_up_invitations").set({ email: "", note: "" }).where("used_by", "=", userId).execute();
    await tx.updateTable("organisation_invitations").set({ email: "" }).where("accepted_by", "=", userId).execute();
    // What a bank said with a transfer names who sent it. What is open yet, an operator has to read.
    await sql`update payment_events e set content = '', reference = '' from orders o where o.id = e.order_id and o.user_id = ${userId}::bigint and e.state <> 'open'`.execute(tx);
    return "done";
  });
}

/** Invitations to the account's address that nobody used: they are over, and the address is gone. */
async function forgetAddress(tx: Db, userId: string): Promise<void> {
  await sql`delete from organisation_invitations i using users u where u.id = ${userId}::bigint and u.email <> '' and lower(i.email) = lower(u.email) and i.accepted_by is null`.execute(tx);
  await sql`delete from sign_up_invitations i using users u where u.id = ${userId}::bigint and u.email <> '' and lower(i.email) = lower(u.email) and i.used_by is null`.execute(tx);
}
