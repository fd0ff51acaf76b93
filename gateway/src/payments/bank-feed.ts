import { z } from "zod";
import type { BankAccount } from "../settings/payments.ts";
import type { Db } from "../store/database.ts";
import { type OrderRow, lockOrder } from "../store/queries/orders.ts";
import { addPaymentEvent, judgePaymentEvent } from "../store/queries/payment-events.ts";
import { isOurAccount, orderNumbersIn } from "./bank-transfer.ts";
import { faultOf } from "./fault.ts";
import { stateAt } from "./payments.ts";
import { payOrder } from "./settle.ts";

/** Dong of one transfer at most: ten trillion, more than banks move. */
const DONG_MAX = 10_000_000_000_000;
const text = z.string().nullish();
const incoming = z.object({
  transferType: z.literal("in"),
  transferAmount: z.int().min(0).max(DONG_MAX).transform(BigInt),
  accountNumber: z.string(),
  subAccount: text,
  /** the part of the content that the feed itself took for a payment code */
  code: text,
  content: text,
  description: text,
  referenceCode: text,
});

/** A notice of the bank feed (SePay: https://developer.sepay.vn/en/sepay-webhooks): the transaction's number, and what else it says, which may not be as documented. */
export type TransferNotice = { id: number } & { [member in keyof z.input<typeof incoming>]?: unknown };

/** `matched`: the order is paid. All others but `other-account`, `repeated` and `outgoing` wait for an operator. */
export type TransferVerdict = "matched" | "unreadable" | "underpaid" | "overpaid" | "unknown" | "late" | "duplicate" | "other-account" | "repeated" | "outgoing";

/** What came of a transfer, and whole dong of it where that could be read. */
export interface TransferTaken {
  verdict: TransferVerdict;
  order?: OrderRow;
  amountMinor?: bigint;
}

/** Takes a transfer in, once: an order that it names and pays to the dong is paid; whatever else came in waits for an operator. */
export async function takeTransfer(tx: Db, bank: BankAccount, notice: TransferNotice, now: Date): Promise<TransferTaken> {
  if (notice.transferType === "out") return { verdict: "outgoing" };
  const parsed = incoming.safeParse(notice);
  if (!parsed.success) return takeUnreadable(tx, notice, parsed.error);
  const { transferAmount: amountMinor, accountNumber, subAccount, ...transfer } = parsed.data;
  const event = await addPaymentEvent(tx, {
    ...eventOf(notice), currency: "VND", digits: 0, amountMinor, account: subAccount ? `${accountNumber}/${subAccount}` : accountNumber, content: transfer.content ?? transfer.description ?? "", reference: transfer.referenceCode ?? "",
  });
  if (event === undefined) return { verdict: "repeated" };
  if (!isOurAccount(bank, accountNumber, subAccount)) {
    await judgePaymentEvent(tx, event, { verdict: "other-account", open: false });
    return { verdict: "other-account" };
  }
  const order = await lockOrder(tx, { numbers: orderNumbersIn(transfer.code, transfer.content, transfer.description) });
  const verdict = judged(order, amountMinor, now);
  if (verdict === "matched" && order) await payOrder(tx, order, { minor: amountMinor, at: now });
  await judgePaymentEvent(tx, event, { verdict, open: verdict !== "matched", ...(order ? { orderId: order.id } : {}) });
  return { verdict, amountMinor, ...(order ? { order } : {}) };
}

const eventOf = ({ id }: TransferNotice) => ({ source: "bank", externalId: String(id), kind: "transfer" }) as const;

/** Money may have come, and a notice that is refused is only sent again as it is: a person has to look at it. */
async function takeUnreadable(tx: Db, notice: TransferNotice, { issues: [issue] }: z.ZodError): Promise<TransferTaken> {
  const texts = [notice.code, notice.content, notice.description].map((each) => (typeof each === "string" ? each : ""));
  const event = await addPaymentEvent(tx, { ...eventOf(notice), content: texts[1] ?? "" });
  if (event === undefined) return { verdict: "repeated" };
  const order = await lockOrder(tx, { numbers: orderNumbersIn(...texts) });
  await judgePaymentEvent(tx, event, { verdict: "unreadable", open: true, note: faultOf(notice, issue), ...(order ? { orderId: order.id } : {}) });
  return { verdict: "unreadable", ...(order ? { order } : {}) };
}

function judged(order: OrderRow | undefined, minor: bigint, now: Date): TransferVerdict {
  if (!order || order.method !== "bank") return "unknown";
  if (order.state === "paid" || order.state === "refunded") return "duplicate";
  if (stateAt(order, now.getTime()) !== "created") return "late";
  const asked = BigInt(order.amount_minor);
  return minor === asked ? "matched" : minor < asked ? "underpaid" : "overpaid";
}
