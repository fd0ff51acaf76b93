/** `POST /v1/completions` (openai SDK: CompletionCreateParams, Completion): plain prompts, for the models that still take them. */
import { replyTo, type Reply } from "../../kit/brain.ts";
import { emptyTurn, type Conversation } from "../../kit/conversation.ts";
import { asNumber, asObject, asText, textList, type JsonObject } from "../../kit/json.ts";
import { countTokens } from "../../kit/tokens.ts";
import type { Answer, Frame, Received } from "../../kit/vendor.ts";
import { range } from "./check.ts";
import { invalid, openAiHeaders, openAiRefusal, type OpenAiError } from "./errors.ts";
import { completes, modelExists, unknownModel } from "./models.ts";

/** Tokens of an answer unless `max_tokens` says otherwise (API reference). */
const MAX_TOKENS = 16;

/** One answer to one prompt. */
interface Completion {
  prompt: string;
  reply: Reply;
}

function promptsOf(value: unknown): { text: string; tokens: number }[] | undefined {
  if (value === undefined || value === null) return [{ text: "", tokens: 0 }];
  const one = (item: unknown): { text: string; tokens: number } | undefined => {
    if (typeof item === "string") return { text: item, tokens: countTokens(item) };
    return Array.isArray(item) && item.every((id) => Number.isSafeInteger(id)) ? { text: `tokens ${item.join(" ")}`, tokens: item.length } : undefined;
  };
  const list = (Array.isArray(value) && typeof value[0] !== "number" ? value : [value]).map(one);
  return list.every((item) => item !== undefined) && list.length > 0 ? list : undefined;
}

function conversationOf(body: JsonObject, text: string): Conversation {
  return {
    model: asText(body["model"]),
    turns: [{ ...emptyTurn("user"), text }],
    tools: [],
    toolChoice: { mode: "auto", names: [] },
    parallelTools: false,
    answerSchema: undefined,
    stop: textList(body["stop"]),
    maxTokens: asNumber(body["max_tokens"]) ?? MAX_TOKENS,
    thinkingTokens: 0,
  };
}

const finishOf = (reply: Reply): string => (reply.ending === "length" ? "length" : "stop");

function logprobsOf(pieces: string[], top: number, offset: number): JsonObject {
  let at = offset;
  return {
    tokens: pieces,
    token_logprobs: pieces.map((_, index) => -0.1 - (index % 5) / 10),
    top_logprobs: top > 0 ? pieces.map((piece, index) => ({ [piece]: -0.1 - (index % 5) / 10 })) : null,
    text_offset: pieces.map((piece) => (at += piece.length) - piece.length),
  };
}

function faultOf(body: JsonObject): OpenAiError | undefined {
  if (asText(body["model"]) === "") return invalid("you must provide a model parameter", null);
  if (!promptsOf(body["prompt"])) return invalid("Invalid type for 'prompt'.", "prompt", "invalid_type");
  if (body["stream_options"] && body["stream"] !== true) return invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
  return range(body, "temperature", 0, 2, "decimal") ?? range(body, "n", 1, 128, "integer") ?? range(body, "max_tokens", 1, Number.MAX_SAFE_INTEGER, "integer") ?? range(body, "logprobs", 0, 5, "integer");
}

/** Takes a request; gives the completions, whole or as a stream. */
export function completion(request: Received): Answer {
  if (request.json === undefined) return openAiRefusal(request, 400, invalid("We could not parse the JSON body of your request.", null));
  const body = asObject(request.json);
  const fault = faultOf(body);
  if (fault) return openAiRefusal(request, 400, fault);
  const model = asText(body["model"]);
  if (!modelExists(model)) return unknownModel(request, model);
  if (!completes(model))
    return openAiRefusal(request, 404, invalid("This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?", "model"));
  const prompts = promptsOf(body["prompt"]) ?? [];
  const completions = prompts.flatMap(({ text }) =>
    Array.from({ length: asNumber(body["n"]) ?? 1 }, (_, index): Completion => ({ prompt: text, reply: replyTo(conversationOf(body, text), index) })),
  );
  const usage = usageOf(request, prompts.reduce((sum, prompt) => sum + prompt.tokens, 0), completions);
  const head = { id: `cmpl-${request.ids.letters(29)}`, object: "text_completion", created: Math.floor(request.now / 1000), model };
  const headers = openAiHeaders(request);
  if (body["stream"] === true)
    return { kind: "stream", headers: { ...headers, "content-type": "text/event-stream; charset=utf-8" }, frames: frames(body, head, completions, usage), model };
  const answer = { ...head, choices: completions.map((one, index) => wholeChoice(body, one, index)), ...(usage ? { usage } : {}) };
  return { kind: "whole", status: 200, headers, body: JSON.stringify(answer), model, tokens: completions.reduce((sum, one) => sum + one.reply.tokens, 0), ...(usage ? { usage } : {}) };
}

function usageOf(request: Received, prompt: number, completions: Completion[]): JsonObject | undefined {
  if (request.faults.has("no-usage")) return undefined;
  const produced = completions.reduce((sum, { reply }) => sum + reply.tokens, 0);
  const count = (tokens: number): number => (request.faults.has("usage-zero") ? 0 : tokens);
  return { prompt_tokens: count(prompt), completion_tokens: count(produced), total_tokens: count(prompt + produced) };
}

function wholeChoice(body: JsonObject, { prompt, reply }: Completion, index: number): JsonObject {
  const echo = body["echo"] === true ? prompt : "";
  const top = asNumber(body["logprobs"]);
  return { text: echo + reply.text.join(""), index, logprobs: top === undefined ? null : logprobsOf(reply.text, top, echo.length), finish_reason: finishOf(reply) };
}

function* frames(body: JsonObject, head: JsonObject, completions: Completion[], usage: JsonObject | undefined): Generator<Frame> {
  const asked = asObject(body["stream_options"])["include_usage"] === true;
  const top = asNumber(body["logprobs"]);
  const chunk = (members: JsonObject): string => `data: ${JSON.stringify({ ...head, ...members })}\n\n`;
  const nothing = asked ? { usage: null } : {};
  for (const [index, { prompt, reply }] of completions.entries()) {
    let offset = 0;
    if (body["echo"] === true) yield { kind: "other", text: chunk({ choices: [{ text: prompt, index, logprobs: null, finish_reason: null }], ...nothing }) };
    for (const piece of reply.text) {
      const logprobs = top === undefined ? null : logprobsOf([piece], top, offset);
      offset += piece.length;
      yield { kind: "content", text: chunk({ choices: [{ text: piece, index, logprobs, finish_reason: null }], ...nothing }) };
    }
    yield { kind: "other", text: chunk({ choices: [{ text: "", index, logprobs: null, finish_reason: finishOf(reply) }], ...nothing }) };
  }
  if (asked && usage) yield { kind: "other", text: chunk({ choices: [], usage }), usage: () => usage };
  yield { kind: "end", text: "data: [DONE]\n\n" };
}
