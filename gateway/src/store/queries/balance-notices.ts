import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { WalletOwner } from "./money.ts";

export interface BalanceNotice {
  belowNano: bigint;
  byMail: boolean;
  url: string | null;
}

/** What the owner of a wallet wants to hear; undefined: nothing. */
export async function balanceNoticeOf(db: Db, { kind, id }: WalletOwner): Promise<BalanceNotice | undefined> {
  const row = await db.selectFrom("balance_notices").selectAll().where("kind", "=", kind).where("owner_id", "=", id).executeTakeFirst();
  return row && { belowNano: BigInt(row.below_nano), byMail: row.by_mail, url: row.url };
}

/** Sets it; undefined: nothing any more. A wallet that is below it already is told of at the next look. */
export async function setBalanceNotice(db: Db, { kind, id }: WalletOwner, notice: BalanceNotice | undefined): Promise<void> {
  if (notice === undefined) {
    await db.deleteFrom("balance_notices").where("kind", "=", kind).where("owner_id", "=", id).execute();
    return;
  }
  const columns = { below_nano: notice.belowNano.toString(), by_mail: notice.byMail, url: notice.url, armed: true, updated_at: new Date() };
  await db.insertInto("balance_notices").values({ kind, owner_id: id, ...columns }).onConflict((conflict) => conflict.columns(["kind", "owner_id"]).doUpdateSet(columns)).execute();
}

/** Nothing more is told, not even what is under way: of an account or organisation that ends. */
export async function forgetNotices(tx: Db, owner: WalletOwner): Promise<void> {
  await setBalanceNotice(tx, owner, undefined);
  await tx.deleteFrom("account_messages").where(owner.kind === "wallet" ? "user_id" : "organisation_id", "=", owner.id).execute();
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
    await sql`update balance_notices n set armed = true from budgets b where b.kind = n.kind and b.owner_id = n.owner_id and not n.armed and b.balance_nano >= n.below_nano`.execute(tx);
    await sql`delete from account_messages where due_at is null and created_at < ${at} - make_interval(days => ${KEPT_DAYS})`.execute(tx);
    const { rows } = await sql`
      with fallen as (
        update balance_notices n set armed = false from budgets b
         where b.kind = n.kind and b.owner_id = n.owner_id and n.armed and b.balance_nano < n.below_nano
           and (exists (select from users u where n.kind = 'wallet' and u.id = n.owner_id and u.status = 1) or exists (select from organisations o where n.kind = 'organisation' and o.id = n.owner_id and o.status = 1 and o.deleted_at is null))
        returning n.kind, n.owner_id, n.below_nano, b.balance_nano, n.by_mail, n.url, case when n.kind = 'organisation' then n.owner_id end as organisation_id),
      readers as (
        select f.*, u.id as user_id from fallen f left join members m on m.organisation_id = f.organisation_id and m.role in ('owner', 'admin')
          join users u on u.id = case when f.kind = 'wallet' then f.owner_id else m.user_id end and u.status = 1 and u.email <> '' and u.email_verified
         where f.by_mail),
      mails as (insert into account_messages (id, user_id, organisation_id, way, balance_nano, below_nano, created_at, due_at) select gen_random_uuid(), user_id, organisation_id, 'mail', balance_nano, below_nano, ${at}, ${at} from readers),
      hooks as (
        insert into account_messages (id, user_id, organisation_id, way, url, balance_nano, below_nano, created_at, due_at)
        select gen_random_uuid(), case when kind = 'wallet' then owner_id end, organisation_id, 'webhook', url, balance_nano, below_nano, ${at}, ${at} from fallen where url is not null)
      select from fallen`.execute(tx);
    return rows.length;
  });
}

/** Something that is to be told of a wallet. */
export interface AccountMessage {
  id: string;
  /** undefined: the account's own wallet */
  organisation: { id: number; name: string } | undefined;
  /** who reads it; undefined: a notice to an organisation's address */
  userId: number | undefined;
  way: "mail" | "webhook";
  url: string | null;
  balanceNano: bigint;
  belowNano: bigint;
  attempts: number;
  createdAt: Date;
  /** the reader's address as it is now; empty: none that is confirmed, or not his to read any more */
  email: string;
}

/** Takes messages that are due. They are due again after `leaseMs`. */
export async function claimMessages(db: Db, { nowMs, leaseMs, most }: { nowMs: number; leaseMs: number; most: number }): Promise<AccountMessage[]> {
  const { rows } = await sql<{ id: string; user_id: string | null; organisation_id: string | null; name: string | null; way: "mail" | "webhook"; url: string | null; balance_nano: string; below_nano: string; attempts: number; created_at: Date; email: string | null }>`
    with due as (select id from account_messages where due_at <= to_timestamp(${nowMs / 1000}) order by due_at limit ${most} for update skip locked),
    claimed as (update account_messages m set due_at = to_timestamp(${(nowMs + leaseMs) / 1000}), attempts = m.attempts + 1 from due where m.id = due.id returning m.*)
    select c.id, c.user_id, c.organisation_id, o.name, c.way, c.url, c.balance_nano, c.below_nano, c.attempts, c.created_at, u.email
      from claimed c left join organisations o on o.id = c.organisation_id
      left join users u on u.id = c.user_id and u.email_verified
        and (c.organisation_id is null or exists (select from members m where m.organisation_id = c.organisation_id and m.user_id = u.id and m.role in ('owner', 'admin')))`.execute(db);
  return rows.map((row) => ({
    id: row.id, organisation: row.organisation_id === null ? undefined : { id: Number(row.organisation_id), name: row.name ?? "" }, userId: row.user_id === null ? undefined : Number(row.user_id), way: row.way, url: row.url,
    balanceNano: BigInt(row.balance_nano), belowNano: BigInt(row.below_nano), attempts: row.attempts, createdAt: row.created_at, email: row.email ?? "",
  }));
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
