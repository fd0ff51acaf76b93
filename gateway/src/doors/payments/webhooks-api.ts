import type { PAYMENT_WEBHOOK_ROUTES } from "@yescale/contract";
import { GatewayError } from "../../errors/gateway-error.ts";
import { takeTransfer } from "../../payments/bank-feed.ts";
import { takeCardEvent } from "../../payments/card-feed.ts";
import { isFeeds } from "../../payments/feed-proof.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";

/** Where payment services tell of payments. Nothing is believed before it has proved where it comes from; each word counts once. */
export function paymentWebhookHandlers({ clock, payments, failures, log }: ApiServices): Handlers<typeof PAYMENT_WEBHOOK_ROUTES> {
  /** Who sends many that are none is told to wait. */
  const refused = (address: string, error = new GatewayError("paymentProof")): GatewayError => {
    const retryAfterSeconds = failures.failed(address);
    return retryAfterSeconds === undefined ? error : new GatewayError("rateLimited", { publicText: "Too many notices without a valid signature came from this address.", retryAfterSeconds });
  };

  return {
    async stripe({ request, raw, change, address }) {
      if (!payments.card) throw new GatewayError("paymentOff");
      const event = await payments.card.event(raw, request.headers.get("stripe-signature")).catch((error: unknown) => {
        throw error instanceof GatewayError ? refused(address(), error) : error;
      });
      const { verdict, open, order } = await change(async (tx, note) => {
        const taken = await takeCardEvent(tx, event, new Date(clock.now()));
        if (taken.changed && taken.order) note({ subject: `order:${taken.order.number}`, ...taken.changed });
        return taken;
      });
      if (open) log.warn({ verdict, event: event.id, type: event.type, order: order?.number }, "what Stripe told of waits for an operator");
      return { received: true };
    },

    async sepay({ request, raw, body, change, address }) {
      const { bank } = payments;
      if (!isFeeds(request.headers, raw, bank.feed, clock.now())) throw refused(address());
      const { verdict, order } = await change(async (tx, note) => {
        const taken = await takeTransfer(tx, bank, body, new Date(clock.now()));
        if (taken.verdict === "matched" && taken.order) note({ action: "order.paid", subject: `order:${taken.order.number}`, after: { by: "bank transfer", transaction: String(body.id), amount: String(taken.amountMinor) } });
        return taken;
      });
      if (verdict !== "matched" && verdict !== "repeated" && verdict !== "outgoing") log.warn({ verdict, transaction: body.id, order: order?.number }, "a transfer waits for an operator");
      return { success: true };
    },
  };
}
