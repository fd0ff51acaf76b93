/** `WS /v1/realtime` (SDK: resources/realtime). Without detection of speech: sound is answered when the client commits it and asks. */
import { type FaultValues } from "../../../kit/fault-spec.ts";
import { isObject, asNumber, asObject, asText, parseJson, type JsonObject } from "../../../kit/json.ts";
import type { Session, SessionMessage } from "../../../kit/session.ts";
import type { Received, WholeAnswer } from "../../../kit/vendor.ts";
import { invalid, openAiRefusal, type OpenAiError } from "../errors.ts";
import { modelExists, unknownModel } from "../models.ts";
import { promptOf, readItem, replyFor, tokensOfSound, usageOf, type Item, type Tokens } from "./context.ts";
import { responseEvents } from "./response.ts";

/** Client events that are understood, as the vendor's own error lists them. */
const KNOWN = [
  "session.update", "transcription_session.update", "input_audio_buffer.append", "input_audio_buffer.commit", "input_audio_buffer.clear",
  "conversation.item.create", "conversation.item.truncate", "conversation.item.delete", "conversation.item.retrieve", "response.create", "response.cancel",
];
/** Tokens of a transcript, whatever was said. */
const TRANSCRIPT = "A sound of the sandbox.";
const TRANSCRIPT_TOKENS = 6;

/** Takes a request for a WebSocket; gives the session or the refusal. */
export function realtime(request: Received): Session | WholeAnswer {
  const model = request.query.get("model") ?? "";
  if (model === "") return openAiRefusal(request, 400, invalid("You must provide a model parameter.", null, "missing_model"));
  if (!modelExists(model)) return unknownModel(request, model);
  return new RealtimeSession(request, model, request.headers.get("openai-beta") === "realtime=v1");
}

class RealtimeSession implements Session {
  readonly binary = false;
  private config: JsonObject;
  private readonly items: Item[] = [];
  private readonly callNames = new Map<string, string>();
  private readonly id: string;
  private soundBytes = 0;
  private before: Tokens = { text: 0, audio: 0 };
  private active: string | undefined;
  private readonly cancelled = new Set<string>();

  constructor(
    private readonly request: Received,
    readonly model: string,
    private readonly beta: boolean,
  ) {
    this.id = `sess_${request.ids.letters(21)}`;
    const common = { id: this.id, object: "realtime.session", model, instructions: "", tools: [], tool_choice: "auto" };
    this.config = beta
      ? { ...common, modalities: ["audio", "text"], voice: "alloy", input_audio_format: "pcm16", output_audio_format: "pcm16", input_audio_transcription: null, turn_detection: null, max_response_output_tokens: "inf" }
      : { ...common, type: "realtime", output_modalities: ["audio"], audio: { input: { format: { type: "audio/pcm", rate: 24000 }, transcription: null, turn_detection: null }, output: { format: { type: "audio/pcm", rate: 24000 }, voice: "alloy" } }, max_output_tokens: "inf" };
  }

  *open(): Iterable<SessionMessage> {
    yield this.say("session.created", { session: this.config });
  }

  *message(text: string, faults: FaultValues): Iterable<SessionMessage> {
    const event = parseJson(text);
    if (!isObject(event)) return yield this.error(invalid("We could not parse the JSON body of your request. The API expects a JSON payload.", null), null);
    const type = asText(event["type"]);
    if (!KNOWN.includes(type)) return yield this.error(invalid(`Invalid value: '${type}'. Supported values are: ${KNOWN.map((name) => `'${name}'`).join(", ")}.`, "type", "invalid_value"), event);
    if (type === "session.update") yield* this.update(event);
    else if (type === "conversation.item.create") yield* this.add(asObject(event["item"]));
    else if (type === "input_audio_buffer.append") this.soundBytes += Math.floor(asText(event["audio"]).length * 0.75);
    else if (type === "input_audio_buffer.clear") yield* this.clear();
    else if (type === "input_audio_buffer.commit") yield* this.commit(event);
    else if (type === "response.create") yield* this.respond(event, faults);
    else if (type === "response.cancel") yield* this.cancel(event);
  }

  private *update(event: JsonObject): Iterable<SessionMessage> {
    const wish = asObject(event["session"]);
    if (wish["model"] !== undefined && wish["model"] !== this.model) return yield this.error(invalid("The model of a session cannot be changed.", "session.model", "invalid_value"), event);
    const [mine, theirs] = [asObject(this.config["audio"]), asObject(wish["audio"])];
    const audio = { input: { ...asObject(mine["input"]), ...asObject(theirs["input"]) }, output: { ...asObject(mine["output"]), ...asObject(theirs["output"]) } };
    this.config = { ...this.config, ...wish, ...(this.beta ? {} : { audio }) };
    yield this.say("session.updated", { session: this.config });
  }

  private *add(raw: JsonObject): Iterable<SessionMessage> {
    const item = readItem(raw, asText(raw["id"]) || `item_${this.request.ids.letters(21)}`, this.callNames);
    const previous = this.items.at(-1)?.id ?? null;
    this.items.push(item);
    yield* this.told(item, previous);
  }

  private *told(item: Item, previous: string | null): Iterable<SessionMessage> {
    const shown = { object: "realtime.item", status: "completed", ...item.raw };
    if (this.beta) return yield this.say("conversation.item.created", { previous_item_id: previous, item: shown });
    yield this.say("conversation.item.added", { previous_item_id: previous, item: shown });
    yield this.say("conversation.item.done", { previous_item_id: previous, item: shown });
  }

  private *clear(): Iterable<SessionMessage> {
    this.soundBytes = 0;
    yield this.say("input_audio_buffer.cleared", {});
  }

  private *commit(event: JsonObject): Iterable<SessionMessage> {
    if (this.soundBytes < 4_800)
      return yield this.error(invalid("Error committing input audio buffer: buffer too small. Expected at least 100ms of audio.", null, "input_audio_buffer_commit_empty"), event);
    const id = `item_${this.request.ids.letters(21)}`;
    const item = readItem({ type: "message", role: "user", content: [{ type: "input_audio", transcript: null }] }, id, this.callNames);
    item.turn.sounds = 1;
    item.audio = tokensOfSound(this.soundBytes);
    this.soundBytes = 0;
    const previous = this.items.at(-1)?.id ?? null;
    this.items.push(item);
    yield this.say("input_audio_buffer.committed", { previous_item_id: previous, item_id: id });
    yield* this.told(item, previous);
    const transcription = this.beta ? this.config["input_audio_transcription"] : asObject(asObject(this.config["audio"])["input"])["transcription"];
    if (!isObject(transcription)) return;
    const usage = { type: "tokens", total_tokens: item.audio + TRANSCRIPT_TOKENS, input_tokens: item.audio, input_token_details: { text_tokens: 0, audio_tokens: item.audio }, output_tokens: TRANSCRIPT_TOKENS };
    yield { ...this.say("conversation.item.input_audio_transcription.completed", { item_id: id, content_index: 0, transcript: TRANSCRIPT, usage }), usage };
  }

  private *cancel(event: JsonObject): Iterable<SessionMessage> {
    if (this.active === undefined) return yield this.error(invalid("Cancellation failed: no active response found", null, "response_cancel_not_active"), event);
    this.cancelled.add(this.active);
  }

  private *respond(event: JsonObject, faults: FaultValues): Iterable<SessionMessage> {
    if (this.active !== undefined)
      return yield this.error(invalid(`Conversation already has an active response in progress: ${this.active}. Wait until the response is finished before creating a new one.`, null, "conversation_already_has_active_response"), event);
    const wish = asObject(event["response"]);
    const config = { ...this.config, ...wish };
    const limit = asNumber(config["max_output_tokens"]) ?? asNumber(config["max_response_output_tokens"]);
    const modalities = this.beta ? config["modalities"] : config["output_modalities"];
    const prompt = promptOf(this.items, config);
    const reply = replyFor(this.model, this.items, config, limit);
    const id = `resp_${this.request.ids.letters(21)}`;
    const callIds = reply.calls.map(() => `call_${this.request.ids.letters(16)}`);
    const { before } = this;
    this.active = id;
    try {
      const events = responseEvents(
        {
          id, itemId: `item_${this.request.ids.letters(21)}`, reply, callIds, beta: this.beta,
          audio: Array.isArray(modalities) && modalities.includes("audio"),
          conversationId: `conv_${this.id.slice(5)}`,
          cancelled: () => this.cancelled.has(id),
          usage: (said) => (faults.has("no-usage") ? undefined : faults.has("usage-zero") ? usageOf({ text: 0, audio: 0 }, before, { text: 0, audio: 0 }) : usageOf(prompt, before, said)),
        },
        (type, members) => this.write(type, members),
      );
      let step = events.next();
      for (; !step.done; step = events.next()) yield step.value;
      for (const raw of step.value.items) {
        const item = readItem(raw, asText(raw["id"]), this.callNames);
        item.turn.role = "model";
        this.items.push(item);
        if (raw["type"] === "function_call") this.callNames.set(asText(raw["call_id"]), asText(raw["name"]));
      }
      const last = this.items.at(-1);
      if (last) last.audio = step.value.said.audio;
      this.before = prompt;
    } finally {
      this.active = undefined;
    }
    yield this.say("rate_limits.updated", { rate_limits: [{ name: "tokens", limit: 40_000, remaining: 39_000, reset_seconds: 1.5 }] });
  }

  private write(type: string, members: JsonObject): string {
    return JSON.stringify({ type, event_id: `event_${this.request.ids.letters(21)}`, ...members });
  }

  private say(type: string, members: JsonObject): SessionMessage {
    return { kind: "other", text: this.write(type, members) };
  }

  private error(error: OpenAiError, cause: JsonObject | null): SessionMessage {
    return this.say("error", { error: { ...error, event_id: cause === null ? null : (cause["event_id"] ?? null) } });
  }
}
