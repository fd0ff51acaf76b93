import type { TopUpValues } from "../accounts/operator-settings.ts";
import { parseDecimal, usdToNano } from "../catalog/money.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { BankAccount, PaymentSettings } from "../settings/payments.ts";
import type { OrderState, PaymentMethod } from "../store/schema.ts";
import type { OrderRow } from "../store/queries/orders.ts";
import { bonusOf, bonusPpm, digitsOf, priceOf, RATE_DIGITS } from "./amounts.ts";
import type { CardDesk } from "./card-desk.ts";
import type { CardEvents } from "./card-events.ts";

/** The one currency of VietQR. */
const BANK_CURRENCY = "VND";
/** Stripe charges amounts of eight digits at most, in the smallest unit (https://docs.stripe.com/currencies, "Minimum and maximum charge amounts"). */
const CARD_MINOR_MAX = 99_999_999n;
/** What dollars cost in dollars. */
const DOLLAR = { currency: "USD", rate: "1" };

/** A way to pay as it stands open at this moment. */
export interface Offer {
  method: PaymentMethod;
  currency: string;
  digits: number;
  rate: string;
  rateMicro: bigint;
}

/** What an amount of credit costs. */
export interface Price {
  usdNano: bigint;
  bonusPpm: number;
  bonusNano: bigint;
  amountMinor: bigint;
}

/** The ways to pay, and what credit costs. A way without its secret, or whose currency has no rate, is off. */
export class Payments {
  constructor(
    private readonly settings: PaymentSettings,
    private readonly topUp: () => TopUpValues,
    /** undefined: cards are off */
    readonly card: (CardDesk & CardEvents) | undefined,
  ) {}

  get values(): TopUpValues {
    return this.topUp();
  }

  /** The account that transfers go to. Throws GatewayError paymentOff. */
  get bank(): BankAccount {
    if (!this.settings.bank) throw new GatewayError("paymentOff");
    return this.settings.bank;
  }

  offers(): Offer[] {
    const { card_currency } = this.values;
    const currencies: [PaymentMethod, string][] = [...(this.card ? [["stripe", card_currency] as [PaymentMethod, string]] : []), ...(this.settings.bank ? [["bank", BANK_CURRENCY] as [PaymentMethod, string]] : [])];
    return currencies.flatMap(([method, currency]) => {
      const rate = currency === DOLLAR.currency ? DOLLAR.rate : this.values.exchange_rates[currency];
      const digits = digitsOf(currency);
      return rate === undefined || digits === undefined ? [] : [{ method, currency, digits, rate, rateMicro: parseDecimal(rate, RATE_DIGITS) }];
    });
  }

  /** Throws GatewayError paymentOff. */
  offer(method: PaymentMethod): Offer {
    const found = this.offers().find((offer) => offer.method === method);
    if (!found) throw new GatewayError("paymentOff", { param: "method" });
    return found;
  }

  /** What so many dollars of credit cost. Throws GatewayError for less or more than may be ordered. */
  price(offer: Offer, usd: string): Price {
    const { top_up_min_usd, top_up_max_usd, bonus_tiers } = this.values;
    const usdNano = usdToNano(usd);
    if (usdNano <= 0n || usdNano < usdToNano(top_up_min_usd) || usdNano > usdToNano(top_up_max_usd)) throw new GatewayError("invalidRequest", { publicText: `Credit is ordered from ${top_up_min_usd} to ${top_up_max_usd} dollars.`, param: "usd" });
    const amountMinor = priceOf(usdNano, offer.rateMicro, offer.digits);
    if (offer.method === "stripe" && amountMinor > CARD_MINOR_MAX) throw new GatewayError("invalidRequest", { publicText: "This is more than a card is charged at once.", param: "usd" });
    const ppm = bonusPpm(usdNano, bonus_tiers);
    return { usdNano, bonusPpm: ppm, bonusNano: bonusOf(usdNano, ppm), amountMinor };
  }
}

/** Where an order stands at a moment: what is open and over is expired, whether or not it was swept yet. */
export const stateAt = (order: Pick<OrderRow, "state" | "expires_at">, nowMs: number): OrderState => (order.state === "created" && order.expires_at.getTime() <= nowMs ? "expired" : order.state);
