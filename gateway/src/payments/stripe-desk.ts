import Stripe from "stripe";
import { GatewayError } from "../errors/gateway-error.ts";
import type { StripeSettings } from "../settings/payments.ts";
import type { CardDesk } from "./card-desk.ts";
import type { CardEvents } from "./card-events.ts";
import { cardEventOf } from "./stripe-event.ts";

/** Stripe answers in a second or two; a caller waits for it. */
const ANSWER_MS_MAX = 20_000;
/** The library asks again so often after a lost connection or a 5xx, under the same idempotency key. */
const RETRIES = 2;
/** Signatures older than this are none: Stripe's own tolerance (https://docs.stripe.com/webhooks#replay-attacks). */
const SIGNATURE_SECONDS_MAX = 300;
const STRIPE_URL = "https://api.stripe.com";

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
      return cardEventOf(event);
    },
  };
}
