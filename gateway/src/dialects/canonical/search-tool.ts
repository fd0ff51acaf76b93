import type { CodecId } from "./codec.ts";
import type { DroppedFeatures } from "./dropped-features.ts";
import type { Tool } from "./request.ts";

/** The members of a search that only its own dialect has, for that dialect; any other has no words for them, and they are named. */
export function ownOfSearch({ own }: Tool & { type: "web-search" }, dialect: CodecId, dropped: DroppedFeatures): Record<string, unknown> {
  if (!own) return {};
  if (own.dialect === dialect) return own.values;
  for (const name of Object.keys(own.values)) dropped.add(`tools.web-search.${name}`, `web_search.${name}`);
  return {};
}
