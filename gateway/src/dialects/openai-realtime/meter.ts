import { base64Bytes, Delivered } from "../canonical/delivered.ts";
import { objectOf, parseJson, textOf } from "../canonical/fields.ts";
import { type CallerMessage, NOTHING, type SessionMeter, type SessionNames, type TurnEnd, type VendorMessage } from "../canonical/session.ts";
import { completionTokens, type MeteredUsage, promptTokens, type Usage } from "../canonical/usage.ts";
import { checkCallerEvent } from "./caller-event.ts";
import { transcriptionModels } from "./transcription.ts";
import { readRealtimeUsage } from "./usage.ts";

/** One token of the caller's sound is 100 ms, one of the model's 50 ms (https://platform.openai.com/docs/guides/realtime-costs); PCM of 24 kHz and 16 bits has 48,000 bytes a second. */
const BYTES_PER_TOKEN_IN = 4_800;
const BYTES_PER_TOKEN_OUT = 2_400;
/** Characters of ordinary text per token. */
const CHARACTERS_PER_TOKEN = 4;
const TRANSCRIBED = "conversation.item.input_audio_transcription.completed";

/** Follows an OpenAI realtime session: a turn is a response, from `response.created` to `response.done` (SDK types `RealtimeServerEvent`; the names of the beta differ in the deltas only). */
export class OpenAIRealtimeMeter implements SessionMeter {
  private readonly open = new Map<string, Delivered>();
  /** what the model is known to have read and said, as of the last report */
  private contextTokens = 0;
  /** sent by the caller since then */
  private newText = 0;
  private newAudioBytes = 0;
  private transcriptionModel: string | undefined;

  constructor(private readonly names: SessionNames) {}

  caller(text: string): CallerMessage {
    const { event, ...message } = checkCallerEvent(text, this.names);
    const type = event["type"];
    if (type === "input_audio_buffer.append") this.newAudioBytes += base64Bytes(textOf(event["audio"], "").length);
    else if (type === "conversation.item.create" || type === "session.update") this.newText += text.length;
    return message;
  }

  vendor(text: string): VendorMessage {
    const event = objectOf(parseJson(text));
    const type = textOf(event["type"], "");
    if (type.endsWith(".delta")) return this.delta(event, type);
    if (type === "response.created") {
      const turn = textOf(objectOf(event["response"])["id"], "");
      this.open.set(turn, new Delivered(BYTES_PER_TOKEN_OUT));
      return { ...NOTHING, began: [turn] };
    }
    if (type === "response.done") return this.done(objectOf(event["response"]));
    if (type === TRANSCRIBED) return this.transcribed(event);
    if (type.includes("session.")) this.learn(objectOf(event["session"]));
    return NOTHING;
  }

  unfinished(): TurnEnd[] {
    return [...this.open].map(([turn, delivered]) => ({ turn, metered: this.estimate(delivered) }));
  }

  private delta(event: Record<string, unknown>, type: string): VendorMessage {
    const turn = textOf(event["response_id"], "");
    const delivered = this.open.get(turn);
    const delta = event["delta"];
    if (!delivered || typeof delta !== "string") return NOTHING;
    if (type.endsWith("audio.delta")) delivered.addAudio(delta.length);
    else delivered.addText(delta);
    return { ...NOTHING, content: [turn] };
  }

  private done(response: Record<string, unknown>): VendorMessage {
    const turn = textOf(response["id"], "");
    const delivered = this.open.get(turn) ?? new Delivered(BYTES_PER_TOKEN_OUT);
    this.open.delete(turn);
    const report = readRealtimeUsage(response["usage"]);
    const useful = report !== undefined && !(completionTokens(report.usage) === 0 && delivered.any);
    const metered: MeteredUsage = useful ? { ...report, estimated: false } : this.estimate(delivered);
    this.reported(metered.usage);
    const error = response["status"] === "failed" ? { error: failure(response) } : {};
    return { ...NOTHING, ended: [{ turn, metered, ...error }] };
  }

  private reported(usage: Usage): void {
    if (promptTokens(usage) === 0) return;
    this.contextTokens = promptTokens(usage) + completionTokens(usage);
    this.newText = 0;
    this.newAudioBytes = 0;
  }

  /** Transcription is billed by itself, at its own model's price (https://platform.openai.com/docs/guides/realtime-costs). */
  private transcribed(event: Record<string, unknown>): VendorMessage {
    const report = readRealtimeUsage(event["usage"]);
    const model = this.transcriptionModel;
    if (!report || model === undefined) return NOTHING;
    return { ...NOTHING, ended: [{ turn: `${textOf(event["item_id"], "")} transcript`, metered: { ...report, estimated: false }, model }] };
  }

  /** A vendor's session says which model transcribes. */
  private learn(session: Record<string, unknown>): void {
    const [model] = transcriptionModels(session);
    if (model !== undefined) this.transcriptionModel = model;
  }

  private estimate(delivered: Delivered): MeteredUsage {
    if (!delivered.any) return { usage: {}, estimated: false };
    const usage: Usage = { input: Math.ceil(this.newText / CHARACTERS_PER_TOKEN), output: delivered.output };
    if (this.contextTokens > 0) usage.cacheRead = this.contextTokens;
    if (this.newAudioBytes > 0) usage.inputAudio = Math.ceil(this.newAudioBytes / BYTES_PER_TOKEN_IN);
    if (delivered.outputAudio > 0) usage.outputAudio = delivered.outputAudio;
    return { usage, estimated: true };
  }
}

function failure(response: Record<string, unknown>): string {
  const error = objectOf(objectOf(response["status_details"])["error"]);
  return textOf(error["code"] ?? error["type"], "response_failed");
}
