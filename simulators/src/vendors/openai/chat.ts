/** `POST /v1/chat/completions` (openai SDK: ChatCompletion, CompletionUsage). */
import { replyTo, type Reply } from "../../kit/brain.ts";
import { asNumber, asObject, type JsonObject } from "../../kit/json.ts";
import { implicitlyCached } from "../../kit/prompt-cache.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { faultOfChat } from "./check.ts";
import { invalid, openAiHeaders, openAiRefusal } from "./errors.ts";
import { logprobsOf } from "./logprobs.ts";
import { chats, modelExists, unknownModel } from "./models.ts";
import { finishReason, type ChatAnswer } from "./chat-answer.ts";
import { readChat, type ChatRequest } from "./read.ts";
import { chatFrames } from "./stream.ts";

/** Sound tokens per text token spoken; the number is ours. */
const SOUND_PER_TEXT = 4;
/** How long a spoken answer can be referred to (vendor documentation: about an hour), in seconds. */
const SOUND_LIFE = 3600;

function usageOf(request: Received, chat: ChatRequest, replies: Reply[]): JsonObject | undefined {
  if (request.faults.has("no-usage")) return undefined;
  const zero = request.faults.has("usage-zero");
  const owner = `${request.headers.get("authorization")} ${chat.conversation.model}`;
  const cached = implicitlyCached(request.cache, owner, chat.tokens, request.now);
  const reasoning = replies.reduce((sum, reply) => sum + reply.thinking.length, 0);
  const spoken = chat.speaks
    ? replies.reduce((sum, reply) => sum + reply.text.length, 0) * SOUND_PER_TEXT
    : 0;
  const produced = replies.reduce((sum, reply) => sum + reply.tokens, 0) + spoken;
  const count = (tokens: number): number => (zero ? 0 : tokens);
  return {
    prompt_tokens: count(chat.promptTokens),
    completion_tokens: count(produced),
    total_tokens: count(chat.promptTokens + produced),
    prompt_tokens_details: { cached_tokens: count(cached), audio_tokens: count(chat.audioTokens) },
    completion_tokens_details: {
      reasoning_tokens: count(reasoning),
      audio_tokens: count(spoken),
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function message({ chat, callIds, sound }: ChatAnswer, reply: Reply): JsonObject {
  const text = reply.text.join("");
  const base = {
    role: "assistant",
    content: reply.calls.length > 0 ? null : text,
    refusal: null,
    annotations: [],
  };
  const [first] = reply.calls;
  if (first && chat.legacy)
    return { ...base, function_call: { name: first.name, arguments: first.pieces.join("") } };
  if (first)
    return {
      ...base,
      tool_calls: reply.calls.map((call, index) => ({
        id: callIds[index],
        type: "function",
        function: { name: call.name, arguments: call.pieces.join("") },
      })),
    };
  return sound ? { ...base, content: null, audio: { ...sound, transcript: text } } : base;
}

function wholeBody(answer: ChatAnswer): JsonObject {
  return {
    id: answer.id,
    object: "chat.completion",
    created: answer.created,
    model: answer.chat.conversation.model,
    choices: answer.replies.map((reply, index) => ({
      index,
      message: message(answer, reply),
      logprobs:
        answer.body["logprobs"] === true
          ? logprobsOf(reply.text, asNumber(answer.body["top_logprobs"]) ?? 0)
          : null,
      finish_reason: finishReason(reply, answer.chat),
    })),
    ...(answer.usage ? { usage: answer.usage } : {}),
    service_tier: "default",
    system_fingerprint: answer.fingerprint,
  };
}

/** Takes a request; gives the completion, whole or as a stream. */
export function chatCompletion(request: Received): Answer {
  if (request.json === undefined)
    return openAiRefusal(
      request,
      400,
      invalid(
        "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
        null,
      ),
    );
  const body = asObject(request.json);
  const fault = faultOfChat(body);
  if (fault) return openAiRefusal(request, 400, fault);
  const chat = readChat(body);
  const { model } = chat.conversation;
  if (!modelExists(model)) return unknownModel(request, model);
  if (!chats(model))
    return openAiRefusal(
      request,
      404,
      invalid(
        "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
        "model",
      ),
    );
  const replies = Array.from({ length: asNumber(body["n"]) ?? 1 }, (_, index) =>
    replyTo(chat.conversation, index),
  );
  const created = Math.floor(request.now / 1000);
  const most = Math.max(...replies.map((reply) => reply.calls.length));
  const answer: ChatAnswer = {
    chat,
    body,
    replies,
    id: `chatcmpl-${request.ids.letters(29)}`,
    created,
    fingerprint: `fp_${Bun.hash(`${model} ${String(body["seed"])}`)
      .toString(16)
      .padStart(10, "0")
      .slice(0, 10)}`,
    usage: usageOf(request, chat, replies),
    callIds: Array.from({ length: most }, () => `call_${request.ids.letters(24)}`),
    sound: chat.speaks
      ? {
          id: `audio_${request.ids.hex(24)}`,
          data: Buffer.alloc(240).toString("base64"),
          expires_at: created + SOUND_LIFE,
        }
      : undefined,
  };
  const headers = openAiHeaders(request);
  if (body["stream"] === true)
    return {
      kind: "stream",
      headers: { ...headers, "content-type": "text/event-stream; charset=utf-8" },
      frames: chatFrames(answer),
      model,
    };
  const tokens = replies.reduce((sum, reply) => sum + reply.tokens - reply.thinking.length, 0);
  const whole = JSON.stringify(wholeBody(answer));
  return {
    kind: "whole",
    status: 200,
    headers,
    body: whole,
    model,
    tokens,
    ...(answer.usage ? { usage: answer.usage } : {}),
  };
}
