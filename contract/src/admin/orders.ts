import { z } from "zod";
import { flagText, idParams, idText, page, pageQuery, requestPageQuery, unixSeconds, usd } from "../fields.ts";
import { order, orderParams, orderState, paymentMethod } from "../payments.ts";
import { route } from "../route.ts";

const REASON_LENGTH_MAX = 500;
const NUMBER_LENGTH_MAX = 40;

const reason = z.string().trim().min(1).max(REASON_LENGTH_MAX);
const amount = z.string().regex(/^\d{1,13}(\.\d{1,2})?$/, 'must be an amount in the order\'s currency such as "260000" or "12.50"');
const adminOrder = order.extend({ user_id: z.int(), username: z.string() });
const refund = z.object({
  id: z.string(),
  kind: z.enum(["refund", "vendor", "dispute"]).describe("refund: made here; vendor: made at the payment service; dispute: taken by the payer's bank"),
  state: z.enum(["pending", "done", "undone"]).describe("pending: the payment service has not said yes or no"),
  amount: z.string(),
  debited_usd: usd.describe("credit that was taken back"),
  vendor_ref: z.string().nullable(),
  reason: z.string(),
  made_by: z.int().nullable(),
  created_at: unixSeconds,
});
const payment = z.object({
  id: z.int(),
  source: paymentMethod,
  external_id: z.string(),
  kind: z.string(),
  verdict: z.string().describe("such as matched, underpaid, overpaid, unknown, late, duplicate"),
  state: z.enum(["done", "open", "settled", "dismissed"]).describe("open: somebody has to look at it"),
  order_id: z.string().nullable(),
  order_number: z.string().nullable(),
  currency: z.string().nullable(),
  amount: z.string().nullable(),
  account: z.string().nullable(),
  content: z.string(),
  reference: z.string(),
  note: z.string(),
  closed_by: z.int().nullable(),
  received_at: unixSeconds,
});
const admin = (path: string) => ({ path: `/api/admin/${path}`, words: "openai", who: "operator" }) as const;
const detail = adminOrder.extend({ refunds: z.array(refund), payments: z.array(payment) });

/** Orders of all accounts, and what payment services told of. */
export const ORDER_ADMIN_ROUTES = {
  orders: route({
    ...admin("orders"),
    method: "get",
    summary: "Orders, newest first",
    query: z.object({ ...requestPageQuery, state: orderState.optional(), method: paymentMethod.optional(), user: idText.optional(), organisation: idText.optional(), number: z.string().max(NUMBER_LENGTH_MAX).optional() }),
    answer: page(adminOrder),
  }),
  order: route({ ...admin("orders/{id}"), method: "get", summary: "One order with what was given back of it, and what payment services told of it", params: orderParams, answer: detail }),
  confirm: route({
    ...admin("orders/{id}/confirm"),
    method: "post",
    summary: "Confirms by hand that an order is paid: its credit goes into the wallet, or what another amount is worth at its rate",
    params: orderParams,
    body: z.strictObject({ reason, amount: amount.optional().describe("what was paid, if it is not what was to be paid") }),
    answer: detail,
  }),
  cancel: route({ ...admin("orders/{id}/cancel"), method: "post", summary: "Cancels an order that is not paid", params: orderParams, body: z.strictObject({ reason }), answer: detail }),
  refund: route({
    ...admin("orders/{id}/refund"),
    method: "post",
    summary: "Gives money back and takes its share of the credit back; never more than the wallet has free. By card the payment service is asked; a transfer you make yourself",
    params: orderParams,
    body: z.strictObject({ reason, amount: amount.optional().describe("all that is left unless told") }),
    answer: detail,
    refusals: { 502: "the payment service did not say yes or no: ask again" },
  }),
  payments: route({
    ...admin("payments"),
    method: "get",
    summary: "What payment services told of, newest first; `open=true`: what somebody has to look at",
    query: z.object({ ...pageQuery, open: flagText.optional(), source: paymentMethod.optional() }),
    answer: page(payment),
  }),
  settle: route({ ...admin("payments/{id}/settle"), method: "post", summary: "Takes a transfer for an order that is not paid: what it is worth is credited", params: idParams, body: z.strictObject({ order: z.string().min(1).max(NUMBER_LENGTH_MAX).describe("its number"), reason }), answer: payment }),
  dismiss: route({ ...admin("payments/{id}/dismiss"), method: "post", summary: "Closes an open payment without crediting anything", params: idParams, body: z.strictObject({ reason }), answer: payment }),
  check: route({
    ...admin("payments-check"),
    method: "get",
    summary: "Whether orders, redemption codes and the ledger agree",
    answer: z.object({ orders_usd: usd.describe("credited by orders, less what was taken back"), codes_usd: usd, ledger_orders_usd: usd, ledger_codes_usd: usd, wrong_orders: z.array(z.string()).describe("numbers of orders whose credit differs from their ledger entries"), agrees: z.boolean() }),
  }),
};

