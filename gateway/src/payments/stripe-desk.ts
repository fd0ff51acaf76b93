import Stripe from "stripe";
import { GatewayError } from "../errors/gateway-error.ts";
import type { StripeSettings } from "../settings/payments.ts";
import type { CardDesk } from "./card-desk.ts";
import type { CardDispute, CardEvent, CardEvents, CardSession } from "./card-events.ts";

/** Stripe answers in a second or two; a caller waits for it. */
const ANSWER_MS_MAX = 20_000;
/** The library asks again so often after a lost connection or a 5xx, under the same idempotency key. */
const RETRIES = 2;
/** Signatures older than this are none: Stripe's own tolerance (https://docs.stripe.com/webhooks#replay-attacks). */
const SIGNATURE_SECONDS_MAX = 300;
const STRIPE_URL = "https://api.stripe.com";
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Cards by Stripe Checkout, through Stripe's own library. `nowMs`: Unix milliseconds. */
export function stripeDesk({ secretKey, webhookSecret, apiUrl }: StripeSettings, nowMs: () => number): CardDesk & CardEvents {
  const live = /^[sr]k_live_/.test(secretKey);
  // The library knows hosts but no paths below which Stripe is played.
  const fetchStripe = (url: string, options: RequestInit): Promise<Response> => fetch(apiUrl === undefined ? url : url.replace(STRIPE_URL, apiUrl), options);
  const stripe = new Stripe(secretKey, { httpClient: Stripe.createFetchHttpClient(fetchStripe as typeof fetch), timeout: ANSWER_MS_MAX, maxNetworkRetries: RETRIES, telemetry: false });
  const failed = (error: unknown): GatewayError => new GatewayError("paymentService", { internalText: `Stripe: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}` });

  return {
    async open(checkout) {
      const { orderId, returnUrl } = checkout;
      const metadata = { order_id: orderId, order_number: checkout.number };
      try {
        const session = await stripe.checkout.sessions.create(
          {
            mode: "payment",
            client_reference_id: orderId,
            metadata,
            // Charges bear the metadata of their payment: what is told of one out of turn finds its order.
            payment_intent_data: { metadata },
            line_items: [{ quantity: 1, price_data: { currency: checkout.currency.toLowerCase(), unit_amount: Number(checkout.amountMinor), product_data: { name: checkout.title } } }],
            // The order's own currency is charged, whatever the payer's is.
            adaptive_pricing: { enabled: false },
            ...(checkout.email === "" ? {} : { customer_email: checkout.email }),
            success_url: `${returnUrl}/?order=${orderId}&paid=1`,
            cancel_url: `${returnUrl}/?order=${orderId}`,
            expires_at: Math.floor(checkout.expiresAt.getTime() / 1000),
          },
          { idempotencyKey: `order-${orderId}` },
        );
        if (!session.url) throw new Error(`session ${session.id} has no address`);
        return { sessionId: session.id, payUrl: session.url };
      } catch (error) {
        throw failed(error);
      }
    },

    async close(sessionId) {
      try {
        await stripe.checkout.sessions.expire(sessionId);
        return "closed";
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw failed(error);
      }
      // It is not open: paid, or over by itself.
      try {
        return (await stripe.checkout.sessions.retrieve(sessionId)).status === "complete" ? "complete" : "closed";
      } catch (error) {
        throw failed(error);
      }
    },

    async refund({ refundId, paymentId, amountMinor, orderId }) {
      try {
        const { id } = await stripe.refunds.create({ payment_intent: paymentId, amount: Number(amountMinor), metadata: { order_id: orderId, refund_id: refundId } }, { idempotencyKey: `refund-${refundId}` });
        return { id };
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeInvalidRequestError) || (error.statusCode ?? 0) >= 500) throw failed(error);
        // Somebody gave it back in the dashboard while this was asked: it is given back.
        if (error.code === "charge_already_refunded") return { id: `already-refunded:${refundId}` };
        return { refused: error.message };
      }
    },

    async event(raw, signature) {
      let event: Stripe.Event;
      try {
        event = await stripe.webhooks.constructEventAsync(raw.toString("utf8"), signature ?? "", webhookSecret, SIGNATURE_SECONDS_MAX, undefined, nowMs());
      } catch (error) {
        throw new GatewayError("paymentProof", { internalText: String(error) });
      }
      if (event.livemode !== live) throw new GatewayError("paymentProof", { publicText: `The event is of ${event.livemode ? "live" : "test"} mode, the key is not.` });
      return read(event);
    },
  };
}

/** An event in our own words. Pure. */
function read(event: Stripe.Event): CardEvent {
  const about = { id: event.id, type: event.type };
  const other: CardEvent = { ...about, kind: "other" };
  const ofSession = (kind: "paid" | "waiting" | "failed" | "expired", object: Stripe.Checkout.Session): CardEvent => {
    const session = sessionOf(object);
    return session ? { ...about, kind, session } : other;
  };
  const ofDispute = (kind: "dispute-opened" | "dispute-taken" | "dispute-returned" | "dispute-closed", object: Stripe.Dispute): CardEvent => {
    const dispute = disputeOf(object);
    return dispute ? { ...about, kind, dispute } : other;
  };
  switch (event.type) {
    case "checkout.session.completed":
      return ofSession(event.data.object.payment_status === "paid" ? "paid" : "waiting", event.data.object);
    case "checkout.session.async_payment_succeeded":
      return ofSession("paid", event.data.object);
    case "checkout.session.async_payment_failed":
      return ofSession("failed", event.data.object);
    case "checkout.session.expired":
      return ofSession("expired", event.data.object);
    case "charge.refunded": {
      const { payment_intent, amount_refunded, currency, metadata } = event.data.object;
      const paymentId = idOf(payment_intent);
      const orderId = metadata["order_id"];
      return paymentId === undefined ? other : { ...about, kind: "refunded", paymentId, orderId: orderId !== undefined && UUID.test(orderId) ? orderId : undefined, currency: currency.toUpperCase(), refundedMinor: BigInt(amount_refunded) };
    }
    case "refund.failed":
    case "refund.updated":
    case "charge.refund.updated": {
      const { id, status, failure_reason } = event.data.object;
      return status === "failed" || status === "canceled" ? { ...about, kind: "refund-failed", refundId: id, reason: failure_reason ?? status } : other;
    }
    case "charge.dispute.created":
      return ofDispute("dispute-opened", event.data.object);
    case "charge.dispute.funds_withdrawn":
      return ofDispute("dispute-taken", event.data.object);
    case "charge.dispute.funds_reinstated":
      return ofDispute("dispute-returned", event.data.object);
    case "charge.dispute.closed":
      return ofDispute("dispute-closed", event.data.object);
    default:
      return other;
  }
}

const idOf = (object: string | { id: string } | null | undefined): string | undefined => (typeof object === "string" ? object : object?.id);

/** Of a page that this gateway opened; other programs may share the account. */
function sessionOf(session: Stripe.Checkout.Session): CardSession | undefined {
  const orderId = session.metadata?.["order_id"];
  if (orderId === undefined || !UUID.test(orderId) || session.client_reference_id !== orderId) return undefined;
  return { id: session.id, orderId, paymentId: idOf(session.payment_intent), currency: (session.currency ?? "").toUpperCase(), amountMinor: BigInt(session.amount_total ?? 0) };
}

function disputeOf({ id, payment_intent, currency, amount, reason, status }: Stripe.Dispute): CardDispute | undefined {
  const paymentId = idOf(payment_intent);
  return paymentId === undefined ? undefined : { id, paymentId, currency: currency.toUpperCase(), amountMinor: BigInt(amount), reason, status };
}
