import type { Db } from "../database.ts";
import type { OrderRow } from "./orders.ts";

export type RefundRow = Awaited<ReturnType<typeof refundsOf>>[number];

/** What was given back of an order, oldest first. */
export const refundsOf = (db: Db, orderId: string) => db.selectFrom("order_refunds").selectAll().where("order_id", "=", orderId).orderBy("id").execute();

export const refundOf = (db: Db, id: string) => db.selectFrom("order_refunds").selectAll().where("id", "=", id).executeTakeFirst();

/** The refund that a payment service knows under this name. */
export const refundByVendorRef = (db: Db, vendorRef: string) => db.selectFrom("order_refunds").selectAll().where("vendor_ref", "=", vendorRef).executeTakeFirst();

export interface NewRefund {
  id: string;
  kind: RefundRow["kind"];
  state: "pending" | "done";
  amountMinor: bigint;
  debitedNano: bigint;
  vendorRef: string | null;
  reason: string;
  madeBy: string | null;
  at: Date;
}

/** Writes a refund down, and the order with it, which is locked. */
export async function addRefund(tx: Db, order: OrderRow, refund: NewRefund): Promise<void> {
  await tx
    .insertInto("order_refunds")
    .values({
      id: refund.id, order_id: order.id, kind: refund.kind, state: refund.state, amount_minor: refund.amountMinor.toString(), debited_nano: refund.debitedNano.toString(), vendor_ref: refund.vendorRef, reason: refund.reason, made_by: refund.madeBy,
      created_at: refund.at, ended_at: refund.state === "done" ? refund.at : null,
    })
    .execute();
  await setRefunded(tx, order, BigInt(order.refunded_minor) + refund.amountMinor, BigInt(order.debited_nano) + refund.debitedNano, refund.at);
}

/** A refund that did not come about after all; the order is locked. */
export async function undoRefund(tx: Db, order: OrderRow, refund: RefundRow, at: Date): Promise<void> {
  await tx.updateTable("order_refunds").set({ state: "undone", ended_at: at }).where("id", "=", refund.id).execute();
  await setRefunded(tx, order, BigInt(order.refunded_minor) - BigInt(refund.amount_minor), BigInt(order.debited_nano) - BigInt(refund.debited_nano), at);
}

async function setRefunded(tx: Db, order: OrderRow, refundedMinor: bigint, debitedNano: bigint, at: Date): Promise<void> {
  const all = refundedMinor === BigInt(order.paid_minor ?? "0");
  await tx.updateTable("orders").set({ refunded_minor: refundedMinor.toString(), debited_nano: debitedNano.toString(), state: all ? "refunded" : "paid", ended_at: all ? at : null }).where("id", "=", order.id).execute();
}

/** The payment service has said that it gives the money back. */
export async function setRefundDone(db: Db, id: string, vendorRef: string, at: Date): Promise<void> {
  await db.updateTable("order_refunds").set({ state: "done", vendor_ref: vendorRef, ended_at: at }).where("id", "=", id).where("state", "=", "pending").execute();
}
