import { objectOf } from "../canonical/fields.ts";

/** Searches of Google's that an answer, or an event of one, tells of, by candidate: a later event may repeat the list or leave it out. */
export function searchesOf(candidates: unknown): number[] {
  if (!Array.isArray(candidates)) return [];
  return candidates.map((candidate) => {
    const queries = objectOf(objectOf(candidate)["groundingMetadata"])["webSearchQueries"];
    return Array.isArray(queries) ? queries.filter((query) => typeof query === "string" && query !== "").length : 0;
  });
}

/** What Google bills of them (ai.google.dev/gemini-api/docs/pricing, "Grounding with Google Search"): each query from Gemini 3 on, before that a grounded prompt, however many it took. */
export function billedSearches(queries: number, model: string): number {
  return Number(/gemini-(\d+)/.exec(model)?.[1] ?? 3) >= 3 ? queries : Math.min(queries, 1);
}
