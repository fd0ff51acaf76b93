import { z } from "zod";
import { page, requestPageQuery, unixSeconds, usd } from "./fields.ts";
import { route } from "./route.ts";

/** Digits of an amount before the point: enough for the largest order in the smallest currency. */
const money = z.string().describe('an amount in the order\'s currency as an exact decimal, such as "260000" or "12.50"');
export const orderState = z.enum(["created", "paid", "refunded", "expired", "cancelled"]);
export const paymentMethod = z.enum(["stripe", "bank"]);
export const orderParams = z.object({ id: z.uuid() });

/** What an order is, for its account and for operators. */
export const order = z.object({
  id: z.string(),
  number: z.string().describe("what a transfer must carry, and what the receipt shows"),
  organisation_id: z.int().nullable().describe("whose wallet it fills; null: the account's own"),
  method: paymentMethod,
  state: orderState,
  waiting: z.boolean().describe("the payer has done his part, and the money is under way"),
  usd: usd.describe("credit that was ordered"),
  bonus_usd: usd.describe("credit that comes with it"),
  currency: z.string(),
  rate: z.string().describe("what one dollar costs in the currency; frozen with the order"),
  amount: money.describe("what is to be paid"),
  paid_amount: money.nullable(),
  credited_usd: usd.describe("what was credited, bonus included"),
  refunded_amount: money,
  pay_url: z.string().nullable().describe("where it is paid by card"),
  created_at: unixSeconds,
  expires_at: unixSeconds,
  paid_at: unixSeconds.nullable(),
});
const transfer = z.object({
  bank_bin: z.string(),
  account: z.string(),
  holder: z.string(),
  amount: money,
  content: z.string().describe("must stand in the transfer as it is"),
  qr: z.string().describe("the text of the VietQR code"),
  qr_svg: z.string().describe("the code as a picture"),
});
const orderWithTransfer = order.extend({ transfer: transfer.nullable().describe("how to pay it by bank transfer, while it is open") });
const receipt = z.object({
  number: z.string(),
  seller: z.string(),
  issued_by: z.string(),
  buyer: z.object({ account_id: z.int(), name: z.string(), email: z.string(), organisation: z.string().nullable() }),
  method: paymentMethod,
  paid_at: unixSeconds,
  currency: z.string(),
  paid_amount: money,
  rate: z.string(),
  credit_usd: usd,
  bonus_usd: usd,
  refunds: z.array(z.object({ at: unixSeconds, amount: money, reason: z.string() })),
  refunded_amount: money,
});

/** Buying credit. */
export const PAYMENT_ROUTES = {
  methods: route({
    method: "get",
    path: "/api/account/payment-methods",
    summary: "How credit can be paid, what a dollar costs, and from which amount there is a bonus",
    who: "account",
    words: "openai",
    answer: z.object({
      data: z.array(z.object({ method: paymentMethod, currency: z.string(), rate: z.string() })),
      min_usd: usd,
      max_usd: usd,
      bonus_tiers: z.array(z.object({ from_usd: usd, percent: z.string() })),
    }),
  }),
  make: route({
    method: "post",
    path: "/api/account/orders",
    summary: "Orders credit. By card: pay at `pay_url`; by bank: transfer as `transfer` says",
    who: "account",
    words: "openai",
    body: z.strictObject({
      method: paymentMethod,
      usd: z.string().regex(/^\d{1,7}(\.\d{1,2})?$/, 'must be dollars and whole cents such as "12.50"'),
      organisation_id: z.int().min(1).optional().describe("fills its wallet instead of the account's own"),
    }),
    answer: orderWithTransfer,
    refusals: { 502: "the payment service did not do it" },
  }),
  orders: route({ method: "get", path: "/api/account/orders", summary: "The account's orders, newest first", who: "account", words: "openai", query: z.object({ ...requestPageQuery, state: orderState.optional() }), answer: page(order) }),
  order: route({ method: "get", path: "/api/account/orders/{id}", summary: "One order", who: "account", words: "openai", params: orderParams, answer: orderWithTransfer }),
  cancel: route({ method: "post", path: "/api/account/orders/{id}/cancel", summary: "Gives an order up that is not paid", who: "account", words: "openai", params: orderParams, answer: order, refusals: { 502: "the payment service did not do it" } }),
  receipt: route({
    method: "get",
    path: "/api/account/orders/{id}/receipt",
    summary: "The receipt of an order that was paid, as JSON or as a page to print",
    who: "account",
    words: "openai",
    params: orderParams,
    query: z.object({ format: z.enum(["json", "html"]).default("json") }),
    answer: receipt,
    otherAnswers: { "text/html": z.string() },
  }),
};

/** Where payment services tell of payments. Each proves itself in its own way. */
export const PAYMENT_WEBHOOK_ROUTES = {
  stripe: route({
    method: "post",
    path: "/api/stripe/webhook",
    summary: "Stripe tells of payments, refunds and disputes; with its signature",
    who: "anybody",
    words: "openai",
    body: z.looseObject({}),
    answer: z.object({ received: z.literal(true) }),
    refusals: { 401: "it is not signed by Stripe, or too old" },
  }),
  sepay: route({
    method: "post",
    path: "/api/sepay/webhook",
    summary: "The bank feed (SePay) tells of a transfer; with `X-SePay-Signature` or `Authorization: Apikey ...`",
    who: "anybody",
    words: "system",
    // What else is not as it must be is written down for an operator, not refused: money may have come.
    body: z.looseObject({
      id: z.int().min(1).describe("of the transaction: each counts once"),
      transferType: z.unknown().optional().describe("`in` or `out`"),
      transferAmount: z.unknown().optional().describe("whole dong"),
      accountNumber: z.unknown().optional().describe("where it came in"),
      subAccount: z.unknown().optional(),
      code: z.unknown().optional().describe("what SePay took for a payment code"),
      content: z.unknown().optional().describe("what the payer wrote: the order's number is looked for in it"),
      description: z.unknown().optional(),
      referenceCode: z.unknown().optional(),
    }),
    answer: z.object({ success: z.literal(true) }),
    refusals: { 401: "it does not prove where it comes from" },
  }),
};
