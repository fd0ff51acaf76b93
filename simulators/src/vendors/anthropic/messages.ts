/** `POST /v1/messages` and `/v1/messages/count_tokens` (SDK: Message, MessageTokensCount). */
import { replyTo, type Reply } from "../../kit/brain.ts";
import { asObject, type JsonObject } from "../../kit/json.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { faultOfMessages } from "./check.ts";
import { anthropicHeaders, anthropicRefusal } from "./errors.ts";
import { blocksOf, stopReason, type MessageAnswer } from "./message-answer.ts";
import { modelExists, unknownModel } from "./models.ts";
import { readMessages } from "./read.ts";
import { searchedFor } from "./search.ts";
import { messageFrames } from "./stream.ts";
import { cacheInput, cacheOwner, inputTokens, usageOf } from "./usage.ts";

const NOT_JSON = "The request body is not valid JSON: expected value at line 1 column 1";

type Checked = { refusal: WholeAnswer; body?: never } | { body: JsonObject; refusal?: never };

function checked(request: Received, answered: boolean): Checked {
  if (request.json === undefined) return { refusal: anthropicRefusal(request, 400, NOT_JSON) };
  const body = asObject(request.json);
  const fault = faultOfMessages(body, answered);
  if (fault !== undefined) return { refusal: anthropicRefusal(request, 400, fault) };
  const model = String(body["model"]);
  return modelExists(model) ? { body } : { refusal: unknownModel(request, model) };
}

/** Takes a request; gives the number of its prompt's tokens, as `/v1/messages` would bill them without a cache. */
export function countMessageTokens(request: Received): Answer {
  const { body, refusal } = checked(request, false);
  if (refusal) return refusal;
  const { segments, conversation } = readMessages(body);
  const counted = JSON.stringify({ input_tokens: inputTokens(segments) });
  return {
    kind: "whole",
    status: 200,
    headers: anthropicHeaders(request),
    body: counted,
    model: conversation.model,
  };
}

/** Takes a request and its credential; gives the message, whole or as a stream. */
export function createMessage(request: Received, credential: string): Answer {
  const { body, refusal } = checked(request, true);
  if (refusal) return refusal;
  const understood = readMessages(body);
  const { conversation } = understood;
  const reply: Reply = replyTo(conversation);
  const input = cacheInput(request, cacheOwner(request, credential, understood), understood.segments);
  const zero = request.faults.has("usage-zero");
  const hidden = request.faults.has("no-usage");
  const query = reply.calls.length === 0 ? searchedFor(body, conversation) : undefined;
  const searches = query === undefined ? 0 : 1;
  const answer: MessageAnswer = {
    id: `msg_01${request.ids.letters(22)}`,
    model: conversation.model,
    reply,
    callIds: reply.calls.map(() => `toolu_01${request.ids.letters(22)}`),
    signature: Buffer.from(`sandbox:${request.ids.letters(120)}`).toString("base64"),
    hideThinking: understood.hideThinking,
    search: query === undefined ? undefined : { id: `srvtoolu_01${request.ids.letters(22)}`, query, sealed: Buffer.from(`sandbox:${request.ids.letters(40)}`).toString("base64") },
    startUsage: hidden ? undefined : usageOf(input, 1, 0, zero),
    usage: hidden ? undefined : usageOf(input, reply.tokens, reply.thinking.length, zero, searches),
  };
  const headers = anthropicHeaders(request);
  const { model } = conversation;
  if (body["stream"] === true)
    return {
      kind: "stream",
      headers: {
        ...headers,
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
      },
      frames: messageFrames(answer),
      model,
    };
  const message = {
    id: answer.id,
    type: "message",
    role: "assistant",
    model,
    content: blocksOf(answer),
    stop_reason: stopReason(reply),
    stop_sequence: reply.stopSequence,
    stop_details: null,
    container: null,
    diagnostics: null,
    ...(answer.usage ? { usage: answer.usage } : {}),
  };
  return {
    kind: "whole",
    status: 200,
    headers,
    body: JSON.stringify(message),
    model,
    tokens: reply.tokens,
    ...(answer.usage ? { usage: answer.usage } : {}),
  };
}
