/** Ranks documents by how near they are to a query, as every played reranker does. */
import { LENGTH, nearness, vectorOf } from "./vectors.ts";

/** One document's place in the ranking. */
export interface Ranked {
  /** place in the request */
  index: number;
  /** from 0 to 1 */
  score: number;
}

/** Takes a query, documents as texts, how many are wanted and the vendor's name; gives the best ones, best first. */
export function rank(query: string, documents: string[], most: number, vendor: string): Ranked[] {
  const wanted = vectorOf(query, LENGTH, vendor);
  return documents
    .map((text, index) => ({ index, score: Math.round(Math.max(0, nearness(wanted, vectorOf(text, LENGTH, vendor))) * 1e6) / 1e6 }))
    .toSorted((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, most);
}
