import { z } from "zod";
import { GatewayError } from "../errors/gateway-error.ts";
import type { CardEvent } from "./card-events.ts";
import { faultOf } from "./fault.ts";

/**
 * What Stripe tells, in our own words. Members and types as in its API reference (https://docs.stripe.com/api/events/object and the objects there named). A signature
 * proves who wrote an event, not that it is as documented: whatever is used of it is checked first. Pure.
 */

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Names of Stripe's objects have 255 characters at most. */
const name = z.string().min(1).max(255);
/** Whole units of the currency's smallest; z.int takes what a number can say exactly, which the database holds. */
const minor = z.int().min(0).transform(BigInt);
const currency = z.string().regex(/^[A-Za-z]{3}$/).transform((code) => code.toUpperCase());
const reference = z.union([name, z.object({ id: name }).transform(({ id }) => id)]);
/** Longest text of Stripe's that is kept, such as a reason. */
const word = z.string().max(500);

const envelope = z.object({ id: name, type: name, data: z.object({ object: z.looseObject({}) }) });
const session = z.object({ id: name, payment_intent: reference.nullish(), payment_status: word, currency, amount_total: minor });
const charge = z.object({ payment_intent: reference, currency, amount_refunded: minor });
const refund = z.object({ id: name, status: z.enum(["failed", "canceled"]), failure_reason: word.nullish() });
const dispute = z.object({ id: name, payment_intent: reference, currency, amount: minor, reason: word, status: word });

type About = { id: string; type: string };
type StripeObject = Record<string, unknown>;

/** Throws GatewayError invalidRequest when it is no event at all. */
export function cardEventOf(event: unknown): CardEvent {
  const parsed = envelope.safeParse(event);
  if (!parsed.success) throw new GatewayError("invalidRequest", { publicText: "This is no event of Stripe." });
  const { id, type, data } = parsed.data;
  const about = { id, type };
  const { object } = data;
  switch (type) {
    case "checkout.session.completed":
      return ofSession(about, object, object["payment_status"] === "paid" ? "paid" : "waiting");
    case "checkout.session.async_payment_succeeded":
      return ofSession(about, object, "paid");
    case "checkout.session.async_payment_failed":
      return ofSession(about, object, "failed");
    case "checkout.session.expired":
      return ofSession(about, object, "expired");
    case "charge.refunded":
      return ofCharge(about, object);
    case "refund.failed":
    case "refund.updated":
    case "charge.refund.updated":
      return ofRefund(about, object);
    case "charge.dispute.created":
      return ofDispute(about, object, "dispute-opened");
    case "charge.dispute.funds_withdrawn":
      return ofDispute(about, object, "dispute-taken");
    case "charge.dispute.funds_reinstated":
      return ofDispute(about, object, "dispute-returned");
    case "charge.dispute.closed":
      return ofDispute(about, object, "dispute-closed");
    default:
      return { ...about, kind: "other" };
  }
}

function ofSession(about: About, object: StripeObject, kind: "paid" | "waiting" | "failed" | "expired"): CardEvent {
  // Of a page that this gateway opened; other programs may share the account.
  const orderId = orderIdOf(object);
  if (orderId === undefined || object["client_reference_id"] !== orderId) return { ...about, kind: "other" };
  const parsed = session.safeParse(object);
  if (!parsed.success) return unreadable(about, object, parsed.error, orderId);
  const { id, payment_intent, currency: code, amount_total } = parsed.data;
  return { ...about, kind, session: { id, orderId, paymentId: payment_intent ?? undefined, currency: code, amountMinor: amount_total } };
}

function ofCharge(about: About, object: StripeObject): CardEvent {
  if (ofNoPayment(object)) return { ...about, kind: "other" };
  const orderId = orderIdOf(object);
  const parsed = charge.safeParse(object);
  if (!parsed.success) return unreadable(about, object, parsed.error, orderId);
  return { ...about, kind: "refunded", paymentId: parsed.data.payment_intent, orderId, currency: parsed.data.currency, refundedMinor: parsed.data.amount_refunded };
}

function ofRefund(about: About, object: StripeObject): CardEvent {
  if (object["status"] !== "failed" && object["status"] !== "canceled") return { ...about, kind: "other" };
  const parsed = refund.safeParse(object);
  if (!parsed.success) return unreadable(about, object, parsed.error);
  return { ...about, kind: "refund-failed", refundId: parsed.data.id, reason: parsed.data.failure_reason ?? parsed.data.status };
}

function ofDispute(about: About, object: StripeObject, kind: "dispute-opened" | "dispute-taken" | "dispute-returned" | "dispute-closed"): CardEvent {
  if (ofNoPayment(object)) return { ...about, kind: "other" };
  const parsed = dispute.safeParse(object);
  if (!parsed.success) return unreadable(about, object, parsed.error);
  const { payment_intent: paymentId, currency: code, amount: amountMinor, ...rest } = parsed.data;
  return { ...about, kind, dispute: { ...rest, paymentId, currency: code, amountMinor } };
}

/** A charge of Stripe's older API, which no order of ours makes. */
const ofNoPayment = (object: StripeObject): boolean => object["payment_intent"] === null || object["payment_intent"] === undefined;

function orderIdOf({ metadata }: StripeObject): string | undefined {
  const id = typeof metadata === "object" && metadata !== null ? (metadata as StripeObject)["order_id"] : undefined;
  return typeof id === "string" && UUID.test(id) ? id : undefined;
}

function unreadable(about: About, object: StripeObject, { issues: [issue] }: z.ZodError, orderId?: string): CardEvent {
  return { ...about, kind: "unreadable", orderId, reference: typeof object["id"] === "string" ? object["id"] : "", fault: faultOf(object, issue) };
}
