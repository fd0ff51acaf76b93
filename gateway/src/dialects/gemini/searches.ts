import { objectOf } from "../canonical/fields.ts";
import type { Usage } from "../canonical/usage.ts";

/** What an answer, or an event of one, tells of Google's searches; a later event may repeat it or leave it out. */
interface Grounded {
  queries: number;
  web: boolean;
  maps: boolean;
}

/** What tells of a search: other texts need not be parsed for it. */
export const GROUNDED = /"(?:webSearchQueries|maps|googleMapsWidgetContextToken)"/;

/** Google's searches in an answer, put together over its events, by candidate. */
export class Searches {
  private readonly found = new Map<number, Grounded>();

  add(candidates: unknown): void {
    if (!Array.isArray(candidates)) return;
    for (const [at, candidate] of candidates.map(objectOf).entries()) {
      const place = typeof candidate["index"] === "number" ? candidate["index"] : at;
      const known = this.found.get(place) ?? { queries: 0, web: false, maps: false };
      const now = groundedBy(objectOf(candidate["groundingMetadata"]));
      this.found.set(place, { queries: Math.max(known.queries, now.queries), web: known.web || now.web, maps: known.maps || now.maps });
    }
  }

  /**
   * What Google bills of them (ai.google.dev/gemini-api/docs/pricing, "Grounding with Google Search", "Grounding with Google Maps"): each query from Gemini 3 on, before that a grounded prompt, however
   * many it took. Queries of an answer that names places of the maps only are the maps'.
   */
  billed(model: string): Usage {
    const byQuery = Number(/gemini-(\d+)/.exec(model)?.[1] ?? 3) >= 3;
    const all = [...this.found.values()];
    const mapsOnly = (one: Grounded): boolean => one.maps && !one.web;
    const queries = sum(all.map((one) => (mapsOnly(one) ? 0 : one.queries)));
    const places = sum(all.map((one) => (one.maps ? (mapsOnly(one) ? Math.max(one.queries, 1) : 1) : 0)));
    const [webSearch, mapsSearch] = byQuery ? [queries, places] : [Math.min(queries, 1), Math.min(places, 1)];
    return { ...(webSearch > 0 ? { webSearch } : {}), ...(mapsSearch > 0 ? { mapsSearch } : {}) };
  }
}

function groundedBy(metadata: Record<string, unknown>): Grounded {
  const { webSearchQueries: queries, groundingChunks: chunks, googleMapsWidgetContextToken: widget } = metadata;
  const has = (kind: string): boolean => Array.isArray(chunks) && chunks.some((chunk) => objectOf(chunk)[kind] !== undefined);
  return { queries: Array.isArray(queries) ? queries.filter((query) => typeof query === "string" && query !== "").length : 0, web: has("web"), maps: has("maps") || typeof widget === "string" };
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
