/** The chain of events of one response (SDK: RealtimeServerEvent), from `response.created` to `response.done`. */
import type { Reply } from "../../../kit/brain.ts";
import type { JsonObject } from "../../../kit/json.ts";
import type { SessionMessage } from "../../../kit/session.ts";
import type { Tokens } from "./context.ts";

/** Sound of one text token: 100 ms, two tokens of the model's sound (realtime cost guide: one is 50 ms), PCM of 24 kHz and 16 bits. */
export const AUDIO_TOKENS_PER_WORD = 2;
const AUDIO_BYTES_PER_WORD = 4_800;

/** What a response is made of. */
export interface ResponsePlan {
  id: string;
  itemId: string;
  reply: Reply;
  audio: boolean;
  /** the beta's names of events and content */
  beta: boolean;
  callIds: string[];
  conversationId: string | null;
  /** Takes the tokens that were said; gives the usage, `undefined` when none is reported. */
  usage: (said: Tokens) => JsonObject | undefined;
  /** tells whether the client has cancelled it */
  cancelled: () => boolean;
}

type Event = (type: string, members: JsonObject) => string;

/** Takes a word's position; gives its sound: a quiet saw-tooth, the same in every run. */
function soundOf(position: number): string {
  const bytes = Buffer.alloc(AUDIO_BYTES_PER_WORD);
  for (let at = 0; at < bytes.length; at += 2) bytes.writeInt16LE(((at + position * 131) % 512) - 256, at);
  return bytes.toString("base64");
}

const other = (text: string): SessionMessage => ({ kind: "other", text });

/** Takes a plan and how events are written; gives the events, one by one, and the finished items at last. */
export function* responseEvents(plan: ResponsePlan, event: Event): Generator<SessionMessage, { items: JsonObject[]; said: Tokens }> {
  const { id, reply, beta } = plan;
  const head = { object: "realtime.response", id, status: "in_progress", status_details: null, output: [] as JsonObject[], conversation_id: plan.conversationId, metadata: null, usage: null };
  yield other(event("response.created", { response: head }));
  const said: Tokens = { text: 0, audio: 0 };
  const items: JsonObject[] = [];
  const done = function* (item: JsonObject, index: number): Generator<SessionMessage> {
    items.push(item);
    if (!beta) yield other(event("conversation.item.done", { previous_item_id: null, item }));
    yield other(event("response.output_item.done", { response_id: id, output_index: index, item }));
  };
  const added = function* (item: JsonObject, index: number): Generator<SessionMessage> {
    yield other(event("response.output_item.added", { response_id: id, output_index: index, item }));
    yield other(event(beta ? "conversation.item.created" : "conversation.item.added", { previous_item_id: null, item }));
  };
  if (reply.calls.length === 0) yield* sayIt(plan, event, said, added, done);
  for (const [index, call] of reply.calls.entries()) {
    const at = { response_id: id, item_id: `${plan.itemId}_${index}`, output_index: index, call_id: plan.callIds[index] ?? "" };
    const item = { id: at.item_id, object: "realtime.item", type: "function_call", status: "in_progress", name: call.name, call_id: at.call_id, arguments: "" };
    yield* added(item, index);
    for (const delta of call.pieces) {
      said.text += 1;
      yield { kind: "content", text: event("response.function_call_arguments.delta", { ...at, delta }) };
    }
    const text = call.pieces.join("");
    yield other(event("response.function_call_arguments.done", { ...at, name: call.name, arguments: text }));
    yield* done({ ...item, status: "completed", arguments: text }, index);
  }
  const usage = plan.usage(said);
  const status = plan.cancelled() ? "cancelled" : reply.ending === "length" ? "incomplete" : "completed";
  const reason = plan.cancelled() ? "client_cancelled" : "max_output_tokens";
  const details = status === "completed" ? null : { type: status, reason };
  yield { ...other(event("response.done", { response: { ...head, status, status_details: details, output: items, usage: usage ?? null } })), ...(usage ? { usage } : {}) };
  return { items, said };
}

function* sayIt(
  plan: ResponsePlan,
  event: Event,
  said: Tokens,
  added: (item: JsonObject, index: number) => Generator<SessionMessage>,
  done: (item: JsonObject, index: number) => Generator<SessionMessage>,
): Generator<SessionMessage> {
  const { beta, audio } = plan;
  const at = { response_id: plan.id, item_id: plan.itemId, output_index: 0, content_index: 0 };
  const [textName, audioName] = beta ? ["response.text", "response.audio"] : ["response.output_text", "response.output_audio"];
  const partType = beta ? (audio ? "audio" : "text") : audio ? "output_audio" : "output_text";
  const item = { id: plan.itemId, object: "realtime.item", type: "message", status: "in_progress", role: "assistant", content: [] as JsonObject[] };
  yield* added(item, 0);
  yield other(event("response.content_part.added", { ...at, part: audio ? { type: audio ? "audio" : partType, transcript: "" } : { type: "text", text: "" } }));
  let text = "";
  for (const [index, delta] of plan.reply.text.entries()) {
    if (plan.cancelled()) break;
    text += delta;
    said.text += 1;
    yield { kind: "content", text: event(audio ? `${audioName}_transcript.delta` : `${textName}.delta`, { ...at, delta }) };
    if (!audio) continue;
    said.audio += AUDIO_TOKENS_PER_WORD;
    yield { kind: "content", tokens: AUDIO_TOKENS_PER_WORD, text: event(`${audioName}.delta`, { ...at, delta: soundOf(index) }) };
  }
  if (audio) {
    yield other(event(`${audioName}.done`, at));
    yield other(event(`${audioName}_transcript.done`, { ...at, transcript: text }));
  } else yield other(event(`${textName}.done`, { ...at, text }));
  yield other(event("response.content_part.done", { ...at, part: audio ? { type: "audio", transcript: text } : { type: "text", text } }));
  const content = audio ? { type: partType, transcript: text } : { type: partType, text };
  yield* done({ ...item, status: plan.cancelled() ? "incomplete" : "completed", content: [content] }, 0);
}
