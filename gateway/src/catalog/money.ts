/**
 * Money is whole nano-dollars in bigint: 1 USD = 1,000,000,000. Prices are whole pico-dollars per unit (1 nano = 1,000 pico), since
 * $0.0375 per million tokens is 37.5 nano each. `quota` is a view for the edges: 500,000 units = 1 USD.
 */
export const NANO_PER_USD = 1_000_000_000n;
/** Nano-dollars in one quota unit (500,000 units = 1 USD, as the whole One API family counts). */
export const NANO_PER_QUOTA = 2_000n;
/** Pico-dollars in one nano-dollar. */
export const PICO_PER_NANO = 1_000n;
/** Digits after the point that a ratio may have: it is kept in whole millionths. */
export const RATIO_SCALE = 6;
/** The ratio 1, in millionths. */
export const RATIO_ONE = 1_000_000n;

/**
 * An exact decimal as a whole number of 10^-scale: `parseDecimal("0.0375", 6)` is 37500n. Numbers are taken by their shortest decimal text.
 * Throws RangeError for anything else, and for digits beyond the scale: nothing is rounded on the way in.
 */
export function parseDecimal(value: string | number, scale: number): bigint {
  const text = typeof value === "number" ? plainDecimalText(value) : value.trim();
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is no decimal number`);
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (fraction.length > scale)
    throw new RangeError(`"${text}" has more than ${scale} digits after the point`);
  const whole = BigInt((match[2] ?? "0") + fraction.padEnd(scale, "0"));
  return match[1] === "-" ? -whole : whole;
}

/** A number's shortest decimal text without an exponent: 2.5e-7 gives "0.00000025". `NaN` and infinities give their names. */
export function plainDecimalText(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const digits = (match[2] ?? "") + (match[3] ?? "");
  const point = 1 + Number(match[4]);
  if (point <= 0) return `${match[1]}0.${"0".repeat(-point)}${digits}`;
  return `${match[1]}${digits.padEnd(point, "0").slice(0, point)}${digits.length > point ? `.${digits.slice(point)}` : ""}`;
}

/** Dollars as nano-dollars, exactly. Throws RangeError for no decimal, or for more than nine digits after the point. */
export const usdToNano = (usd: string | number): bigint => parseDecimal(usd, 9);

/** Nano-dollars as exact dollars: "-0.000000001", "12.5", "3". */
export function nanoToUsdText(nano: bigint): string {
  const absolute = nano < 0n ? -nano : nano;
  const fraction = (absolute % NANO_PER_USD).toString().padStart(9, "0").replace(/0+$/, "");
  return `${nano < 0n ? "-" : ""}${absolute / NANO_PER_USD}${fraction === "" ? "" : `.${fraction}`}`;
}

/** `a / b` rounded half away from zero; b positive. */
export function divideHalfUp(a: bigint, b: bigint): bigint {
  return a >= 0n ? (2n * a + b) / (2n * b) : -((-2n * a + b) / (2n * b));
}

/** Nano-dollars as quota units, half up (a debt: half away from zero). */
export const nanoToQuota = (nano: bigint): bigint => divideHalfUp(nano, NANO_PER_QUOTA);

/** Quota units as nano-dollars, exactly. */
export const quotaToNano = (quota: bigint): bigint => quota * NANO_PER_QUOTA;
