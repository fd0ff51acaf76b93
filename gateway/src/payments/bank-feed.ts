import type { BankAccount } from "../settings/payments.ts";
import type { Db } from "../store/database.ts";
import { type OrderRow, lockOrder } from "../store/queries/orders.ts";
import { addPaymentEvent, judgePaymentEvent } from "../store/queries/payment-events.ts";
import { isOurAccount, orderNumbersIn } from "./bank-transfer.ts";
import { stateAt } from "./payments.ts";
import { payOrder } from "./settle.ts";

/** A transfer as the bank feed tells of it (SePay: https://developer.sepay.vn/en/sepay-webhooks). */
export interface Transfer {
  id: number;
  transferType: "in" | "out";
  transferAmount: number;
  accountNumber: string;
  subAccount?: string | null | undefined;
  /** the part of the content that the feed itself took for a payment code */
  code?: string | null | undefined;
  content?: string | null | undefined;
  description?: string | null | undefined;
  referenceCode?: string | null | undefined;
}

/** `matched`: the order is paid. All others but `other-account`, `repeated` and `outgoing` wait for an operator. */
export type TransferVerdict = "matched" | "underpaid" | "overpaid" | "unknown" | "late" | "duplicate" | "other-account" | "repeated" | "outgoing";

/** Takes a transfer in, once: an order that it names and pays to the dong is paid; whatever else came in waits for an operator. */
export async function takeTransfer(tx: Db, bank: BankAccount, transfer: Transfer, now: Date): Promise<{ verdict: TransferVerdict; order?: OrderRow }> {
  if (transfer.transferType === "out") return { verdict: "outgoing" };
  const content = transfer.content ?? transfer.description ?? "";
  const minor = BigInt(transfer.transferAmount);
  const event = await addPaymentEvent(tx, {
    source: "bank", externalId: String(transfer.id), kind: "transfer", currency: "VND", digits: 0, amountMinor: minor, account: transfer.subAccount ? `${transfer.accountNumber}/${transfer.subAccount}` : transfer.accountNumber, content, reference: transfer.referenceCode ?? "",
  });
  if (event === undefined) return { verdict: "repeated" };
  if (!isOurAccount(bank, transfer.accountNumber, transfer.subAccount)) {
    await judgePaymentEvent(tx, event, { verdict: "other-account", open: false });
    return { verdict: "other-account" };
  }
  const order = await lockOrder(tx, { numbers: orderNumbersIn(transfer.code, transfer.content, transfer.description) });
  const verdict = judged(order, minor, now);
  if (verdict === "matched" && order) await payOrder(tx, order, { minor, at: now });
  await judgePaymentEvent(tx, event, { verdict, open: verdict !== "matched", ...(order ? { orderId: order.id } : {}) });
  return { verdict, ...(order ? { order } : {}) };
}

function judged(order: OrderRow | undefined, minor: bigint, now: Date): TransferVerdict {
  if (!order || order.method !== "bank") return "unknown";
  if (order.state === "paid" || order.state === "refunded") return "duplicate";
  if (stateAt(order, now.getTime()) !== "created") return "late";
  const asked = BigInt(order.amount_minor);
  return minor === asked ? "matched" : minor < asked ? "underpaid" : "overpaid";
}
