import { sql } from "kysely";
import { type Db, inTransaction } from "../database.ts";
import type { OrderState, PaymentMethod } from "../schema.ts";

export interface NewOrder {
  id: string;
  number: string;
  userId: string;
  organisationId: string | null;
  method: PaymentMethod;
  usdNano: bigint;
  bonusPpm: number;
  bonusNano: bigint;
  currency: string;
  digits: number;
  rateMicro: bigint;
  amountMinor: bigint;
  createdAt: Date;
  expiresAt: Date;
}

export type OrderRow = NonNullable<Awaited<ReturnType<typeof orderOf>>>;

const ofAll = (db: Db) =>
  db
    .selectFrom("orders as o")
    .innerJoin("users as u", "u.id", "o.user_id")
    .leftJoin("organisations as g", "g.id", "o.organisation_id")
    .selectAll("o")
    .select(["u.username", "u.display_name", "u.email", "g.name as organisation", "g.deleted_at as organisation_ended_at"]);

/** One order; undefined when there is none, or none of that account. */
export function orderOf(db: Db, by: { id: string; userId?: string } | { number: string }) {
  let query = ofAll(db);
  query = "id" in by ? query.where("o.id", "=", by.id) : query.where("o.number", "=", by.number);
  if ("userId" in by && by.userId !== undefined) query = query.where("o.user_id", "=", by.userId);
  return query.executeTakeFirst();
}

/** One order, locked until the transaction ends: whoever wants to change it waits. */
export async function lockOrder(tx: Db, by: { id: string } | { numbers: readonly string[] } | { paymentId: string }): Promise<OrderRow | undefined> {
  let query = tx.selectFrom("orders").select("id");
  query = "id" in by ? query.where("id", "=", by.id) : "paymentId" in by ? query.where("payment_id", "=", by.paymentId) : query.where("number", "in", by.numbers.length === 0 ? [""] : by.numbers);
  // Two would be locked in one order; and which of them is meant nobody can say.
  const found = await query.orderBy("id").limit(2).forUpdate().execute();
  return found.length === 1 && found[0] ? orderOf(tx, { id: found[0].id }) : undefined;
}

/** Makes an order, unless the account has `openMax` open ones, or made `dayMax` since `since`; then undefined. */
export function addOrder(db: Db, order: NewOrder, limits: { openMax: number; dayMax: number; since: Date }): Promise<OrderRow | undefined> {
  return inTransaction(db, async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${order.userId}, 61))`.execute(tx);
    const { rows } = await sql<{ open: string; made: string }>`select count(*) filter (where state = 'created' and expires_at > ${order.createdAt}) as open, count(*) filter (where created_at > ${limits.since}) as made
      from orders where user_id = ${order.userId}::bigint and (state = 'created' or created_at > ${limits.since})`.execute(tx);
    if (Number(rows[0]?.open) >= limits.openMax || Number(rows[0]?.made) >= limits.dayMax) return undefined;
    await tx
      .insertInto("orders")
      .values({
        id: order.id, number: order.number, user_id: order.userId, organisation_id: order.organisationId, method: order.method, usd_nano: order.usdNano.toString(), bonus_ppm: order.bonusPpm, bonus_nano: order.bonusNano.toString(),
        currency: order.currency, digits: order.digits, rate_micro: order.rateMicro.toString(), amount_minor: order.amountMinor.toString(), created_at: order.createdAt, expires_at: order.expiresAt,
      })
      .execute();
    return orderOf(tx, { id: order.id });
  });
}

/** Orders, newest first; `before`: only those with a smaller id. */
export function listOrders(db: Db, filter: { limit: number; before?: string | undefined; userId?: string | undefined; organisationId?: string | undefined; state?: OrderState | undefined; method?: PaymentMethod | undefined; number?: string | undefined }): Promise<OrderRow[]> {
  let query = ofAll(db).orderBy("o.id", "desc").limit(filter.limit);
  if (filter.before !== undefined) query = query.where("o.id", "<", filter.before);
  if (filter.userId !== undefined) query = query.where("o.user_id", "=", filter.userId);
  if (filter.organisationId !== undefined) query = query.where("o.organisation_id", "=", filter.organisationId);
  if (filter.state !== undefined) query = query.where("o.state", "=", filter.state);
  if (filter.method !== undefined) query = query.where("o.method", "=", filter.method);
  if (filter.number !== undefined) query = query.where("o.number", "=", filter.number);
  return query.execute();
}

/** Where an order is paid by card. */
export async function setCheckout(db: Db, id: string, checkout: { sessionId: string; payUrl: string }): Promise<void> {
  await db.updateTable("orders").set({ session_id: checkout.sessionId, pay_url: checkout.payUrl }).where("id", "=", id).execute();
}

/** The payer has done his part: the order waits for the money, at most until `expiresAt`. */
export async function setWaiting(tx: Db, id: string, wait: { paymentId: string | null; sessionId: string; expiresAt: Date }): Promise<void> {
  await tx.updateTable("orders").set({ waiting: true, payment_id: wait.paymentId, session_id: wait.sessionId, expires_at: wait.expiresAt }).where("id", "=", id).execute();
}

/** How much of an order its payment service says was given back in all; it never becomes less. */
export async function setTold(tx: Db, id: string, refundedMinor: bigint): Promise<void> {
  await tx.updateTable("orders").set({ told_minor: sql<string>`greatest(told_minor, ${refundedMinor.toString()}::bigint)` }).where("id", "=", id).execute();
}

/** An order that is locked fills the wallet of the account that made it. */
export async function setOwnWallet(tx: Db, id: string): Promise<void> {
  await tx.updateTable("orders").set({ organisation_id: null }).where("id", "=", id).execute();
}

/** An order that is locked is paid. */
export async function setPaid(tx: Db, id: string, paid: { paidMinor: bigint; creditNano: bigint; bonusNano: bigint; paymentId?: string; at: Date }): Promise<void> {
  await tx
    .updateTable("orders")
    .set({
      state: "paid", waiting: false, paid_minor: paid.paidMinor.toString(), credited_nano: paid.creditNano.toString(), credited_bonus_nano: paid.bonusNano.toString(), paid_at: paid.at, ended_at: null,
      ...(paid.paymentId === undefined ? {} : { payment_id: paid.paymentId }),
    })
    .where("id", "=", id)
    .execute();
}

/** Ends an order that is not paid. Gives false when it is not open any more. */
export async function endOrder(db: Db, id: string, state: "expired" | "cancelled", at: Date): Promise<boolean> {
  const result = await db.updateTable("orders").set({ state, waiting: false, ended_at: at }).where("id", "=", id).where("state", "=", "created").executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Ends open orders whose time is over. Gives how many. */
export async function expireOrders(db: Db, now: Date): Promise<number> {
  const result = await db.updateTable("orders").set({ state: "expired", waiting: false, ended_at: now }).where("state", "=", "created").where("expires_at", "<=", now).executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export interface PaymentCheck {
  ordersNano: bigint;
  codesNano: bigint;
  ledgerOrdersNano: bigint;
  ledgerCodesNano: bigint;
  /** numbers of orders whose credit differs from their ledger entries; at most a hundred */
  wrongOrders: string[];
}

/** What orders and codes say was credited, and what the ledger says: what must agree at any time. */
export async function checkPayments(db: Db): Promise<PaymentCheck> {
  const { rows } = await sql<{ orders: string; codes: string; ledger_orders: string; ledger_codes: string }>`select
    (select coalesce(sum(credited_nano + credited_bonus_nano - debited_nano), 0) from orders) as orders,
    (select coalesce(sum(b.amount_nano), 0) from redemption_codes c join code_batches b on b.id = c.batch_id where c.redeemed_at is not null) as codes,
    (select coalesce(sum(case when kind = 'order-refund' then -amount_nano else amount_nano end), 0) from ledger where kind in ('top-up', 'bonus', 'order-refund', 'order-refund-undone')) as ledger_orders,
    (select coalesce(sum(amount_nano), 0) from ledger where kind = 'redemption') as ledger_codes`.execute(db);
  const { rows: wrong } = await sql<{ number: string }>`
    with entries as (
      select l.ref as ref, l.amount_nano as nano from ledger l where l.kind in ('top-up', 'bonus')
      union all select 'order:' || o.number, case when l.kind = 'order-refund' then -l.amount_nano else l.amount_nano end from ledger l join order_refunds r on l.ref = 'refund:' || r.id join orders o on o.id = r.order_id where l.kind in ('order-refund', 'order-refund-undone'))
    select o.number from orders o where o.paid_minor is not null and o.credited_nano + o.credited_bonus_nano - o.debited_nano <> (select coalesce(sum(e.nano), 0) from entries e where e.ref = 'order:' || o.number) order by o.id limit 100`.execute(db);
  const [sums] = rows;
  return { ordersNano: BigInt(sums?.orders ?? 0), codesNano: BigInt(sums?.codes ?? 0), ledgerOrdersNano: BigInt(sums?.ledger_orders ?? 0), ledgerCodesNano: BigInt(sums?.ledger_codes ?? 0), wrongOrders: wrong.map((row) => row.number) };
}
