/** A response as a stream (openai SDK: ResponseStreamEvent): every event named, typed and numbered. */
import { asList, asObject, asText, type JsonObject } from "../../../kit/json.ts";
import type { Frame } from "../../../kit/vendor.ts";
import type { AnswerItem } from "./items.ts";
import { endOf, startOf, type ResponseAnswer } from "./response.ts";

type Event = { kind: Frame["kind"]; type: string; members: JsonObject };

const other = (type: string, members: JsonObject): Event => ({ kind: "other", type, members });

/** Deltas are padded to one size, so that a listener learns nothing from lengths (vendor documentation, `include_obfuscation`). */
const PADDED = 16;
const padding = (piece: string): string => "x".repeat(PADDED - (piece.length % PADDED));

function* messageEvents({ item, pieces }: AnswerItem, at: JsonObject): Generator<Event> {
  const part = asObject(asList(item["content"])[0]);
  const place = { ...at, content_index: 0 };
  yield other("response.content_part.added", {
    ...place,
    part: { ...part, text: "", annotations: [], logprobs: [] },
  });
  const logprobs = asList(part["logprobs"]);
  for (const [index, piece] of pieces.entries())
    yield {
      kind: "content",
      type: "response.output_text.delta",
      members: { ...place, delta: piece, logprobs: logprobs.slice(index, index + 1), obfuscation: padding(piece) },
    };
  for (const [index, annotation] of asList(part["annotations"]).entries())
    yield other("response.output_text.annotation.added", { ...place, annotation_index: index, annotation });
  yield other("response.output_text.done", { ...place, text: part["text"], logprobs });
  yield other("response.content_part.done", { ...place, part });
}

function* callEvents({ item, pieces }: AnswerItem, at: JsonObject): Generator<Event> {
  const custom = item["type"] === "custom_tool_call";
  const name = custom ? "response.custom_tool_call_input" : "response.function_call_arguments";
  for (const piece of pieces)
    yield { kind: "content", type: `${name}.delta`, members: { ...at, delta: piece, obfuscation: padding(piece) } };
  yield other(
    `${name}.done`,
    custom ? { ...at, input: item["input"] } : { ...at, name: item["name"], arguments: item["arguments"] },
  );
}

function* reasoningEvents({ item, pieces }: AnswerItem, at: JsonObject): Generator<Event> {
  const [part] = asList(item["summary"]);
  if (!part) return;
  const place = { ...at, summary_index: 0 };
  yield other("response.reasoning_summary_part.added", { ...place, part: { type: "summary_text", text: "" } });
  // a summary is not billed by its own tokens, so its pieces are no content
  for (const piece of pieces)
    yield other("response.reasoning_summary_text.delta", { ...place, delta: piece, obfuscation: padding(piece) });
  yield other("response.reasoning_summary_text.done", { ...place, text: asObject(part)["text"] });
  yield other("response.reasoning_summary_part.done", { ...place, part });
}

function* searchEvents(at: JsonObject): Generator<Event> {
  for (const step of ["in_progress", "searching", "completed"]) yield other(`response.web_search_call.${step}`, at);
}

/** Takes an item; gives it as it stands before any of it is produced. */
function announced(item: JsonObject): JsonObject {
  const status = item["status"] === undefined ? {} : { status: "in_progress" };
  switch (item["type"]) {
    case "message":
      return { ...item, ...status, content: [] };
    case "reasoning":
      return { ...item, summary: [] };
    case "function_call":
      return { ...item, ...status, arguments: "" };
    case "custom_tool_call":
      return { ...item, ...status, input: "" };
    default:
      return { ...item, ...status, action: { type: "search", query: "" } };
  }
}

function* itemEvents(one: AnswerItem, place: number): Generator<Event> {
  const { item } = one;
  const at = { item_id: asText(item["id"]), output_index: place };
  yield other("response.output_item.added", { output_index: place, item: announced(item) });
  if (item["type"] === "message") yield* messageEvents(one, at);
  else if (item["type"] === "reasoning") yield* reasoningEvents(one, at);
  else if (item["type"] === "web_search_call") yield* searchEvents(at);
  else yield* callEvents(one, at);
  yield other("response.output_item.done", { output_index: place, item });
}

function* events(answer: ResponseAnswer): Generator<Event> {
  const response = startOf(answer);
  yield other("response.created", { response });
  yield other("response.in_progress", { response });
  for (const [place, item] of answer.items.entries()) yield* itemEvents(item, place);
  const last = endOf(answer);
  yield { kind: "end", type: `response.${asText(last["status"])}`, members: { response: last } };
}

/** Takes an answer, whether deltas are padded, and the number of the last event the client has (-1 for none); gives the events after it. */
export function* responseFrames(answer: ResponseAnswer, padded: boolean, after = -1): Generator<Frame> {
  let sequence = 0;
  const { usage } = answer;
  for (const { kind, type, members } of events(answer)) {
    const { obfuscation: _padding, ...plain } = members;
    const data = { type, sequence_number: sequence, ...(padded ? members : plain) };
    const text = `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
    if (sequence > after) yield { kind, text, ...(kind === "end" && usage ? { usage: () => usage } : {}) };
    sequence += 1;
  }
}
