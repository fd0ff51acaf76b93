import { type Usage, USAGE_CLASSES, type UsageClass, promptTokens } from "../dialects/canonical/usage.ts";
import { divideHalfUp, parseDecimal, PICO_PER_NANO, RATIO_ONE } from "./money.ts";

/**
 * Prices as people read them: US dollars per MILLION tokens, as exact decimals. `webSearch` is per 1,000 calls, `request` per call.
 * Example: gpt-4.1-mini `{"input": "0.4", "output": "1.6", "cacheRead": "0.1"}`.
 */
export type ClassPrices = Partial<Record<UsageClass | "request", string>>;

export interface PriceTable extends ClassPrices {
  /** a call whose prompt is longer than the threshold is priced by the tier as a whole (Google and Anthropic do so) */
  tiers?: (ClassPrices & { abovePromptTokens: number })[];
}

/** What a class costs when the table does not say: the class it is a kind of. */
const FALLBACK: Partial<Record<UsageClass, UsageClass>> = {
  reasoning: "output",
  outputAudio: "output",
  outputImage: "output",
  inputAudio: "input",
  inputImage: "input",
  cacheRead: "input",
  cacheWrite: "input",
  cacheWriteHour: "cacheWrite",
};
/** A one-hour cache write costs 1.6 times a five-minute one (Anthropic: 2 and 1.25 times the input price). */
const HOUR_WRITE_OVER_SHORT = [16n, 10n] as const;
/** Dearer than any model by far: such a value is a per-token price in a per-million field, or the like. */
const USD_PER_MILLION_MAX = 10_000n;
const USD_PER_REQUEST_MAX = 1_000n;

/** Pico-dollars per unit, by class. */
type CompiledClasses = Partial<Record<UsageClass | "request", bigint>>;

export interface CompiledPrices {
  base: CompiledClasses;
  /** highest threshold first */
  tiers: { abovePromptTokens: number; prices: CompiledClasses }[];
}

export interface ChargeLine {
  class: string;
  units: number;
  /** price of one unit in pico-dollars, decimal text: it may exceed what a JSON number holds exactly */
  unitPricePico: string;
  /** group ratio in millionths */
  ratioMicro: number;
  /** nano-dollars; a single line never nears 2^53 nano ($9 million) */
  amountNano: number;
  /** set when a tier's price was used */
  abovePromptTokens?: number;
}

export interface Charge {
  lines: ChargeLine[];
  totalNano: bigint;
}

/** Compiles a table. Faults are collected in `faults`, each with `where` it stands; gives undefined if there are any. */
export function compilePrices(table: PriceTable, where: string, faults: string[]): CompiledPrices | undefined {
  const before = faults.length;
  const base = compileClasses(table, where, faults);
  const tiers = (table.tiers ?? [])
    .map((tier, index) => ({
      abovePromptTokens: tier.abovePromptTokens,
      prices: compileClasses({ ...table, ...tier }, `${where}.tiers[${index}]`, faults),
    }))
    .sort((a, b) => b.abovePromptTokens - a.abovePromptTokens);
  return faults.length === before ? { base, tiers } : undefined;
}

function compileClasses(table: ClassPrices, where: string, faults: string[]): CompiledClasses {
  const prices: CompiledClasses = {};
  for (const name of [...USAGE_CLASSES, "request"] as const) {
    const text = table[name];
    if (text === undefined) continue;
    try {
      // Dollars per million = pico per unit / 10^6; per thousand / 10^9; per one / 10^12.
      const scale = name === "request" ? 12 : name === "webSearch" ? 9 : 6;
      const pico = parseDecimal(text, scale);
      const dollarsMax = name === "request" ? USD_PER_REQUEST_MAX : USD_PER_MILLION_MAX;
      if (pico < 0n) faults.push(`${where}.${name}: a price is never negative`);
      else if (pico > dollarsMax * 10n ** BigInt(scale)) faults.push(`${where}.${name}: $${text} is beyond any model: is the unit right? (dollars per million tokens)`);
      prices[name] = pico;
    } catch (error) {
      faults.push(`${where}.${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const name of USAGE_CLASSES) {
    const fallback = FALLBACK[name];
    if (prices[name] !== undefined || fallback === undefined || prices[fallback] === undefined) continue;
    const price = prices[fallback];
    prices[name] = name === "cacheWriteHour" ? divideHalfUp(price * HOUR_WRITE_OVER_SHORT[0], HOUR_WRITE_OVER_SHORT[1]) : price;
  }
  return prices;
}

/**
 * The one evaluator, for quotes and charges. Each line is units x price x ratio, rounded once, half up, to the nano-dollar; the total is the
 * sum of the lines. Units without a price are a line of 0, so that the log shows them.
 */
export function evaluate(what: { prices: CompiledPrices; usage: Usage; groupRatioMicro: bigint }): Charge {
  const { prices, usage, groupRatioMicro } = what;
  const prompt = prices.tiers.length > 0 ? promptTokens(usage) : 0;
  const tier = prices.tiers.find((entry) => prompt > entry.abovePromptTokens);
  const classes = tier?.prices ?? prices.base;
  const lines: ChargeLine[] = [];
  let totalNano = 0n;
  const add = (name: UsageClass | "request", units: number): void => {
    const price = classes[name] ?? 0n;
    const amount = divideHalfUp(BigInt(units) * price * groupRatioMicro, PICO_PER_NANO * RATIO_ONE);
    totalNano += amount;
    lines.push({
      class: name,
      units,
      unitPricePico: price.toString(),
      ratioMicro: Number(groupRatioMicro),
      amountNano: Number(amount),
      ...(tier ? { abovePromptTokens: tier.abovePromptTokens } : {}),
    });
  };
  if (classes.request !== undefined && classes.request > 0n) add("request", 1);
  for (const name of USAGE_CLASSES) {
    const units = usage[name];
    if (units !== undefined && units > 0) add(name, units);
  }
  return { lines, totalNano };
}
