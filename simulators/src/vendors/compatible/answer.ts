/** Answers of the family, whole and as streams: OpenAI's chat completions with each vendor's own members. */
import { replyTo, type Reply } from "../../kit/brain.ts";
import { asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { implicitlyCached } from "../../kit/prompt-cache.ts";
import type { Answer, Frame, Received } from "../../kit/vendor.ts";
import { readChat } from "../openai/read.ts";
import type { Quirks } from "./quirks.ts";

/** Thinking tokens by effort; the numbers are ours. */
const THINKING: Record<string, number> = { none: 0, minimal: 4, low: 8, medium: 16, high: 32, max: 64 };
const PAGES = ["https://example.com/first", "https://example.org/second"];

/** Takes the vendor and a body; gives the tokens the model thinks: none where it is switched off. */
function thinkingTokens(quirks: Quirks, body: JsonObject): number {
  if (!quirks.thinking || !quirks.thinks?.test(asText(body["model"]))) return 0;
  const effort = THINKING[asText(body["reasoning_effort"]) || "medium"] ?? 0;
  switch (quirks.toggle) {
    case "thinking":
      return asObject(body["thinking"])["type"] === "disabled" ? 0 : effort;
    case "enable_thinking":
      return body["enable_thinking"] === true ? Math.min(asNumber(body["thinking_budget"]) ?? effort, effort) : 0;
    case "reasoning_object": {
      const wish = asObject(body["reasoning"]);
      return wish["enabled"] === false ? 0 : (THINKING[asText(wish["effort"]) || "medium"] ?? 0);
    }
    default:
      return effort;
  }
}

interface Counted {
  prompt: number;
  cached: number;
  thought: number;
  said: number;
}

/** Takes the vendor and counts; gives its usage object. */
function usageObject(quirks: Quirks, { prompt, cached, thought, said }: Counted): JsonObject {
  const completion = thought + said;
  const base = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  switch (quirks.usage) {
    case "deepseek":
      return { ...base, prompt_cache_hit_tokens: cached, prompt_cache_miss_tokens: prompt - cached, completion_tokens_details: { reasoning_tokens: thought } };
    case "moonshot":
      return { ...base, cached_tokens: cached };
    case "xai":
      // Thinking stands beside the answer here: only the total has both.
      return { prompt_tokens: prompt, completion_tokens: said, total_tokens: prompt + completion, prompt_tokens_details: { cached_tokens: cached }, completion_tokens_details: { reasoning_tokens: thought }, num_sources_used: 0 };
    case "flat":
      return base;
    default:
      return { ...base, prompt_tokens_details: { cached_tokens: cached }, completion_tokens_details: { reasoning_tokens: thought } };
  }
}

const callsOf = (reply: Reply, ids: string[]): JsonObject[] =>
  reply.calls.map((call, index) => ({ index, id: ids[index], type: "function", function: { name: call.name, arguments: call.pieces.join("") } }));

const finishOf = (reply: Reply): string => (reply.ending === "length" ? "length" : reply.ending === "tool_calls" ? "tool_calls" : "stop");

/** Takes a request that this vendor takes; gives the answer. */
export function familyAnswer(quirks: Quirks, request: Received): Answer {
  const body = asObject(request.json);
  const chat = readChat(body);
  const { model } = chat.conversation;
  const reply = replyTo({ ...chat.conversation, thinkingTokens: thinkingTokens(quirks, body) }, 0);
  const id = `${quirks.name}-${request.ids.hex(24)}`;
  const ids = reply.calls.map(() => quirks.mistralTurns ? request.ids.letters(9) : `call_${request.ids.letters(12)}`);
  const created = Math.floor(request.now / 1000);
  const thought = reply.thinking.length;
  const cached = implicitlyCached(request.cache, `${quirks.name} ${request.headers.get("authorization")} ${model}`, chat.tokens, request.now);
  const zero = request.faults.has("usage-zero");
  const counts = { prompt: chat.promptTokens, cached, thought, said: reply.tokens - thought };
  const usage = request.faults.has("no-usage") ? undefined : usageObject(quirks, zero ? { prompt: 0, cached: 0, thought: 0, said: 0 } : counts);
  const extra = quirks.cites ? { citations: PAGES, search_results: PAGES.map((url, index) => ({ title: `Page ${index + 1}`, url })) } : {};
  const head = { id, created, model, ...extra };
  if (body["stream"] === true)
    return { kind: "stream", headers: { "content-type": "text/event-stream" }, frames: frames(quirks, body, head, reply, ids, usage), model };
  const message = {
    role: "assistant",
    content: reply.calls.length > 0 ? null : reply.text.join(""),
    ...(thought > 0 && quirks.thinking ? { [quirks.thinking]: reply.thinking.join("") } : {}),
    ...(reply.calls.length > 0 ? { tool_calls: callsOf(reply, ids) } : {}),
  };
  const whole = { ...head, object: "chat.completion", choices: [{ index: 0, message, finish_reason: finishOf(reply) }], ...(usage ? { usage } : {}) };
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(whole), model, tokens: reply.tokens - thought, ...(usage ? { usage } : {}) };
}

function* frames(quirks: Quirks, body: JsonObject, head: JsonObject, reply: Reply, ids: string[], usage: JsonObject | undefined): Generator<Frame> {
  const chunk = (delta: JsonObject, finish: string | null = null, more: JsonObject = {}): string =>
    `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`;
  if (quirks.comment !== undefined) yield { kind: "other", text: quirks.comment };
  yield { kind: "other", text: chunk({ role: "assistant", content: "" }) };
  // Thinking is content too: it is billed.
  if (quirks.thinking) for (const piece of reply.thinking) yield { kind: "other", text: chunk({ [quirks.thinking]: piece, content: null }) };
  for (const [index, call] of reply.calls.entries()) {
    yield { kind: "other", text: chunk({ tool_calls: [{ index, id: ids[index], type: "function", function: { name: call.name, arguments: "" } }] }) };
    for (const piece of call.pieces) yield { kind: "content", text: chunk({ tool_calls: [{ index, function: { arguments: piece } }] }) };
  }
  for (const piece of reply.calls.length > 0 ? [] : reply.text) yield { kind: "content", text: chunk({ content: piece }) };
  const report = usage === undefined ? {} : { usage: () => usage };
  const always = quirks.streamUsage === "always" && usage !== undefined;
  yield { kind: "other", text: chunk({}, finishOf(reply), always ? { usage } : {}), ...(always ? report : {}) };
  if (!always && usage !== undefined && asObject(body["stream_options"])["include_usage"] === true)
    yield { kind: "other", text: `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [], usage })}\n\n`, ...report };
  yield { kind: "end", text: "data: [DONE]\n\n" };
}
