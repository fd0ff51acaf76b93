import { nanoToUsdText } from "../../catalog/money.ts";
import { amountText } from "../../payments/amounts.ts";
import { stateAt } from "../../payments/payments.ts";
import { rateText } from "../../payments/receipt.ts";
import type { RefundRow } from "../../store/queries/order-refunds.ts";
import type { OrderRow } from "../../store/queries/orders.ts";
import type { PaymentEventRow } from "../../store/queries/payment-events.ts";
import { secondsOf } from "../system/family.ts";

const usd = (nano: string | bigint): string => nanoToUsdText(BigInt(nano));

/** An order as its account sees it. */
export const orderView = (order: OrderRow, nowMs: number) => ({
  id: order.id,
  number: order.number,
  organisation_id: order.organisation_id === null ? null : Number(order.organisation_id),
  method: order.method,
  state: stateAt(order, nowMs),
  waiting: order.waiting,
  usd: usd(order.usd_nano),
  bonus_usd: usd(order.bonus_nano),
  currency: order.currency,
  rate: rateText(order.rate_micro),
  amount: amountText(BigInt(order.amount_minor), order.digits),
  paid_amount: order.paid_minor === null ? null : amountText(BigInt(order.paid_minor), order.digits),
  credited_usd: usd(BigInt(order.credited_nano) + BigInt(order.credited_bonus_nano)),
  refunded_amount: amountText(BigInt(order.refunded_minor), order.digits),
  pay_url: stateAt(order, nowMs) === "created" ? order.pay_url : null,
  created_at: secondsOf(order.created_at),
  expires_at: secondsOf(order.expires_at),
  paid_at: order.paid_at === null ? null : secondsOf(order.paid_at),
});

/** The same for operators. */
export const adminOrderView = (order: OrderRow, nowMs: number) => ({ ...orderView(order, nowMs), user_id: Number(order.user_id), username: order.username });

export const refundView = (refund: RefundRow, digits: number) => ({
  id: refund.id,
  kind: refund.kind,
  state: refund.state,
  amount: amountText(BigInt(refund.amount_minor), digits),
  debited_usd: usd(refund.debited_nano),
  vendor_ref: refund.vendor_ref,
  reason: refund.reason,
  made_by: refund.made_by === null ? null : Number(refund.made_by),
  created_at: secondsOf(refund.created_at),
});

export const paymentView = (event: PaymentEventRow) => ({
  id: Number(event.id),
  source: event.source,
  external_id: event.external_id,
  kind: event.kind,
  verdict: event.verdict,
  state: event.state,
  order_id: event.order_id,
  order_number: event.order_number,
  currency: event.currency,
  amount: event.amount_minor === null ? null : amountText(BigInt(event.amount_minor), event.digits ?? 0),
  account: event.account,
  content: event.content,
  reference: event.reference,
  note: event.note,
  closed_by: event.closed_by === null ? null : Number(event.closed_by),
  received_at: secondsOf(event.received_at),
});
