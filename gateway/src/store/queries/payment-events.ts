import type { Db } from "../database.ts";
import type { PaymentMethod } from "../schema.ts";

/** What a payment service told. */
export interface NewPaymentEvent {
  source: PaymentMethod;
  externalId: string;
  kind: string;
  currency?: string;
  digits?: number;
  amountMinor?: bigint;
  account?: string;
  content?: string;
  reference?: string;
}

/** Longest text kept of a transfer. */
const TEXT_MAX = 500;

/** Writes down that something was told; undefined when it was told before, and so counts no more. Another that is told the same at this moment waits here. */
export async function addPaymentEvent(tx: Db, event: NewPaymentEvent): Promise<string | undefined> {
  const row = await tx
    .insertInto("payment_events")
    .values({
      source: event.source, external_id: event.externalId, kind: event.kind, verdict: "received", state: "done", currency: event.currency ?? null, digits: event.digits ?? null, amount_minor: event.amountMinor?.toString() ?? null,
      account: event.account?.slice(0, TEXT_MAX) ?? null, content: event.content?.slice(0, TEXT_MAX) ?? "", reference: event.reference?.slice(0, TEXT_MAX) ?? "",
    })
    .onConflict((conflict) => conflict.columns(["source", "external_id"]).doNothing())
    .returning("id")
    .executeTakeFirst();
  return row?.id;
}

/** What came of it. `open`: somebody has to look at it. */
export async function judgePaymentEvent(tx: Db, id: string, { verdict, open, orderId, digits, note }: { verdict: string; open: boolean; orderId?: string; digits?: number; note?: string }): Promise<void> {
  await tx.updateTable("payment_events").set({ verdict, state: open ? "open" : "done", order_id: orderId ?? null, note: note ?? "", ...(digits === undefined ? {} : { digits }) }).where("id", "=", id).execute();
}

const all = (db: Db) => db.selectFrom("payment_events as e").leftJoin("orders as o", "o.id", "e.order_id").selectAll("e").select("o.number as order_number");
export type PaymentEventRow = Awaited<ReturnType<typeof eventsOf>>[number];

/** What was told of an order, oldest first. */
export const eventsOf = (db: Db, orderId: string) => all(db).where("e.order_id", "=", orderId).orderBy("e.id").execute();

/** What was told, newest first; `before`: only those with a smaller id. */
export function listPaymentEvents(db: Db, filter: { limit: number; before?: string | undefined; open?: boolean | undefined; source?: PaymentMethod | undefined; id?: string }): Promise<PaymentEventRow[]> {
  let query = all(db).orderBy("e.id", "desc").limit(filter.limit);
  if (filter.id !== undefined) query = query.where("e.id", "=", filter.id);
  if (filter.before !== undefined) query = query.where("e.id", "<", filter.before);
  if (filter.open !== undefined) query = query.where("e.state", filter.open ? "=" : "<>", "open");
  if (filter.source !== undefined) query = query.where("e.source", "=", filter.source);
  return query.execute();
}

/** Closes what was open. Gives what it was; undefined when there is none that is open. */
export function closePaymentEvent(tx: Db, id: string, close: { state: "settled" | "dismissed"; note: string; by: string; at: Date; orderId?: string }) {
  return tx
    .updateTable("payment_events")
    .set({ state: close.state, note: close.note, closed_by: close.by, closed_at: close.at, ...(close.orderId === undefined ? {} : { order_id: close.orderId }) })
    .where("id", "=", id)
    .where("state", "=", "open")
    .returningAll()
    .executeTakeFirst();
}
