import { tokenCount, unitCount, type Usage, type UsageClass } from "../dialects/canonical/usage.ts";
import type { CompiledPrices, PriceLevel } from "./compile-prices.ts";
import { type Charge, evaluate } from "./evaluate.ts";
import { PICO_PER_NANO, RATIO_ONE } from "./money.ts";
import { PRICE_CLASSES } from "./price-table.ts";

/** Output tokens that a hold assumes of an answer when the model says nothing: agents ask for 64,000 and use a few hundred. */
export const TYPICAL_OUTPUT_TOKENS = 2_048;

const PRODUCT_PER_NANO = PICO_PER_NANO * RATIO_ONE;
/** Every line may round up by at most half a nano-dollar. */
const ROUNDING_NANO_NUMBER = Math.ceil(PRICE_CLASSES.length / 2);
const ROUNDING_NANO = BigInt(ROUNDING_NANO_NUMBER);
const PRODUCT_PER_NANO_NUMBER = Number(PRODUCT_PER_NANO);

/** What is known of a call before it is made. Counts are whole numbers, never negative. */
export interface QuoteInput {
  prices: CompiledPrices;
  /** estimated tokens of the prompt */
  promptTokens: number;
  /** expected (`quote`) or greatest possible (`worstCaseNano`) tokens of all answers together */
  outputTokens: number;
  /** what is consumed beside tokens (searches), by class; nothing unless told */
  units?: Usage;
  /** how often the price per `request` is due; 1 unless told */
  requests?: number;
  /** the group's ratio in millionths */
  groupRatioMicro: bigint;
}

/** What a call would cost if it used exactly this much plain text: the evaluator itself on an estimated usage. */
export function quote(input: QuoteInput): Charge {
  const usage: Usage = {
    input: input.promptTokens,
    output: input.outputTokens,
    ...input.units,
  };
  return evaluate({
    prices: input.prices,
    usage,
    groupRatioMicro: input.groupRatioMicro,
    requests: input.requests ?? 1,
  });
}

/**
 * An upper bound in nano-dollars for every usage of at most these counts, whatever the classes turn out to be: each prompt token at the dearest price
 * that a prompt token can have, each output token likewise, at the dearest level that so long a prompt can reach, rounded up. Never below `quote`.
 */
export function worstCaseNano(input: QuoteInput): bigint {
  const prompt = tokenCount(input.promptTokens);
  let dearest = worstPico(input.prices.base, prompt, input);
  for (const tier of input.prices.tiers) {
    if (tier.abovePromptTokens === undefined || prompt <= tier.abovePromptTokens) continue;
    const pico = worstPico(tier, prompt, input);
    if (pico > dearest) dearest = pico;
  }
  // A sum far below what a number holds exactly is rounded up in numbers: they cost a tenth of bigints.
  if (typeof dearest === "number") {
    const product = dearest * Number(input.groupRatioMicro);
    if (product <= Number.MAX_SAFE_INTEGER) return product === 0 ? 0n : BigInt(Math.ceil(product / PRODUCT_PER_NANO_NUMBER) + ROUNDING_NANO_NUMBER);
  }
  const most = BigInt(dearest) * input.groupRatioMicro;
  return most === 0n ? 0n : (most + PRODUCT_PER_NANO - 1n) / PRODUCT_PER_NANO + ROUNDING_NANO;
}

/** In pico-dollars; a number where that holds it exactly. */
function worstPico(level: PriceLevel, prompt: number, input: QuoteInput): number | bigint {
  const output = tokenCount(input.outputTokens);
  const requests = tokenCount(input.requests ?? 1);
  const tokens = prompt * Number(level.dearestPrompt) + output * Number(level.dearestOutput) + requests * Number(level.unit.request ?? 0n);
  if (!input.units && tokens <= Number.MAX_SAFE_INTEGER) return tokens;
  let units = 0n;
  for (const name in input.units) units += BigInt(Math.ceil(unitCount(name, input.units[name as UsageClass]))) * (level.unit[name as UsageClass] ?? 0n);
  return units + BigInt(prompt) * level.dearestPrompt + BigInt(output) * level.dearestOutput + BigInt(requests) * (level.unit.request ?? 0n);
}
