/** Grounding with Google Search (SDK: GroundingMetadata), as it comes with the candidate that ends. */
import { asList, asObject, type JsonObject } from "../../kit/json.ts";
import type { Conversation } from "../../kit/conversation.ts";

const FOUND = { uri: "https://example.com/found", title: "Found" };

/** Takes a body and its conversation; gives what is searched for: the prompt, where it speaks of a search and the tool is offered, in either spelling. */
export function searchedFor(body: JsonObject, { turns }: Conversation): string | undefined {
  const asked = turns.findLast((turn) => turn.role === "user")?.text ?? "";
  const offered = asList(body["tools"]).map(asObject).some((tool) => tool["googleSearch"] !== undefined || tool["google_search"] !== undefined);
  return offered && /\bsearch\b/i.test(asked) ? asked : undefined;
}

/** Takes the query, the text that rests on what was found and its place among the parts. Segments count bytes; Google leaves out zeros. */
export const groundingOf = (query: string, text: string, part: number): JsonObject => ({
  searchEntryPoint: { renderedContent: "<div>Google Search</div>" },
  groundingChunks: [{ web: FOUND }],
  groundingSupports: [{ segment: { ...(part > 0 ? { partIndex: part } : {}), endIndex: Buffer.byteLength(text), text }, groundingChunkIndices: [0] }],
  webSearchQueries: [query],
});
