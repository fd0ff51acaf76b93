import { MEASURES } from "../dialects/canonical/usage.ts";
import type { Condition } from "./conditions.ts";
import type { CountRules } from "./counts.ts";
import { divideHalfUp, parseDecimal } from "./money.ts";
import {
  CALL_CLASSES,
  type ClassPrices,
  FALLBACKS,
  OUTPUT_CLASSES,
  PRICE_CLASSES,
  type PriceClass,
  PROMPT_CLASSES,
  type PriceTable,
  unitsPowerOf,
} from "./price-table.ts";

/** Digits of a dollar in a pico-dollar. */
const PICO_SCALE = 12;
/** $10,000 per million tokens. The dearest model known asks 600; more is a price multiplied by the million, or cents for dollars. */
const TOKEN_PICO_MAX = unitPicoOf("input", "10000");
/**
 * $0.005 per million fresh tokens, $0.0005 per million cached ones. The cheapest text model known asks 0.005, the cheapest cache read 0.0028; less is a
 * price per token (3 dollars per million are 0.000003 per token) or cents per token (0.0003). Zero is allowed: such a model is free on purpose.
 */
const TOKEN_PICO_MIN = { fresh: unitPicoOf("input", "0.005"), cached: unitPicoOf("cacheRead", "0.0005") };
/** $10,000 per 1,000 searches; vendors ask 10 to 35 for those of the web, 2 to 3 for a reranker's. */
const CALL_PICO_MAX = unitPicoOf("webSearch", "10000");

/** What a measure may cost at most, and in which unit: far beyond the dearest known, so that only a wrong unit reaches it. */
const MEASURE_MAX: { readonly [name in PriceClass]?: readonly [usd: string, unit: string] } = {
  request: ["1000", "call"],
  images: ["1000", "picture"],
  characters: ["100000", "MILLION characters"],
  audioSeconds: ["10", "second"],
  videoSeconds: ["10", "second"],
  gpuSeconds: ["10", "second"],
  videoTokens: ["10000", "MILLION tokens"],
  megapixels: ["10", "million pixels"],
  credits: ["10", "credit"],
  billableUnits: ["1000", "unit"],
};

/** Pico-dollars per unit, by class; a class that is missing has no price. */
export type UnitPrices = { readonly [name in PriceClass]?: bigint };

type MutablePrices = { [name in PriceClass]?: bigint };

/** One price level of a model. */
export interface PriceLevel {
  /** the level holds for prompts longer than this; undefined: the base level */
  readonly abovePromptTokens: number | undefined;
  /** the level holds for calls with these options; undefined: it does not depend on them */
  readonly when?: Readonly<Record<string, Condition>>;
  /** how many units a call makes, by class, where its parameters tell */
  readonly counts: CountRules;
  /** the most that they may be, by class, where that is more */
  readonly worstCounts?: CountRules;
  readonly unit: UnitPrices;
  /** the same as decimal text */
  readonly text: Readonly<Partial<Record<PriceClass, string>>>;
  /** the dearest price that a prompt token can have at this level, in pico-dollars */
  readonly dearestPrompt: bigint;
  /** the dearest price that an output token can have at this level, in pico-dollars */
  readonly dearestOutput: bigint;
}

/** A price table made ready for the evaluator: whole pico-dollars per unit, fall-backs filled in. */
export interface CompiledPrices {
  readonly base: PriceLevel;
  /** highest threshold first */
  readonly tiers: readonly PriceLevel[];
  /** as written: the first that holds counts */
  readonly variants: readonly PriceLevel[];
  /** there is no base price: a call that no variant describes has none, and is refused */
  readonly strict: boolean;
}

/**
 * Compiles a table. Faults are added to `faults`, each beginning with `where` (file and model) and the field; gives undefined if there were any.
 * Refused: what is no decimal, negative prices, values beyond the sanity bounds, two tiers of one threshold, a table (or, without a base price, a variant) without any of `input`, `rerankSearch`,
 * `request` and a measure.
 */
export function compilePrices(
  table: PriceTable,
  where: string,
  faults: string[],
): CompiledPrices | undefined {
  const before = faults.length;
  const { tiers = [], variants = [], counts = {}, worstCounts } = table;
  const strict = !hasBasic(table) && variants.length > 0;
  for (const [at, prices] of strict ? variants.map((variant, index) => [`${where}.variants[${index}]`, variant] as const) : [[where, table] as const])
    if (!hasBasic(prices)) faults.push(`${at}: names a price for none of ${BASIC.join(", ")}`);
  const base = readClasses(table, where, faults);
  const seen = new Set<number>();
  const read = tiers.map((tier, index) => {
    const at = `${where}.tiers[${index}]`;
    if (seen.has(tier.abovePromptTokens))
      faults.push(`${at}.abovePromptTokens: ${tier.abovePromptTokens} stands twice`);
    seen.add(tier.abovePromptTokens);
    return { above: tier.abovePromptTokens, unit: readClasses(tier, at, faults) };
  });
  const readVariants = variants.map((variant, index) => ({
    when: variant.when,
    counts: { counts: { ...counts, ...variant.counts }, ...(worstCounts ?? variant.worstCounts ? { worstCounts: { ...worstCounts, ...variant.worstCounts } } : {}) },
    unit: readClasses(variant, `${where}.variants[${index}]`, faults),
  }));
  if (faults.length > before) return undefined;
  const own = { counts, ...(worstCounts ? { worstCounts } : {}) };
  return {
    base: level(base, undefined, own),
    tiers: read
      .toSorted((a, b) => b.above - a.above)
      .map(({ above, unit }) => level({ ...base, ...unit }, above, own)),
    variants: readVariants.map(({ when, unit, counts: its }) => ({ ...level({ ...base, ...unit }, undefined, its), when })),
    strict,
  };
}

/** One of these a call's price needs: what it is measured in. */
const BASIC = ["input", "rerankSearch", "request", ...MEASURES] as const;
const hasBasic = (prices: ClassPrices): boolean => BASIC.some((name) => prices[name] !== undefined);

/** The pico-dollars of one unit that a written price means. Throws RangeError for no decimal and for digits below the pico-dollar. */
export function unitPicoOf(name: PriceClass, text: string): bigint {
  return parseDecimal(text, PICO_SCALE - unitsPowerOf(name));
}

/** Written prices as pico-dollars per unit; faulty ones are told and left out. */
function readClasses(classes: ClassPrices, where: string, faults: string[]): MutablePrices {
  const unit: MutablePrices = {};
  for (const name of PRICE_CLASSES) {
    const text = classes[name];
    if (text === undefined) continue;
    try {
      const pico = unitPicoOf(name, text);
      const fault = boundsFault(name, text, pico);
      if (fault === undefined) unit[name] = pico;
      else faults.push(`${where}.${name}: ${fault}`);
    } catch (error) {
      faults.push(`${where}.${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return unit;
}

function boundsFault(name: PriceClass, text: string, pico: bigint): string | undefined {
  if (pico < 0n) return `${text} is negative; a price never is`;
  const [most, unitName] = MEASURE_MAX[name] ?? [];
  if (most !== undefined) return pico > unitPicoOf(name, most) ? `$${text} is beyond any model; the unit is US dollars per ${unitName}` : undefined;
  if (CALL_CLASSES.has(name))
    return pico > CALL_PICO_MAX
      ? `$${text} is beyond any search; the unit is US dollars per 1,000 calls`
      : undefined;
  const unit = `the unit is US dollars per MILLION tokens, for example "2.5" for $2.50`;
  if (pico > TOKEN_PICO_MAX)
    return `$${text} is beyond any model, probably a price multiplied by a million; ${unit}`;
  const least = name.startsWith("cache") ? TOKEN_PICO_MIN.cached : TOKEN_PICO_MIN.fresh;
  if (pico > 0n && pico < least) return `$${text} is below any model, probably a price per token; ${unit}`;
  return undefined;
}

function level(own: MutablePrices, abovePromptTokens: number | undefined, counts: Pick<PriceLevel, "counts" | "worstCounts">): PriceLevel {
  const unit = { ...own };
  for (const { name, from, tenths } of FALLBACKS) {
    const price = unit[from];
    if (unit[name] === undefined && price !== undefined) unit[name] = divideHalfUp(price * tenths, 10n);
  }
  return {
    abovePromptTokens,
    ...counts,
    unit,
    text: textOf(unit),
    dearestPrompt: dearest(unit, PROMPT_CLASSES),
    dearestOutput: dearest(unit, OUTPUT_CLASSES),
  };
}

/** Unit prices as decimal text. */
export const textOf = (unit: UnitPrices): PriceLevel["text"] => Object.fromEntries(Object.entries(unit).map(([name, price]) => [name, String(price)]));

function dearest(unit: UnitPrices, names: readonly PriceClass[]): bigint {
  let most = 0n;
  for (const name of names) {
    const price = unit[name];
    if (price !== undefined && price > most) most = price;
  }
  return most;
}
