import type { RequestTarget } from "../canonical/codec.ts";

/**
 * What the model that a request goes to takes. Traits of the target decide; where there is none, the generation in the model's name does ("gemini-2.5-flash",
 * "gemini-3.1-pro-preview"), and names without one count as current.
 *
 * Traits: "schema-subset" (only `parameters` / `responseSchema`), "thinking-level", "thinking-budget", "thinking-always" (cannot be turned off), "no-strict" (no VALIDATED
 * mode), "no-call-ids", "no-tool-media" (no media inside function results), "no-json-with-tools", "no-mixed-tools" (own functions and Google's tools exclude each other),
 * "domains" (googleSearch takes `excludeDomains`: Vertex AI), "labels" (takes `labels`: Vertex AI), "search-retrieval" (`googleSearchRetrieval`: Gemini 1.5), "flat-count" (see
 * token-counting.ts).
 */
export interface TargetModel {
  schemaSubset: boolean;
  /** how thinking is told: by level (Gemini 3) or by budget of tokens (Gemini 2.5) */
  thinking: "level" | "budget" | "none";
  thinkingAlways: boolean;
  /** tokens: least and most of a thinking budget (Gemini API guide, "Thinking") */
  budgetRange: [number, number];
  levels: ("minimal" | "low" | "medium" | "high")[];
  validatedMode: boolean;
  callIds: boolean;
  toolMedia: boolean;
  jsonWithTools: boolean;
  mixedTools: boolean;
  excludeDomains: boolean;
  labels: boolean;
  searchRetrieval: boolean;
  /** function calls in the history need a thought signature */
  signatures: boolean;
  /** what the model answers with where the caller does not say: image and speech models refuse or withhold it unless told */
  modalities: ("TEXT" | "IMAGE" | "AUDIO")[] | undefined;
}

export function targetModel(target: RequestTarget): TargetModel {
  const { traits, model } = target;
  const generation = Number(/gemini-(\d+)/.exec(model)?.[1] ?? 3);
  const current = generation >= 3;
  const pro = /\bpro\b/.test(model);
  const byLevel = traits.has("thinking-level") || (current && !traits.has("thinking-budget"));
  return {
    schemaSubset: traits.has("schema-subset"),
    thinking: target.reasons ? (byLevel ? "level" : "budget") : "none",
    thinkingAlways: traits.has("thinking-always") || pro || byLevel,
    budgetRange: pro ? [128, 32_768] : [/lite/.test(model) ? 512 : 1, 24_576],
    levels: pro ? ["low", "medium", "high"] : ["minimal", "low", "medium", "high"],
    validatedMode: !traits.has("no-strict"),
    callIds: !traits.has("no-call-ids"),
    toolMedia: current && !traits.has("no-tool-media"),
    jsonWithTools: current && !traits.has("no-json-with-tools"),
    mixedTools: current && !traits.has("no-mixed-tools"),
    excludeDomains: traits.has("domains"),
    labels: traits.has("labels"),
    searchRetrieval: traits.has("search-retrieval"),
    signatures: current && target.reasons,
    modalities: /-image\b|image-generation/.test(model) ? ["TEXT", "IMAGE"] : /-tts\b/.test(model) ? ["AUDIO"] : undefined,
  };
}
