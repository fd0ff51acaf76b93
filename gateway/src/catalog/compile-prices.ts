import { divideHalfUp, parseDecimal } from "./money.ts";
import { type ClassPrices, FALLBACKS, OUTPUT_CLASSES, PRICE_CLASSES, type PriceClass, PROMPT_CLASSES, type PriceTable, unitsPowerOf } from "./price-table.ts";

/** Digits of a dollar in a pico-dollar. */
const PICO_SCALE = 12;
/** Dollars per million tokens. The dearest model known asks 600; more is a price multiplied by the million, or cents for dollars. */
const USD_PER_MILLION_MAX = "10000";
/**
 * Dollars per million tokens. The cheapest text model known asks 0.005, the cheapest cache read 0.0028; less is a price per token
 * (3 dollars per million are 0.000003 per token) or cents per token (0.0003). Zero is allowed: such a model is free on purpose.
 */
const USD_PER_MILLION_MIN = { fresh: "0.005", cached: "0.0005" };
/** Dollars per call; the dearest media call known costs a few. */
const USD_PER_REQUEST_MAX = "1000";
/** Dollars per 1,000 web searches; vendors ask 10 to 35. */
const USD_PER_THOUSAND_SEARCHES_MAX = "10000";

/** Pico-dollars per unit, by class; a class that is missing has no price. */
export type UnitPrices = { readonly [name in PriceClass]?: bigint };

/** One price level of a model. */
export interface PriceLevel {
  /** the level holds for prompts longer than this; undefined: the base level */
  readonly abovePromptTokens: number | undefined;
  readonly unit: UnitPrices;
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
}

/**
 * Compiles a table. Faults are added to `faults`, each beginning with `where` (file and model) and the field; gives undefined if there were any.
 * Refused: what is no decimal, negative prices, values beyond the sanity bounds, a table without `input` and `request`, two tiers of one threshold.
 */
export function compilePrices(table: PriceTable, where: string, faults: string[]): CompiledPrices | undefined {
  const before = faults.length;
  const { tiers = [], ...classes } = table;
  if (classes.input === undefined && classes.request === undefined) faults.push(`${where}: names neither a price for "input" nor one per "request"`);
  checkClasses(classes, where, faults);
  const seen = new Set<number>();
  for (const [index, { abovePromptTokens, ...tierClasses }] of tiers.entries()) {
    checkClasses(tierClasses, `${where}.tiers[${index}]`, faults);
    if (seen.has(abovePromptTokens)) faults.push(`${where}.tiers[${index}].abovePromptTokens: ${abovePromptTokens} stands twice`);
    seen.add(abovePromptTokens);
  }
  if (faults.length > before) return undefined;
  return {
    base: level(classes, undefined),
    tiers: tiers
      .toSorted((a, b) => b.abovePromptTokens - a.abovePromptTokens)
      .map(({ abovePromptTokens, ...tierClasses }) => level({ ...classes, ...defined(tierClasses) }, abovePromptTokens)),
  };
}

/** The pico-dollars of one unit that a written price means. Throws RangeError for no decimal and for digits below the pico-dollar. */
export function unitPicoOf(name: PriceClass, text: string): bigint {
  return parseDecimal(text, PICO_SCALE - unitsPowerOf(name));
}

function checkClasses(classes: ClassPrices, where: string, faults: string[]): void {
  for (const name of PRICE_CLASSES) {
    const text = classes[name];
    if (text === undefined) continue;
    try {
      const fault = valueFault(name, text);
      if (fault !== undefined) faults.push(`${where}.${name}: ${fault}`);
    } catch (error) {
      faults.push(`${where}.${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function valueFault(name: PriceClass, text: string): string | undefined {
  const pico = unitPicoOf(name, text);
  if (pico < 0n) return `${text} is negative; a price never is`;
  if (name === "request") return pico > unitPicoOf(name, USD_PER_REQUEST_MAX) ? `$${text} for one call is beyond any model; the unit is US dollars per call` : undefined;
  if (name === "webSearch")
    return pico > unitPicoOf(name, USD_PER_THOUSAND_SEARCHES_MAX) ? `$${text} is beyond any search; the unit is US dollars per 1,000 calls` : undefined;
  const unit = `the unit is US dollars per MILLION tokens, for example "2.5" for $2.50`;
  if (pico > unitPicoOf(name, USD_PER_MILLION_MAX)) return `$${text} is beyond any model, probably a price multiplied by a million; ${unit}`;
  const least = name.startsWith("cache") ? USD_PER_MILLION_MIN.cached : USD_PER_MILLION_MIN.fresh;
  if (pico > 0n && pico < unitPicoOf(name, least)) return `$${text} is below any model, probably a price per token; ${unit}`;
  return undefined;
}

function level(classes: ClassPrices, abovePromptTokens: number | undefined): PriceLevel {
  const unit: { [name in PriceClass]?: bigint } = {};
  for (const name of PRICE_CLASSES) {
    const text = classes[name];
    if (text !== undefined) unit[name] = unitPicoOf(name, text);
  }
  for (const { name, from, tenths } of FALLBACKS) {
    const price = unit[from];
    if (unit[name] === undefined && price !== undefined) unit[name] = divideHalfUp(price * tenths, 10n);
  }
  return { abovePromptTokens, unit, dearestPrompt: dearest(unit, PROMPT_CLASSES), dearestOutput: dearest(unit, OUTPUT_CLASSES) };
}

function dearest(unit: UnitPrices, names: readonly PriceClass[]): bigint {
  let most = 0n;
  for (const name of names) {
    const price = unit[name];
    if (price !== undefined && price > most) most = price;
  }
  return most;
}

function defined(classes: ClassPrices): ClassPrices {
  return Object.fromEntries(Object.entries(classes).filter(([, text]) => text !== undefined));
}
