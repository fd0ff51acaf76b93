/**
 * What a vendor says a call consumed, in classes that never overlap, so that a price can be put on each
 * and the lines can be added up. Every dialect folds its own fields into these: OpenAI and Gemini report cached,
 * audio and image tokens inside the prompt (subtracted here), Anthropic beside it (kept).
 */
export const USAGE_CLASSES = [
  /** text tokens read fresh */
  "input",
  "inputAudio",
  "inputImage",
  /** tokens read from the vendor's prompt cache */
  "cacheRead",
  /** sound and pictures read from the vendor's prompt cache, where it tells them apart */
  "cacheReadAudio",
  "cacheReadImage",
  /** tokens written to the prompt cache with the short life (5 minutes at Anthropic) */
  "cacheWrite",
  /** tokens written to the prompt cache with the long life (1 hour at Anthropic) */
  "cacheWriteHour",
  /** visible text tokens produced */
  "output",
  /** hidden or visible thinking tokens produced */
  "reasoning",
  "outputAudio",
  "outputImage",
  /** web searches the vendor ran on its side, in calls */
  "webSearch",
  /** searches of a reranker as its vendor counts them: at Cohere one query with up to 100 documents */
  "rerankSearch",
  /** searches in files that the vendor keeps, in calls */
  "fileSearch",
  /** containers in which the vendor ran code, in those of the smallest size */
  "codeContainer",
  /** answers, or from Gemini 3 on queries, that Google grounded by its maps */
  "mapsSearch",
  /** characters of a text that was spoken (Unicode code points, as vendors of speech count) */
  "characters",
  /** seconds of sound that was heard, begun ones whole */
  "audioSeconds",
  /** pictures made */
  "images",
  /** seconds of video, made or (where a vendor works on a given one) read */
  "videoSeconds",
  /** tokens by which a vendor counts video: ByteDance width x height x frames / 1024 */
  "videoTokens",
  /** millions of pixels of a picture, or of all frames of a video */
  "megapixels",
  /** a vendor's own credits */
  "credits",
  /** seconds that the vendor's machine ran: Replicate's `metrics.predict_time` */
  "gpuSeconds",
  /** what a vendor calls its billable units: fal's `x-fal-billable-units` */
  "billableUnits",
] as const;

export type UsageClass = (typeof USAGE_CLASSES)[number];

/**
 * Measures of media calls that are not tokens. One call may be measured in several ways at once (a spoken text in characters and in tokens);
 * what counts is what the model's price table has a price for.
 */
export const MEASURES: ReadonlySet<UsageClass> = new Set(["characters", "audioSeconds", "images", "videoSeconds", "videoTokens", "megapixels", "credits", "gpuSeconds", "billableUnits"]);

/** Measures that vendors report with a fraction; it counts to the thousandth. */
export const FRACTIONAL: ReadonlySet<string> = new Set<UsageClass>(["videoSeconds", "megapixels", "credits", "gpuSeconds", "billableUnits"]);
/** Steps of a fractional measure in one unit. */
export const FRACTION_STEPS = 1_000;

/** Units per class: tokens, calls for `webSearch`, `rerankSearch`, `fileSearch`, `codeContainer` and `mapsSearch`, or what a measure counts. Absent means zero. Never negative. Whole numbers, but for `FRACTIONAL`. */
export type Usage = Partial<Record<UsageClass, number>>;

/** What another model of the vendor's did within a call, at its own price: a picture model, as the tool of a conversation's. */
export interface Drawn {
  model: string;
  usage: Usage;
}

/** Where the numbers come from: the vendor's own report, or our count of what was delivered. */
export interface MeteredUsage {
  usage: Usage;
  /** true when any class is our estimate and not the vendor's word */
  estimated: boolean;
  /** classes that are exact although others are estimated: the characters of a text that we sent ourselves */
  exact?: readonly UsageClass[];
  /** what did not add up in the vendor's report (clamped, never negative); for the log */
  anomaly?: string;
  /** what the price depends on, where the answer tells it better than the request */
  options?: Readonly<Record<string, string>>;
  drawn?: Drawn;
}

/** All prompt-side tokens, cached ones included: what decides a price tier. */
export function promptTokens(usage: Usage): number {
  return (
    (usage.input ?? 0) +
    (usage.inputAudio ?? 0) +
    (usage.inputImage ?? 0) +
    (usage.cacheRead ?? 0) +
    (usage.cacheReadAudio ?? 0) +
    (usage.cacheReadImage ?? 0) +
    (usage.cacheWrite ?? 0) +
    (usage.cacheWriteHour ?? 0)
  );
}

/** Prompt tokens that came out of a cache, whatever they are of. */
export const cachedTokens = (usage: Usage): number => (usage.cacheRead ?? 0) + (usage.cacheReadAudio ?? 0) + (usage.cacheReadImage ?? 0);

/** All tokens produced, thinking included. */
export function completionTokens(usage: Usage): number {
  return (usage.output ?? 0) + (usage.reasoning ?? 0) + (usage.outputAudio ?? 0) + (usage.outputImage ?? 0);
}

/** Ten times the largest context sold: a vendor that reports more tokens in one field has a fault, and must not empty a wallet or leave the number range. */
export const TOKENS_MAX = 100_000_000;

/** A whole number from 0 to TOKENS_MAX out of whatever a vendor sent; 0 for what is no number. */
export function tokenCount(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.min(Math.floor(value), TOKENS_MAX) : 0;
}

/** Units of a class out of whatever a vendor sent: `tokenCount`, and for a fractional measure the nearest thousandth. */
export function unitCount(name: string, value: unknown): number {
  if (!FRACTIONAL.has(name)) return tokenCount(value);
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.min(Math.round(value * FRACTION_STEPS) / FRACTION_STEPS, TOKENS_MAX) : 0;
}
