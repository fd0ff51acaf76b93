/** `POST /v1/responses`, and the stored ones: `GET`, `DELETE /v1/responses/{id}` and `GET …/input_items` (openai SDK: resources/responses). */
import { replyTo, type Reply } from "../../../kit/brain.ts";
import { asList, asNumber, asObject, asText, type JsonObject } from "../../../kit/json.ts";
import { implicitlyCached } from "../../../kit/prompt-cache.ts";
import type { Answer, Received, WholeAnswer } from "../../../kit/vendor.ts";
import { invalid, openAiHeaders, openAiRefusal } from "../errors.ts";
import { modelExists, unknownModel } from "../models.ts";
import { faultOfCalls, faultOfResponses } from "./check.ts";
import { itemsOf } from "./items.ts";
import { readResponses, type ResponsesRequest } from "./read.ts";
import { endOf, type ResponseAnswer } from "./response.ts";
import { responseFrames } from "./stream.ts";

const ownerOf = (request: Received): string => `openai ${request.headers.get("authorization") ?? ""}`;

const find = (request: Received, id: string): ResponseAnswer | undefined =>
  request.shelf.get(ownerOf(request), id) as ResponseAnswer | undefined;

function usageOf(request: Received, read: ResponsesRequest, reply: Reply): JsonObject | undefined {
  if (request.faults.has("no-usage")) return undefined;
  const zero = request.faults.has("usage-zero");
  const count = (tokens: number): number => (zero ? 0 : tokens);
  const owner = `${request.headers.get("authorization")} ${read.conversation.model}`;
  const cached = implicitlyCached(request.cache, owner, read.tokens, request.now);
  return {
    input_tokens: count(read.inputTokens),
    input_tokens_details: { cached_tokens: count(cached), cache_write_tokens: 0 },
    output_tokens: count(reply.tokens),
    output_tokens_details: { reasoning_tokens: count(reply.thinking.length) },
    total_tokens: count(read.inputTokens + reply.tokens),
  };
}

/** Takes the request's own input and the earlier answer it goes on from; gives the items of the whole conversation. */
function conversationItems(body: JsonObject, earlier: ResponseAnswer | undefined): JsonObject[] {
  const { input } = body;
  const own: JsonObject[] =
    typeof input === "string" ? [{ type: "message", role: "user", content: input }] : asList(input).map(asObject);
  return earlier ? [...earlier.input, ...earlier.items.map(({ item }) => item), ...own] : own;
}

/** Takes a request; gives the response, whole or as a stream. */
export function createResponse(request: Received): Answer {
  if (request.json === undefined)
    return openAiRefusal(request, 400, invalid("We could not parse the JSON body of your request.", null));
  const body = asObject(request.json);
  const fault = faultOfResponses(body);
  if (fault) return openAiRefusal(request, 400, fault);
  const model = asText(body["model"]);
  if (!modelExists(model)) return unknownModel(request, model);
  const previous = asText(body["previous_response_id"]);
  const earlier = previous === "" ? undefined : find(request, previous);
  if (previous !== "" && !earlier)
    return openAiRefusal(
      request,
      400,
      invalid(
        `Previous response with id '${previous}' not found.`,
        "previous_response_id",
        "previous_response_not_found",
      ),
    );
  const input = conversationItems(body, earlier);
  const lost = input.find(
    (item) =>
      item["type"] === "reasoning" &&
      typeof item["encrypted_content"] !== "string" &&
      request.shelf.get(ownerOf(request), asText(item["id"])) === undefined,
  );
  if (lost) return openAiRefusal(request, 404, invalid(notStored(asText(lost["id"])), "input"));
  const loose = faultOfCalls(input);
  if (loose) return openAiRefusal(request, 400, loose);
  const read = readResponses(body, input);
  const reply = replyTo(read.conversation);
  const answer: ResponseAnswer = {
    id: `resp_${request.ids.hex(48)}`,
    created: Math.floor(request.now / 1000),
    body,
    reply,
    items: itemsOf(request, body, read, reply),
    usage: usageOf(request, read, reply),
    input,
  };
  if (body["store"] !== false) keep(request, answer);
  if (body["stream"] === true) return streamed(request, answer, -1);
  const whole = jsonAnswer(request, endOf(answer));
  return {
    ...whole,
    model,
    tokens: reply.tokens - reply.thinking.length,
    ...(answer.usage ? { usage: answer.usage } : {}),
  };
}

/** `POST /v1/responses/input_tokens` (openai SDK: InputTokenCountParams, which every other member is refused by). Takes a request; gives the number of its input tokens. */
export function countInput(request: Received): Answer {
  const body = asObject(request.json);
  const strange = Object.keys(body).find((name) => !COUNTED.has(name));
  if (strange !== undefined)
    return openAiRefusal(request, 400, invalid(`Unknown parameter: '${strange}'.`, strange, "unknown_parameter"));
  const fault = faultOfResponses(body);
  if (fault) return openAiRefusal(request, 400, fault);
  const model = asText(body["model"]);
  if (!modelExists(model)) return unknownModel(request, model);
  const earlier = find(request, asText(body["previous_response_id"]));
  const read = readResponses(body, conversationItems(body, earlier));
  return jsonAnswer(request, { object: "response.input_tokens", input_tokens: read.inputTokens });
}

/** Members of a question for tokens (SDK type InputTokenCountParams). */
const COUNTED: ReadonlySet<string> = new Set([
  "conversation", "input", "instructions", "model", "parallel_tool_calls", "personality", "previous_response_id", "reasoning", "text", "tool_choice", "tools", "truncation",
]);

/** Keeps an answer, and its thinking by itself: a client may send back that item with nothing but its id. */
function keep(request: Received, answer: ResponseAnswer): void {
  request.shelf.put(ownerOf(request), answer.id, answer);
  for (const { item } of answer.items)
    if (item["type"] === "reasoning") request.shelf.put(ownerOf(request), asText(item["id"]), item);
}

const notStored = (id: string): string =>
  `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`;

const jsonAnswer = (request: Received, body: JsonObject): WholeAnswer => ({
  kind: "whole",
  status: 200,
  headers: openAiHeaders(request),
  body: JSON.stringify(body),
});

function streamed(request: Received, answer: ResponseAnswer, after: number): Answer {
  const options = asObject(answer.body["stream_options"]);
  return {
    kind: "stream",
    headers: { ...openAiHeaders(request), "content-type": "text/event-stream; charset=utf-8" },
    frames: responseFrames(answer, options["include_obfuscation"] !== false, after),
    model: asText(answer.body["model"]),
  };
}

/** Takes a request for a stored response, its id, and whether its input is asked for; gives the answer. */
export function storedResponse(request: Received, id: string, inputAsked: boolean): Answer {
  const answer = find(request, id);
  if (!answer) return openAiRefusal(request, 404, invalid(`Response with id '${id}' not found.`, null));
  if (request.method === "DELETE" && !inputAsked) {
    request.shelf.remove(ownerOf(request), id);
    return jsonAnswer(request, { id, object: "response", deleted: true });
  }
  if (request.method !== "GET")
    return openAiRefusal(request, 405, invalid(`Not allowed to ${request.method} on ${request.path}.`, null));
  if (inputAsked) {
    const data = answer.input.map((item, index) => ({ id: `msg_${index}`, ...item })).toReversed();
    return jsonAnswer(request, {
      object: "list",
      data,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
      has_more: false,
    });
  }
  if (request.query.get("stream") === "true")
    return streamed(request, answer, asNumber(Number(request.query.get("starting_after") ?? -1)) ?? -1);
  return jsonAnswer(request, endOf(answer));
}
