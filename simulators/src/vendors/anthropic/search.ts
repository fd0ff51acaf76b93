/** A web search that the vendor runs itself (web search tool guide; SDK: ServerToolUseBlock, WebSearchToolResultBlock, CitationsWebSearchResultLocation). */
import { asList, asObject, asText, type JsonObject } from "../../kit/json.ts";
import type { Conversation } from "../../kit/conversation.ts";

/** One search, with what stands in for its encrypted parts. */
export interface Search {
  id: string;
  query: string;
  sealed: string;
}

const FOUND = { url: "https://example.com/found", title: "Found" };
const DIRECT = { type: "direct" };

/** Takes a body and its conversation; gives what is searched for: the prompt, where it speaks of a search and the tool is offered. */
export function searchedFor(body: JsonObject, conversation: Conversation): string | undefined {
  const asked = conversation.turns.findLast((turn) => turn.role === "user")?.text ?? "";
  const offered = asList(body["tools"]).some((tool) => asText(asObject(tool)["type"]).startsWith("web_search_"));
  return offered && /\bsearch\b/i.test(asked) ? asked : undefined;
}

/** The call and its result, as they stand before the text. */
export const searchBlocks = ({ id, query, sealed }: Search): JsonObject[] => [
  { type: "server_tool_use", id, name: "web_search", input: { query }, caller: DIRECT },
  { type: "web_search_tool_result", tool_use_id: id, content: [{ type: "web_search_result", ...FOUND, encrypted_content: sealed, page_age: null }], caller: DIRECT },
];

/** What the text cites. */
export const citationOf = ({ sealed }: Search): JsonObject => ({ type: "web_search_result_location", ...FOUND, encrypted_index: sealed, cited_text: "What was found." });
