import { z } from "zod";
import type { CompiledPrices } from "./compile-prices.ts";
import { type Parameters, parameterSchema } from "./parameters.ts";
import { type PriceTable, priceTableSchema } from "./price-table.ts";
import { type ModelSource, sourceSchema } from "./sources.ts";

/** What a model can do. `cache`: the vendor discounts prompts it has seen; `web-search`: the vendor searches on its own side. */
export const ABILITIES = [
  "text",
  "vision",
  "audio-in",
  "audio-out",
  "pdf",
  "tools",
  "structured-output",
  "reasoning",
  "cache",
  "image-out",
  "video-out",
  "web-search",
] as const;

/** One of `ABILITIES`. */
export type Ability = (typeof ABILITIES)[number];

/** What a model is for, of models that are not for conversation. */
export const MODEL_KINDS = ["image", "video", "audio", "music", "text"] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/** Context assumed of an operator's model that names none, in tokens: what most models served today have at least. */
export const CONTEXT_TOKENS_DEFAULT = 128_000;
/** Longest answer assumed of an operator's model that names none, in tokens: no vendor's common models give more by default. */
export const MAX_OUTPUT_TOKENS_DEFAULT = 65_536;
/** Characters of a model's name; the longest known is about 60. */
const NAME_LENGTH_MAX = 200;

const name = z.string().min(1).max(NAME_LENGTH_MAX);
const isoDate = z.iso.date();

/**
 * A model as the data files and the operator's settings write it. Laid over an entry of the same id, it replaces member by member (`prices` as a whole);
 * `null` takes a member away: `"retiredAt": null` brings a retired model back, `"prices": null` makes it not callable.
 */
export const modelEntrySchema = z.strictObject({
  id: name,
  vendor: z.string().min(1).optional(),
  displayName: z.string().min(1).optional(),
  aliases: z.array(name).optional(),
  contextTokens: z.int().min(1).optional(),
  maxOutputTokens: z.int().min(0).optional(),
  typicalOutputTokens: z.int().min(1).nullish(),
  modalities: z
    .strictObject({ input: z.array(z.string()).min(1), output: z.array(z.string()).min(1) })
    .optional(),
  abilities: z.array(z.enum(ABILITIES)).optional(),
  releasedAt: isoDate.nullish(),
  retiredAt: isoDate.nullish(),
  replacedBy: name.nullish(),
  kind: z.enum(MODEL_KINDS).nullish(),
  parameters: z.record(z.string(), parameterSchema).nullish(),
  sources: z.array(sourceSchema).min(1).nullish(),
  prices: priceTableSchema.nullish(),
});

/** An entry as written, after its shape was checked. */
export type ModelEntry = z.infer<typeof modelEntrySchema>;

/** A model of the catalog. */
export interface Model {
  id: string;
  /** `openai`, `anthropic`, `gemini` or any other vendor's id */
  vendor: string;
  displayName: string;
  /** set when no shipped file knows it, only the operator's settings: its vendor's accounts need not have it */
  own?: true;
  /** further names that mean exactly this model */
  aliases?: string[];
  /** tokens of prompt and answer together */
  contextTokens: number;
  /** tokens of the longest answer; 0 for a model that answers without tokens (embeddings) */
  maxOutputTokens: number;
  /** set for media models that run as tasks: what they make (`music` is sound that was composed, `text` what was read out of a picture or written as lyrics) */
  kind?: ModelKind;
  /** what its price depends on beside the model, and what says how much it makes */
  parameters?: Parameters;
  /** who makes it, in the order to ask, where that is not its vendor alone under its own name (`sourcesOf`); an answer at once comes from its vendor, a task from any of them */
  sources?: readonly ModelSource[];
  /** kinds of content: text, image, audio, video, pdf; the first of input is what a media model cannot do without; of output also embedding, ranking, moderation and transcript (the words of given sound, and nothing else) */
  modalities: { input: string[]; output: string[] };
  abilities: Ability[];
  /** tokens that a hold assumes of an answer; `TYPICAL_OUTPUT_TOKENS` when absent */
  typicalOutputTokens?: number;
  /** ISO date */
  releasedAt?: string;
  /** ISO date from which the vendor no longer serves it; such a model is refused here and never forwarded */
  retiredAt?: string;
  /** the name of the model to use instead */
  replacedBy?: string;
  /** the prices as written; without them the model is in the catalog but cannot be called */
  prices?: PriceTable;
  /** the prices for the evaluator; undefined exactly when `prices` is absent */
  compiled: CompiledPrices | undefined;
}

/** What models for something else than conversation put out and can do, unless their entries say more. */
const KIND_DEFAULTS: Readonly<Record<ModelKind, { output: string; abilities: Ability[] }>> = {
  image: { output: "image", abilities: ["image-out"] },
  video: { output: "video", abilities: ["video-out"] },
  audio: { output: "audio", abilities: ["audio-out"] },
  music: { output: "audio", abilities: ["audio-out"] },
  text: { output: "text", abilities: ["text"] },
};

/** Makes a model of a merged entry and its compiled prices, defaults filled in. `vendor` must be there. */
export function modelOf(entry: ModelEntry & { vendor: string }, compiled: CompiledPrices | undefined): Model {
  const kind = KIND_DEFAULTS[entry.kind ?? "text"];
  return {
    id: entry.id,
    vendor: entry.vendor,
    displayName: entry.displayName ?? entry.id,
    ...(entry.aliases ? { aliases: entry.aliases } : {}),
    contextTokens: entry.contextTokens ?? CONTEXT_TOKENS_DEFAULT,
    maxOutputTokens: entry.maxOutputTokens ?? (entry.kind ? 0 : MAX_OUTPUT_TOKENS_DEFAULT),
    modalities: entry.modalities ?? { input: ["text"], output: [kind.output] },
    abilities: entry.abilities ?? kind.abilities,
    ...(entry.typicalOutputTokens ? { typicalOutputTokens: entry.typicalOutputTokens } : {}),
    ...(entry.releasedAt ? { releasedAt: entry.releasedAt } : {}),
    ...(entry.retiredAt ? { retiredAt: entry.retiredAt } : {}),
    ...(entry.replacedBy ? { replacedBy: entry.replacedBy } : {}),
    ...(entry.kind ? { kind: entry.kind } : {}),
    ...(entry.parameters ? { parameters: entry.parameters } : {}),
    ...(entry.sources ? { sources: entry.sources } : {}),
    ...(entry.prices ? { prices: entry.prices } : {}),
    compiled,
  };
}
