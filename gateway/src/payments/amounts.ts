import { NANO_PER_USD, parseDecimal } from "../catalog/money.ts";

/** Amounts of money in currencies, exactly. An amount is a whole number of the currency's smallest unit (`minor`); a rate is what one dollar costs in the currency, in millionths. Pure. */

/** Digits after the point of a rate. */
export const RATE_DIGITS = 6;
const MICRO = 1_000_000n;
/** Bonus of 100 percent, in millionths. */
const WHOLE_PPM = 1_000_000n;
/** Digits after the point of a percentage, which so is a whole number of millionths. */
const PERCENT_DIGITS = 4;

/** Currencies without a smaller unit (https://docs.stripe.com/currencies, "Zero-decimal currencies"), but for UGX, which Stripe writes with two digits all the same. */
const WHOLE_ONLY = new Set(["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]);
/** Those that have three digits, or whose amounts must be whole although they are written with two (same document, "Three-decimal currencies" and "Special cases"). */
const NOT_TAKEN = new Set(["BHD", "JOD", "KWD", "OMR", "TND", "ISK", "UGX"]);

/** Digits after the point of a currency's amounts; undefined for one that orders are not made in. */
export function digitsOf(currency: string): number | undefined {
  if (!/^[A-Z]{3}$/.test(currency) || NOT_TAKEN.has(currency)) return undefined;
  return WHOLE_ONLY.has(currency) ? 0 : 2;
}

export interface BonusTier {
  /** from this many dollars */
  from_usd: string;
  /** more credit, such as `"5"` or `"2.5"` */
  percent: string;
}

/** What a person sees of an amount: `12345` with two digits is `"123.45"`. */
export function amountText(minor: bigint, digits: number): string {
  const text = minor.toString().padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** What dollars cost: rounded up, so that what is paid is never worth less than what is credited. */
export function priceOf(usdNano: bigint, rateMicro: bigint, digits: number): bigint {
  const [amount, unit] = [usdNano * rateMicro * 10n ** BigInt(digits), NANO_PER_USD * MICRO];
  return (amount + unit - 1n) / unit;
}

/** What an amount is worth in nano-dollars, rounded down. */
export const worthOf = (minor: bigint, rateMicro: bigint, digits: number): bigint => (minor * NANO_PER_USD * MICRO) / (rateMicro * 10n ** BigInt(digits));

/** The bonus rate of an amount, in millionths: of the highest tier that it reaches. */
export function bonusPpm(usdNano: bigint, tiers: readonly BonusTier[]): number {
  let best: { from: bigint; ppm: number } | undefined;
  for (const tier of tiers) {
    const from = parseDecimal(tier.from_usd, 9);
    if (from <= usdNano && (!best || from > best.from)) best = { from, ppm: Number(parseDecimal(tier.percent, PERCENT_DIGITS)) };
  }
  return best?.ppm ?? 0;
}

/** A bonus in nano-dollars, rounded down. */
export const bonusOf = (usdNano: bigint, ppm: number): bigint => (usdNano * BigInt(ppm)) / WHOLE_PPM;

/**
 * What was agreed, and what an amount that was really paid gives: the agreed credit and bonus for the agreed amount; for another one what it is worth at the order's rate, with the order's bonus only if it is not less.
 */
export function creditFor(order: { usdNano: bigint; bonusPpm: number; bonusNano: bigint; amountMinor: bigint; rateMicro: bigint; digits: number }, paidMinor: bigint): { creditNano: bigint; bonusNano: bigint } {
  if (paidMinor === order.amountMinor) return { creditNano: order.usdNano, bonusNano: order.bonusNano };
  const creditNano = worthOf(paidMinor, order.rateMicro, order.digits);
  return { creditNano, bonusNano: paidMinor > order.amountMinor ? bonusOf(creditNano, order.bonusPpm) : 0n };
}

/** Credit that has to be back in all when `refundedMinor` of what was paid has been given back: its share, rounded up; all for all. */
export const debitFor = (creditNano: bigint, paidMinor: bigint, refundedMinor: bigint): bigint => (creditNano * refundedMinor + paidMinor - 1n) / paidMinor;
