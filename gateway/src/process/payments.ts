import type { OperatorSettings } from "../accounts/operator-settings.ts";
import type { Clock } from "../clock/clock.ts";
import type { Config } from "../config.ts";
import type { Logger } from "../observe/log.ts";
import { Payments } from "../payments/payments.ts";
import { stripeDesk } from "../payments/stripe-desk.ts";
import type { Db } from "../store/database.ts";
import { expireOrders } from "../store/queries/orders.ts";

/** How late the state of an order whose time is over may be in lists by state; wherever it counts, the clock is asked. */
const SWEEP_MS = 60_000;

/** Money that comes in, in one process. */
export function startPayments(config: Config, { db, clock, log, settings }: { db: Db; clock: Clock; log: Logger; settings: OperatorSettings }): { payments: Payments; stop: () => void } {
  const payments = new Payments(config.payments, () => settings.values, config.payments.stripe && stripeDesk(config.payments.stripe, () => clock.now()));
  const timer = setInterval(() => void expireOrders(db, new Date(clock.now())).catch((error: unknown) => log.warn({ error: String(error) }, "orders that are over could not be ended")), SWEEP_MS);
  return { payments, stop: () => clearInterval(timer) };
}
