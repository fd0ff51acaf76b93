import type { Db } from "../store/database.ts";
import { refundByVendorRef, refundsOf } from "../store/queries/order-refunds.ts";
import { endOrder, lockOrder, type OrderRow, setTold, setWaiting } from "../store/queries/orders.ts";
import { addPaymentEvent, judgePaymentEvent } from "../store/queries/payment-events.ts";
import type { CardDispute, CardEvent, CardSession } from "./card-events.ts";
import { giveBack, payOrder, takeBack } from "./settle.ts";

/** A payer who pays by bank debit or voucher has days for it: so long an order waits. */
const WAITING_MS = 14 * 86_400_000;

/** What came of an event. `repeated`: it was told before. `changed`: what it did to the order, for the audit log. */
export interface CardVerdict {
  verdict: string;
  open: boolean;
  order?: OrderRow;
  changed?: { action: string; after: Record<string, unknown> };
}

/** Takes in what Stripe tells, each event once. Events may come late, twice and out of turn. */
export async function takeCardEvent(tx: Db, event: CardEvent, now: Date): Promise<CardVerdict> {
  if (event.kind === "other") return { verdict: "other", open: false };
  if (event.kind === "unreadable") return takeUnreadable(tx, event);
  const about = "session" in event ? event.session : "dispute" in event ? event.dispute : undefined;
  const id = await addPaymentEvent(tx, {
    source: "stripe", externalId: event.id, kind: event.type, reference: "session" in event ? event.session.id : "dispute" in event ? event.dispute.id : event.kind === "refunded" ? event.paymentId : event.refundId,
    ...(about ? { currency: about.currency, amountMinor: about.amountMinor } : event.kind === "refunded" ? { currency: event.currency, amountMinor: event.refundedMinor } : {}),
  });
  if (id === undefined) return { verdict: "repeated", open: false };
  const judged = await judge(tx, event, now);
  await judgePaymentEvent(tx, id, { verdict: judged.verdict, open: judged.open, ...(judged.order ? { orderId: judged.order.id, digits: judged.order.digits } : {}), ...("dispute" in event ? { note: `${event.dispute.reason}, ${event.dispute.status}` } : event.kind === "refund-failed" ? { note: event.reason } : {}) });
  return judged;
}

/** It is written down for an operator and answered as taken: Stripe would send a refused one again for days, byte for byte the same (https://docs.stripe.com/webhooks#retries). */
async function takeUnreadable(tx: Db, { id: externalId, type, reference, orderId, fault }: Extract<CardEvent, { kind: "unreadable" }>): Promise<CardVerdict> {
  const id = await addPaymentEvent(tx, { source: "stripe", externalId, kind: type, reference });
  if (id === undefined) return { verdict: "repeated", open: false };
  const order = orderId === undefined ? undefined : await lockOrder(tx, { id: orderId });
  await judgePaymentEvent(tx, id, { verdict: "unreadable", open: true, note: fault, ...(order ? { orderId: order.id } : {}) });
  return { verdict: "unreadable", open: true, ...(order ? { order } : {}) };
}

function judge(tx: Db, event: Exclude<CardEvent, { kind: "other" | "unreadable" }>, now: Date): Promise<CardVerdict> {
  if ("session" in event) return ofSession(tx, event.kind, event.session, now);
  if ("dispute" in event) return ofDispute(tx, event.kind, event.dispute, now);
  return event.kind === "refunded" ? ofRefund(tx, event, now) : ofFailedRefund(tx, event.refundId, event.reason, now);
}

async function ofSession(tx: Db, kind: "paid" | "waiting" | "failed" | "expired", session: CardSession, now: Date): Promise<CardVerdict> {
  const order = await lockOrder(tx, { id: session.orderId });
  if (!order) return { verdict: "unknown", open: kind === "paid" };
  // Whatever was paid, the order says what had to be.
  if (order.method !== "stripe" || (order.session_id !== null && order.session_id !== session.id) || order.currency !== session.currency || BigInt(order.amount_minor) !== session.amountMinor) return { verdict: "mismatch", open: kind === "paid", order };
  if (order.state === "paid" || order.state === "refunded") {
    if (kind !== "paid") return { verdict: "late", open: false, order };
    return order.payment_id !== null && order.payment_id === session.paymentId ? { verdict: "repeated", open: false, order } : { verdict: "duplicate", open: true, order };
  }
  if (kind === "paid") {
    if (session.paymentId === undefined) return { verdict: "mismatch", open: true, order };
    await payOrder(tx, order, { minor: session.amountMinor, paymentId: session.paymentId, at: now });
    await bookTold(tx, order.id, now);
    return { verdict: "matched", open: false, order, changed: { action: "order.paid", after: { by: "stripe", payment: session.paymentId } } };
  }
  if (order.state !== "created") return { verdict: "late", open: false, order };
  if (kind === "waiting") {
    await setWaiting(tx, order.id, { paymentId: session.paymentId ?? null, sessionId: session.id, expiresAt: new Date(now.getTime() + WAITING_MS) });
    return { verdict: "waiting", open: false, order };
  }
  const state = kind === "failed" ? "cancelled" : "expired";
  await endOrder(tx, order.id, state, now);
  return { verdict: kind, open: false, order, changed: { action: `order.${state}`, after: { by: "stripe" } } };
}

async function ofRefund(tx: Db, event: Extract<CardEvent, { kind: "refunded" }>, now: Date): Promise<CardVerdict> {
  const order = (await lockOrder(tx, { paymentId: event.paymentId })) ?? (event.orderId === undefined ? undefined : await lockOrder(tx, { id: event.orderId }));
  if (!order || order.method !== "stripe" || order.currency !== event.currency) return { verdict: "unknown", open: false };
  await setTold(tx, order.id, event.refundedMinor);
  const booked = await bookTold(tx, order.id, now);
  return { verdict: "refunded", open: false, order, ...(booked > 0n ? { changed: { action: "order.refund", after: { by: "stripe", debited_nano: booked.toString() } } } : {}) };
}

/** Books what the payment service says it gave back beyond what was asked of it here. Gives what it took of the wallet, in nano-dollars. The order is locked. */
export async function bookTold(tx: Db, orderId: string, now: Date): Promise<bigint> {
  const order = await lockOrder(tx, { id: orderId });
  if (!order || order.state !== "paid") return 0n;
  const known = (await refundsOf(tx, orderId)).filter(({ kind, state }) => kind !== "dispute" && state !== "undone").reduce((sum, refund) => sum + BigInt(refund.amount_minor), 0n);
  const left = BigInt(order.paid_minor ?? "0") - BigInt(order.refunded_minor);
  const told = BigInt(order.told_minor) - known;
  const minor = told < left ? told : left;
  if (minor <= 0n) return 0n;
  const given = await giveBack(tx, order, { id: Bun.randomUUIDv7(), kind: "vendor", state: "done", minor, vendorRef: null, reason: "given back at the payment service", madeBy: null, at: now });
  return given.done ? given.debitedNano : 0n;
}

async function ofFailedRefund(tx: Db, vendorRef: string, reason: string, now: Date): Promise<CardVerdict> {
  const refund = await refundByVendorRef(tx, vendorRef);
  const order = refund && (await lockOrder(tx, { id: refund.order_id }));
  // Of one that was made in the dashboard we know no name: a person has to look whose it was.
  if (!refund || !order) return { verdict: "unknown", open: true };
  const undone = await takeBack(tx, order, (await refundByVendorRef(tx, vendorRef)) ?? refund, now);
  return { verdict: "refund-failed", open: true, order, ...(undone ? { changed: { action: "order.refund.undone", after: { refund: refund.id, reason } } } : {}) };
}

async function ofDispute(tx: Db, kind: "dispute-opened" | "dispute-taken" | "dispute-returned" | "dispute-closed", dispute: CardDispute, now: Date): Promise<CardVerdict> {
  const order = await lockOrder(tx, { paymentId: dispute.paymentId });
  if (!order || order.currency !== dispute.currency) return { verdict: "unknown", open: false };
  if (kind === "dispute-opened") return { verdict: kind, open: true, order };
  if (kind === "dispute-closed") return { verdict: kind, open: false, order };
  const taken = await refundByVendorRef(tx, dispute.id);
  if (kind === "dispute-returned") {
    if (!taken) return { verdict: "out-of-turn", open: true, order };
    const undone = await takeBack(tx, order, taken, now);
    return { verdict: kind, open: false, order, ...(undone ? { changed: { action: "order.dispute.returned", after: { dispute: dispute.id } } } : {}) };
  }
  const left = BigInt(order.paid_minor ?? "0") - BigInt(order.refunded_minor);
  const minor = dispute.amountMinor < left ? dispute.amountMinor : left;
  if (taken || minor <= 0n || order.state !== "paid") return { verdict: "out-of-turn", open: true, order };
  await giveBack(tx, order, { id: Bun.randomUUIDv7(), kind: "dispute", state: "done", minor, vendorRef: dispute.id, reason: dispute.reason, madeBy: null, at: now });
  return { verdict: kind, open: false, order, changed: { action: "order.dispute.taken", after: { dispute: dispute.id, reason: dispute.reason } } };
}
