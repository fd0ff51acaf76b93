import { FRACTION_STEPS, FRACTIONAL, MEASURES, promptTokens, tokenCount, unitCount, type Usage, type UsageClass, USAGE_CLASSES } from "../dialects/canonical/usage.ts";
import type { CompiledPrices, PriceLevel } from "./compile-prices.ts";
import { conditionText, type Options, unmet } from "./conditions.ts";
import { PICO_PER_NANO, RATIO_ONE } from "./money.ts";
import { CALL_CLASSES, type PriceClass } from "./price-table.ts";

/** Units x pico-dollars x millionths per nano-dollar. */
const PRODUCT_PER_NANO = PICO_PER_NANO * RATIO_ONE;
const HALF = PRODUCT_PER_NANO / 2n;
const PICO_PER_NANO_NUMBER = Number(PICO_PER_NANO);
const HALF_NANO_PICO = PICO_PER_NANO_NUMBER / 2;
const PRODUCT_PER_NANO_NUMBER = Number(PRODUCT_PER_NANO);
const HALF_NUMBER = PRODUCT_PER_NANO_NUMBER / 2;

/** One line of a charge. It is plain JSON, without bigint, and stays exact there. */
export interface ChargeLine {
  class: string;
  /** tokens, calls for `webSearch` and `request`, or what a measure counts: whole, but for `FRACTIONAL` measures, which have up to three digits after the point */
  units: number;
  /** price of one unit in pico-dollars, as decimal text: it may exceed what a JSON number holds exactly */
  unitPricePico: string;
  /** group ratio in millionths */
  ratioMicro: number;
  /** nano-dollars, exact up to 2^53 - 1 (about $9 million); beyond, the nearest number, and `amountNanoText` is what counts */
  amountNano: number;
  /** the exact nano-dollars as decimal text; set only where `amountNano` cannot hold them */
  amountNanoText?: string;
  /** names the tier whose price was used; absent: the base price */
  abovePromptTokens?: number;
  /** names the variant whose price was used, for example `quality=hd size=1024x1024` */
  variant?: string;
  /** the table has no price for this class: the line is 0 and somebody should look at it */
  unpriced?: true;
}

/** What a call costs, line by line. */
export interface Charge {
  lines: ChargeLine[];
  /** nano-dollars: exactly the sum of the lines */
  totalNano: bigint;
  /** the threshold of the tier used, in prompt tokens; undefined: the base price */
  tierAbovePromptTokens: number | undefined;
}

/** What is to be evaluated. */
export interface EvaluateInput {
  prices: CompiledPrices;
  usage: Usage;
  /** the group's ratio in millionths (`PricedGroup.ratioMicro`), never negative */
  groupRatioMicro: bigint;
  /** how often the price per `request` is due; 1 unless told */
  requests?: number;
  /** what the caller chose beside the model, by option (`CallFacts.options`): decides the variant */
  options?: Options | undefined;
}

/**
 * The one evaluator, for quotes and for charges. Each line is units x price x ratio, rounded once, half up, to the nano-dollar; the total is the sum
 * of the lines. Never negative and never throws: units that are negative, fractional or no number at all count as `unitCount` says (0, the whole part, or the nearest thousandth).
 * A call that a table without a base price does not describe costs nothing and says `unpriced` in every line: ask `hasPriceFor` before.
 */
export function evaluate(input: EvaluateInput): Charge {
  const { usage, groupRatioMicro } = input;
  const level = levelFor(input.prices, usage, input.options) ?? input.prices.base;
  const lines: ChargeLine[] = [];
  const requests = tokenCount(input.requests ?? 1);
  if (requests > 0 && level.unit.request !== undefined && level.unit.request > 0n) lines.push(lineOf("request", requests, level, groupRatioMicro));
  let uncounted: UsageClass[] | undefined;
  for (const name of USAGE_CLASSES) {
    const given = usage[name];
    const units = given === undefined || given === 0 ? 0 : unitCount(name, given);
    if (units === 0) continue;
    if (isMeasuredIn(level, name)) lines.push(lineOf(name, units, level, groupRatioMicro));
    else (uncounted ??= []).push(name);
  }
  // Nothing that was measured has a price: that must be seen.
  if (lines.length === 0 && uncounted) for (const name of uncounted) lines.push(lineOf(name, unitCount(name, usage[name]), level, groupRatioMicro));
  return { lines, totalNano: sumOf(lines), tierAbovePromptTokens: level.abovePromptTokens };
}

/** In numbers while they hold it exactly, which they do for any call but an absurd one. */
function sumOf(lines: readonly ChargeLine[]): bigint {
  let sum = 0;
  for (const line of lines) sum += line.amountNano;
  if (sum <= Number.MAX_SAFE_INTEGER) return BigInt(sum);
  return lines.reduce((total, line) => total + lineAmountNano(line), 0n);
}

/** The exact nano-dollars of a line, also of one that has been through JSON. */
export function lineAmountNano(line: Pick<ChargeLine, "amountNano" | "amountNanoText">): bigint {
  return BigInt(line.amountNanoText ?? line.amountNano);
}

/** Whether units of a class count at this level: a media call is measured in tokens and otherwise, and its table prices one of them. */
function isMeasuredIn({ unit }: PriceLevel, name: UsageClass): boolean {
  return unit[name] !== undefined || CALL_CLASSES.has(name) || !(MEASURES.has(name) || hasMeasure(unit));
}

function hasMeasure(unit: PriceLevel["unit"]): boolean {
  for (const name of MEASURES) if (unit[name] !== undefined) return true;
  return false;
}

/** Whether a call with these options has a price: always, but where a table has prices for described calls only. */
export const hasPriceFor = (prices: CompiledPrices, options: Options | undefined): boolean => !prices.strict || levelFor(prices, {}, options) !== undefined;

/**
 * The first variant that the options meet, else the level of the highest threshold that the prompt exceeds; it prices the whole call, as Google, Anthropic and OpenAI do.
 * Undefined: the table has no base price, and none of its variants describes the call.
 */
export function levelFor(prices: CompiledPrices, usage: Usage, options: Options = {}): PriceLevel | undefined {
  for (const variant of prices.variants) if (unmet(variant.when ?? {}, options) === undefined) return variant;
  if (prices.strict) return undefined;
  if (prices.tiers.length === 0) return prices.base;
  const prompt = promptTokens(usage);
  return (
    prices.tiers.find((tier) => tier.abovePromptTokens !== undefined && prompt > tier.abovePromptTokens) ??
    prices.base
  );
}

/** Units x price x ratio in nano-dollars, half up. Numbers do it where they hold every step exactly (whole units, below 2^53): they cost a tenth of bigints. */
function amountNano(name: PriceClass, units: number, price: bigint, ratioMicro: bigint): number | bigint {
  if (FRACTIONAL.has(name)) {
    const divisor = PRODUCT_PER_NANO * BigInt(FRACTION_STEPS);
    return (BigInt(Math.round(units * FRACTION_STEPS)) * price * ratioMicro + divisor / 2n) / divisor;
  }
  const pico = units * Number(price);
  if (ratioMicro === RATIO_ONE) {
    if (pico < Number.MAX_SAFE_INTEGER - HALF_NANO_PICO) return Math.floor((pico + HALF_NANO_PICO) / PICO_PER_NANO_NUMBER);
  } else {
    const product = pico * Number(ratioMicro);
    if (product < Number.MAX_SAFE_INTEGER - HALF_NUMBER) return Math.floor((product + HALF_NUMBER) / PRODUCT_PER_NANO_NUMBER);
  }
  return (BigInt(units) * price * ratioMicro + HALF) / PRODUCT_PER_NANO;
}

/** Names a variant by its conditions: `quality=hd size=1024x1024`. */
export const variantText = (when: NonNullable<PriceLevel["when"]>): string => Object.entries(when).map(([option, condition]) => `${option}=${conditionText(condition)}`).join(" ");

function lineOf(name: PriceClass, units: number, level: PriceLevel, ratioMicro: bigint): ChargeLine {
  const price = level.unit[name];
  const amount = price === undefined ? 0 : amountNano(name, units, price, ratioMicro);
  const line: ChargeLine = { class: name, units, unitPricePico: level.text[name] ?? "0", ratioMicro: Number(ratioMicro), amountNano: Number(amount) };
  if (amount > Number.MAX_SAFE_INTEGER) line.amountNanoText = amount.toString();
  if (level.when) line.variant = variantText(level.when);
  if (level.abovePromptTokens !== undefined) line.abovePromptTokens = level.abovePromptTokens;
  if (price === undefined) line.unpriced = true;
  return line;
}
