import { sql } from "kysely";
import type { Db } from "../database.ts";

export interface BalanceNotice {
  belowNano: bigint;
  byMail: boolean;
  url: string | null;
}

/** What an account wants to hear; undefined: nothing. */
export async function balanceNoticeOf(db: Db, userId: string): Promise<BalanceNotice | undefined> {
  const row = await db.selectFrom("balance_notices").selectAll().where("user_id", "=", userId).executeTakeFirst();
  return row && { belowNano: BigInt(row.below_nano), byMail: row.by_mail, url: row.url };
}

/** Sets it; undefined: nothing any more. A wallet that is below it already is told of at the next look. */
export async function setBalanceNotice(db: Db, userId: string, notice: BalanceNotice | undefined): Promise<void> {
  if (notice === undefined) {
    await db.deleteFrom("balance_notices").where("user_id", "=", userId).execute();
    return;
  }
  const columns = { below_nano: notice.belowNano.toString(), by_mail: notice.byMail, url: notice.url, armed: true, updated_at: new Date() };
  await db.insertInto("balance_notices").values({ user_id: userId, ...columns }).onConflict((conflict) => conflict.column("user_id").doUpdateSet(columns)).execute();
}

/** What was told, or given up, is known for so long. */
const KEPT_DAYS = 30;
/** Any number; one process at a time looks for wallets that run low. */
const LOCK = 63;

/**
 * Writes down what is to be told of wallets that have fallen below their line since they were looked at last, once for each fall, in one statement with the mark that it is told; and marks those that have risen again. Gives how many fell. Of several processes one does it.
 */
export async function tellLowBalances(db: Db, nowMs: number): Promise<number> {
  const at = sql`to_timestamp(${nowMs / 1000})`;
  return db.transaction().execute(async (tx) => {
    const { rows: lock } = await sql<{ got: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as got`.execute(tx);
    if (!lock[0]?.got) return 0;
    await sql`update balance_notices n set armed = true from budgets b where b.kind = 'wallet' and b.owner_id = n.user_id and not n.armed and b.balance_nano >= n.below_nano`.execute(tx);
    await sql`delete from account_messages where due_at is null and created_at < ${at} - make_interval(days => ${KEPT_DAYS})`.execute(tx);
    const { rows } = await sql<{ user_id: string }>`
      with fallen as (
        update balance_notices n set armed = false from budgets b, users u
         where b.kind = 'wallet' and b.owner_id = n.user_id and u.id = n.user_id and u.status = 1 and n.armed and b.balance_nano < n.below_nano
        returning n.user_id, n.below_nano, b.balance_nano, n.by_mail and u.email <> '' and u.email_verified as by_mail, n.url),
      mails as (insert into account_messages (id, user_id, way, balance_nano, below_nano, created_at, due_at) select gen_random_uuid(), user_id, 'mail', balance_nano, below_nano, ${at}, ${at} from fallen where by_mail),
      hooks as (insert into account_messages (id, user_id, way, url, balance_nano, below_nano, created_at, due_at) select gen_random_uuid(), user_id, 'webhook', url, balance_nano, below_nano, ${at}, ${at} from fallen where url is not null)
      select user_id from fallen`.execute(tx);
    return rows.length;
  });
}

/** Something that is to be told to an account. */
export interface AccountMessage {
  id: string;
  userId: number;
  way: "mail" | "webhook";
  url: string | null;
  balanceNano: bigint;
  belowNano: bigint;
  attempts: number;
  createdAt: Date;
  /** the account's address as it is now; empty: none that is confirmed */
  email: string;
}

/** Takes messages that are due. They are due again after `leaseMs`. */
export async function claimMessages(db: Db, { nowMs, leaseMs, most }: { nowMs: number; leaseMs: number; most: number }): Promise<AccountMessage[]> {
  const { rows } = await sql<{ id: string; user_id: string; way: "mail" | "webhook"; url: string | null; balance_nano: string; below_nano: string; attempts: number; created_at: Date; email: string }>`
    with due as (select id from account_messages where due_at <= to_timestamp(${nowMs / 1000}) order by due_at limit ${most} for update skip locked)
    update account_messages m set due_at = to_timestamp(${(nowMs + leaseMs) / 1000}), attempts = m.attempts + 1 from due, users u where m.id = due.id and u.id = m.user_id
    returning m.id, m.user_id, m.way, m.url, m.balance_nano, m.below_nano, m.attempts, m.created_at, case when u.email_verified then u.email else '' end as email`.execute(db);
  return rows.map((row) => ({ id: row.id, userId: Number(row.user_id), way: row.way, url: row.url, balanceNano: BigInt(row.balance_nano), belowNano: BigInt(row.below_nano), attempts: row.attempts, createdAt: row.created_at, email: row.email }));
}

/** Notes how it went. `dueMs`: it is tried again then; undefined: it is over, well or given up. */
export async function noteMessage(db: Db, id: string, { nowMs, status, error, dueMs }: { nowMs: number; status?: number; error?: string; dueMs?: number }): Promise<void> {
  const now = new Date(nowMs);
  await db
    .updateTable("account_messages")
    .set({ due_at: dueMs === undefined ? null : new Date(dueMs), status: status ?? null, error: error?.slice(0, 500) ?? null, ...(error === undefined ? { delivered_at: now } : dueMs === undefined ? { given_up_at: now } : {}) })
    .where("id", "=", id)
    .execute();
}
