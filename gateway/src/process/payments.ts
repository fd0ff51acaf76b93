import type { OperatorSettings } from "../accounts/operator-settings.ts";
import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config.ts";
import type { Logger } from "../observe/log.ts";
import type { CardDesk } from "../payments/card-desk.ts";
import type { CardEvents } from "../payments/card-events.ts";
import { Payments } from "../payments/payments.ts";
import type { StripeSettings } from "../settings/payments.ts";
import type { Db } from "../store/database.ts";
import { expireOrders } from "../store/queries/orders.ts";

/** How late the state of an order whose time is over may be in lists by state; wherever it counts, the clock is asked. */
const SWEEP_MS = 60_000;

/** Money that comes in, in one process. */
export function startPayments(config: Config, { db, clock, log, settings }: { db: Db; clock: Clock; log: Logger; settings: OperatorSettings }): { payments: Payments; stop: () => void } {
  const payments = new Payments(config.payments, () => settings.values, config.payments.stripe && cards(config.payments.stripe, clock));
  const timer = setInterval(() => void expireOrders(db, new Date(clock.now())).catch((error: unknown) => log.warn({ error: String(error) }, "orders that are over could not be ended")), SWEEP_MS);
  return { payments, stop: () => clearInterval(timer) };
}

/** Stripe's library is read when it is first needed: 8 MB that a process which only relays has no use for. */
function cards(settings: StripeSettings, clock: Clock): CardDesk & CardEvents {
  let made: Promise<CardDesk & CardEvents> | undefined;
  const desk = (): Promise<CardDesk & CardEvents> => (made ??= import("../payments/stripe-desk.ts").then(({ stripeDesk }) => stripeDesk(settings, () => clock.now())));
  return {
    open: async (checkout) => (await desk()).open(checkout),
    close: async (sessionId) => (await desk()).close(sessionId),
    refund: async (refund) => (await desk()).refund(refund),
    event: async (raw, signature) => (await desk()).event(raw, signature),
  };
}
