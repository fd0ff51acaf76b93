import { GatewayError } from "../errors/gateway-error.ts";
import type { Db } from "../store/database.ts";
import { creditOwner, debitFree, type WalletOwner } from "../store/queries/money.ts";
import { addRefund, type RefundRow, undoRefund } from "../store/queries/order-refunds.ts";
import { type OrderRow, setOwnWallet, setPaid } from "../store/queries/orders.ts";
import { creditFor, debitFor } from "./amounts.ts";

/** The moves of money that orders make. Each is part of the caller's transaction, in which the order is locked; so an order is credited once, however many say that it is paid. */

/** Whose wallet an order fills. */
export const ownerOf = (order: OrderRow): WalletOwner => (order.organisation_id === null ? { kind: "wallet", id: order.user_id } : { kind: "organisation", id: order.organisation_id });

/** Kinds of ledger entries: `top-up` and `bonus` by `order:<number>`, `order-refund` and `order-refund-undone` by `refund:<id>`. */
const refOf = (order: OrderRow): string => `order:${order.number}`;
const refundRef = (id: string): string => `refund:${id}`;

/** An order that is not paid becomes paid, and its wallet is credited. Gives what was credited. Throws GatewayError when it is paid already, or when nothing is worth crediting. */
export async function payOrder(tx: Db, made: OrderRow, paid: { minor: bigint; paymentId?: string; at: Date }): Promise<{ creditNano: bigint; bonusNano: bigint }> {
  // Of an organisation that has ended nobody could spend it.
  const order = made.organisation_ended_at === null ? made : { ...made, organisation_id: null };
  if (made.organisation_ended_at !== null) await setOwnWallet(tx, made.id);
  if (order.state === "paid" || order.state === "refunded") throw new GatewayError("conflict", { publicText: "The order is paid already." });
  const { creditNano, bonusNano } = creditFor({ usdNano: BigInt(order.usd_nano), bonusPpm: order.bonus_ppm, bonusNano: BigInt(order.bonus_nano), amountMinor: BigInt(order.amount_minor), rateMicro: BigInt(order.rate_micro), digits: order.digits }, paid.minor);
  if (creditNano <= 0n) throw new GatewayError("invalidRequest", { publicText: "This amount is worth no credit." });
  await setPaid(tx, order.id, { paidMinor: paid.minor, creditNano, bonusNano, at: paid.at, ...(paid.paymentId === undefined ? {} : { paymentId: paid.paymentId }) });
  for (const [kind, amountNano] of [["top-up", creditNano], ["bonus", bonusNano]] as const)
    if (amountNano > 0n && !(await creditOwner(tx, ownerOf(order), { amountNano, kind, ref: refOf(order), reason: `${kind === "bonus" ? "bonus of order" : "order"} ${order.number}` }))) throw new Error(`order ${order.number} was credited before`);
  return { creditNano, bonusNano };
}

export interface GivingBack {
  id: string;
  kind: RefundRow["kind"];
  state: "pending" | "done";
  minor: bigint;
  vendorRef: string | null;
  reason: string;
  madeBy: string | null;
  at: Date;
}

/**
 * Money of a paid order is given back: its share of the credit leaves the wallet. What we give back ourselves only as far as the wallet has it free; what a payment service or a bank has taken already is booked in full, and the wallet may be below nothing then.
 * Gives false when the wallet does not have it.
 */
export async function giveBack(tx: Db, order: OrderRow, refund: GivingBack): Promise<{ done: true; debitedNano: bigint } | { done: false; leasedNano: bigint }> {
  const [paid, before] = [BigInt(order.paid_minor ?? "0"), BigInt(order.refunded_minor)];
  if (order.state !== "paid" || refund.minor <= 0n || before + refund.minor > paid) throw new GatewayError("invalidRequest", { publicText: "More would be given back than was paid and is left.", param: "amount" });
  const debitedNano = debitFor(BigInt(order.credited_nano) + BigInt(order.credited_bonus_nano), paid, before + refund.minor) - BigInt(order.debited_nano);
  const move = { kind: "order-refund", ref: refundRef(refund.id), reason: `${refund.kind === "dispute" ? "dispute" : "refund"} of order ${order.number}` };
  if (debitedNano > 0n && refund.kind === "refund") {
    const taken = await debitFree(tx, ownerOf(order), { ...move, amountNano: debitedNano });
    if (!taken.moved) return { done: false, leasedNano: taken.leasedNano };
  } else if (debitedNano > 0n) await creditOwner(tx, ownerOf(order), { ...move, amountNano: -debitedNano });
  await addRefund(tx, order, { id: refund.id, kind: refund.kind, state: refund.state, amountMinor: refund.minor, debitedNano, vendorRef: refund.vendorRef, reason: refund.reason, madeBy: refund.madeBy, at: refund.at });
  return { done: true, debitedNano };
}

/** Money that was to be given back stays, or came back: so does the credit. Once; gives whether this was the time. */
export async function takeBack(tx: Db, order: OrderRow, refund: RefundRow, at: Date): Promise<boolean> {
  if (refund.state === "undone") return false;
  const amountNano = BigInt(refund.debited_nano);
  if (amountNano > 0n) await creditOwner(tx, ownerOf(order), { amountNano, kind: "order-refund-undone", ref: refundRef(refund.id), reason: `refund of order ${order.number} undone` });
  await undoRefund(tx, order, refund, at);
  return true;
}
