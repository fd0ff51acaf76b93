import { z } from "zod";
import { MEASURES, USAGE_CLASSES, type UsageClass } from "../dialects/canonical/usage.ts";
import { type Condition, conditionSchema } from "./conditions.ts";
import { type CountRules, countsSchema } from "./counts.ts";

/** What a price can stand for: a usage class, or `request`, the flat price of one call. */
export type PriceClass = UsageClass | "request";

/** Every price class, in the order in which charge lines stand. */
export const PRICE_CLASSES: readonly PriceClass[] = ["request", ...USAGE_CLASSES];

/** The classes a prompt is made of; together they decide the tier (`promptTokens`). */
export const PROMPT_CLASSES = [
  "input",
  "inputAudio",
  "inputImage",
  "cacheRead",
  "cacheReadAudio",
  "cacheReadImage",
  "cacheWrite",
  "cacheWriteHour",
] as const satisfies readonly UsageClass[];

/** The classes an answer is made of. */
export const OUTPUT_CLASSES = [
  "output",
  "reasoning",
  "outputAudio",
  "outputImage",
] as const satisfies readonly UsageClass[];

/** Classes that count calls of a vendor's and not tokens; they are priced by the thousand. */
export const CALL_CLASSES: ReadonlySet<PriceClass> = new Set<PriceClass>(["webSearch", "rerankSearch", "fileSearch", "codeContainer", "mapsSearch"]);

/** Measures that are priced by the million, like tokens. */
const BY_THE_MILLION: ReadonlySet<PriceClass> = new Set<PriceClass>(["characters", "videoTokens"]);

/** How many units a written price is for, as a power of ten: tokens and characters by the million, a vendor's calls by the thousand, requests and all other measures by one. */
export function unitsPowerOf(name: PriceClass): number {
  if (name === "request") return 0;
  if (MEASURES.has(name)) return BY_THE_MILLION.has(name) ? 6 : 0;
  return CALL_CLASSES.has(name) ? 3 : 6;
}

/**
 * What a class costs when a table gives it no price of its own, as multiples in tenths of another class. A one-hour cache write is 1.6 times a
 * five-minute one (Anthropic: 2 and 1.25 times input). `input`, `output`, `request` and what counts calls (`CALL_CLASSES`) have none: without a price they are a line of 0 that
 * says `unpriced`. The order matters: `cacheWriteHour` reads what `cacheWrite` became, cached sound what `cacheRead` became.
 */
export const FALLBACKS: readonly { name: UsageClass; from: UsageClass; tenths: bigint }[] = [
  { name: "reasoning", from: "output", tenths: 10n },
  { name: "outputAudio", from: "output", tenths: 10n },
  { name: "outputImage", from: "output", tenths: 10n },
  { name: "inputAudio", from: "input", tenths: 10n },
  { name: "inputImage", from: "input", tenths: 10n },
  { name: "cacheRead", from: "input", tenths: 10n },
  { name: "cacheReadAudio", from: "cacheRead", tenths: 10n },
  { name: "cacheReadImage", from: "cacheRead", tenths: 10n },
  { name: "cacheWrite", from: "input", tenths: 10n },
  { name: "cacheWriteHour", from: "cacheWrite", tenths: 16n },
];

/**
 * Prices as people read them, in exact decimals: US dollars per MILLION tokens, characters or `videoTokens`, `webSearch` and the other `CALL_CLASSES` per 1,000 calls, `request` per call,
 * all other measures each: `audioSeconds`, `videoSeconds` and `gpuSeconds` per second, `images` per picture, `megapixels` per million pixels, `credits` and `billableUnits` per unit.
 * Example, gpt-4.1-mini: `{"input": "0.4", "output": "1.6", "cacheRead": "0.1"}` is $0.40 for a million tokens read.
 */
export type ClassPrices = { [name in PriceClass]?: string | undefined };

/** The prices of a call whose prompt is longer than the threshold; they hold for the whole call. A class it leaves out keeps the base price. */
export type PriceTier = ClassPrices & { abovePromptTokens: number };

/**
 * The prices of a call whose options are these, for example `{"when": {"quality": "hd", "size": "1024x1024"}, "images": "0.08"}` or `{"when": {"duration": {"from": 1, "to": 5}}, "request": "0.2"}`.
 * A class it leaves out keeps the base price. The first variant that holds counts; an option that the caller left out is there with the vendor's default. Texts compare without case.
 * `counts` and `worstCounts` take the place of the table's for the classes they name.
 */
export type PriceVariant = ClassPrices & { when: Record<string, Condition> } & TableCounts;

/** How many units a call makes, out of its parameters: as expected, and at most, where that is more (a vendor's report decides). */
interface TableCounts {
  counts?: CountRules | undefined;
  worstCounts?: CountRules | undefined;
}

/**
 * All prices of one model. Tiers do not count where a variant holds. A table without a base price has prices for the calls that its variants describe and for no others: those are refused.
 */
export type PriceTable = ClassPrices & { tiers?: PriceTier[] | undefined; variants?: PriceVariant[] | undefined } & TableCounts;

const decimalText = z.union([z.string(), z.number()]).transform(String);
const classPrices = z.strictObject({
  input: decimalText.optional(),
  inputAudio: decimalText.optional(),
  inputImage: decimalText.optional(),
  cacheRead: decimalText.optional(),
  cacheReadAudio: decimalText.optional(),
  cacheReadImage: decimalText.optional(),
  cacheWrite: decimalText.optional(),
  cacheWriteHour: decimalText.optional(),
  output: decimalText.optional(),
  reasoning: decimalText.optional(),
  outputAudio: decimalText.optional(),
  outputImage: decimalText.optional(),
  webSearch: decimalText.optional(),
  rerankSearch: decimalText.optional(),
  fileSearch: decimalText.optional(),
  codeContainer: decimalText.optional(),
  mapsSearch: decimalText.optional(),
  request: decimalText.optional(),
  characters: decimalText.optional(),
  audioSeconds: decimalText.optional(),
  images: decimalText.optional(),
  videoSeconds: decimalText.optional(),
  videoTokens: decimalText.optional(),
  megapixels: decimalText.optional(),
  credits: decimalText.optional(),
  gpuSeconds: decimalText.optional(),
  billableUnits: decimalText.optional(),
} satisfies Record<PriceClass, z.ZodType>);

const tableCounts = { counts: countsSchema.optional(), worstCounts: countsSchema.optional() };

/** A price table as data files and settings write it. Checks the shape; `compilePrices` checks the values. */
export const priceTableSchema = classPrices.extend({
  tiers: z.array(classPrices.extend({ abovePromptTokens: z.int().min(1) })).optional(),
  variants: z.array(classPrices.extend({ when: z.record(z.string(), conditionSchema), ...tableCounts })).optional(),
  ...tableCounts,
});
