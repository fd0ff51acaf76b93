/** The items of an answer (openai SDK: ResponseOutputItem), before they are put on the wire. */
import type { Reply, ToolCall } from "../../../kit/brain.ts";
import { asList, asNumber, asObject, asText, type JsonObject } from "../../../kit/json.ts";
import type { Received } from "../../../kit/vendor.ts";
import { tokenize } from "../../../kit/tokens.ts";
import { logprobsOf } from "../logprobs.ts";
import type { ResponsesRequest } from "./read.ts";
import { seal } from "./sealed.ts";

/** Words of a summary of thinking; the number is ours. */
const SUMMARY_WORDS = 12;

/** One item and, where it is streamed piece by piece, its pieces: one token each. */
export interface AnswerItem {
  item: JsonObject;
  pieces: string[];
}

/** Takes the body; tells whether a value is among `include`. */
const included = (body: JsonObject, name: string): boolean => asList(body["include"]).includes(name);

function reasoning(request: Received, body: JsonObject, reply: Reply): AnswerItem {
  const wish = asObject(body["reasoning"]);
  const shown = asText(wish["summary"]) !== "" || asText(wish["generate_summary"]) !== "";
  const pieces = shown ? reply.thinking.slice(0, SUMMARY_WORDS) : [];
  const sealed = included(body, "reasoning.encrypted_content");
  return {
    item: {
      id: `rs_${request.ids.hex(48)}`,
      type: "reasoning",
      ...(sealed ? { encrypted_content: seal(reply.thinking.join("")) } : {}),
      summary: shown ? [{ type: "summary_text", text: pieces.join("") }] : [],
    },
    pieces,
  };
}

function search(request: Received, body: JsonObject, query: string): AnswerItem {
  const sources = included(body, "web_search_call.action.sources")
    ? { sources: [{ type: "url", url: "https://example.com/found" }] }
    : {};
  const action = { type: "search", query, queries: [query], ...sources };
  return { item: { id: `ws_${request.ids.hex(48)}`, type: "web_search_call", status: "completed", action }, pieces: [] };
}

function message(request: Received, body: JsonObject, reply: Reply, searched: boolean): AnswerItem {
  const text = reply.text.join("");
  const found = { type: "url_citation", start_index: 0, end_index: text.length, url: "https://example.com/found", title: "Found" };
  const top = asNumber(body["top_logprobs"]) ?? 0;
  const wanted = top > 0 || included(body, "message.output_text.logprobs");
  return {
    item: {
      id: `msg_${request.ids.hex(48)}`,
      type: "message",
      status: reply.ending === "length" ? "incomplete" : "completed",
      content: [
        {
          type: "output_text",
          annotations: searched ? [found] : [],
          logprobs: wanted ? logprobsOf(reply.text, top)["content"] : [],
          text,
        },
      ],
      role: "assistant",
    },
    pieces: reply.text,
  };
}

function call(request: Received, read: ResponsesRequest, made: ToolCall, status: string): AnswerItem {
  const tool = read.offered.get(made.name) ?? { kind: "function", name: made.name };
  const shared = {
    status,
    call_id: `call_${request.ids.letters(24)}`,
    name: tool.name,
    ...("namespace" in tool ? { namespace: tool.namespace } : {}),
  };
  if (tool.kind === "function")
    return {
      item: { id: `fc_${request.ids.hex(48)}`, type: "function_call", ...shared, arguments: made.pieces.join("") },
      pieces: made.pieces,
    };
  const input = asText(asObject(made.input)["input"]);
  return {
    item: { id: `ctc_${request.ids.hex(48)}`, type: "custom_tool_call", ...shared, input },
    pieces: tokenize(input),
  };
}

/** Takes the request, its body, what it asks and the reply; gives the items of the answer in order. */
export function itemsOf(request: Received, body: JsonObject, read: ResponsesRequest, reply: Reply): AnswerItem[] {
  const prompt = read.conversation.turns.findLast((turn) => turn.role === "user")?.text ?? "";
  const status = reply.ending === "length" ? "incomplete" : "completed";
  const searched = read.searches && reply.calls.length === 0;
  return [
    ...(reply.thinking.length > 0 ? [reasoning(request, body, reply)] : []),
    ...(searched ? [search(request, body, prompt)] : []),
    ...(reply.text.length > 0 ? [message(request, body, reply, searched)] : []),
    ...reply.calls.map((made) => call(request, read, made, status)),
  ];
}
