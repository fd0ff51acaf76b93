import { base64Bytes, Delivered } from "../../canonical/delivered.ts";
import { objectOf, parseJson, textOf } from "../../canonical/fields.ts";
import type { CallerMessage, SessionMeter, SessionNames, TurnEnd, VendorMessage } from "../../canonical/session.ts";
import { completionTokens, type MeteredUsage, promptTokens, type Usage } from "../../canonical/usage.ts";
import { GatewayError } from "../../../errors/gateway-error.ts";
import { withModel } from "./setup.ts";
import { readLiveUsage } from "./usage.ts";

/** Sound is about 25 tokens a second (https://ai.google.dev/gemini-api/docs/live-guide): 16 kHz, 16 bits from the caller, 24 kHz from the model. */
const BYTES_PER_TOKEN_IN = 1_280;
const BYTES_PER_TOKEN_OUT = 1_920;
const CHARACTERS_PER_TOKEN = 4;

interface Turn {
  id: string;
  delivered: Delivered;
  report: { usage: Usage; anomaly?: string } | undefined;
  /** the vendor says it is complete, and has not reported its usage yet */
  complete: boolean;
}

/**
 * Follows a Gemini Live session. A turn is what the model says between two words of the caller, or between two calls of tools. Usage grows within a turn; a
 * report that is smaller than the one before belongs to the next turn. It may come with the turn's end, before it or after it.
 */
export class GeminiLiveMeter implements SessionMeter {
  private turn: Turn | undefined;
  private turns = 0;
  /** the report that the last turn was billed by: a vendor may repeat it */
  private billed = "";
  private contextTokens = 0;
  private newText = 0;
  private newAudioBytes = 0;
  private isSetUp = false;

  constructor(private readonly names: SessionNames) {}

  caller(text: string): CallerMessage {
    const parsed = parseJson(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new GatewayError("invalidJson", { publicText: "The message is not a JSON object." });
    const message = objectOf(parsed);
    if (message["setup"] !== undefined) {
      if (this.isSetUp) throw new GatewayError("invalidRequest", { publicText: '"setup" may only be the first message.', param: "setup" });
      this.isSetUp = true;
      this.newText += text.length;
      return { text: this.names.upstream === this.names.asked ? text : withModel(text, this.names.upstream), models: [] };
    }
    const input = objectOf(message["realtimeInput"] ?? message["realtime_input"]);
    const media = [input["audio"], ...list(input["mediaChunks"] ?? input["media_chunks"])].map((one) => textOf(objectOf(one)["data"], "").length);
    this.newAudioBytes += base64Bytes(media.reduce((sum, length) => sum + length, 0));
    if (message["clientContent"] !== undefined || message["client_content"] !== undefined || input["text"] !== undefined) this.newText += text.length;
    return { text, models: [] };
  }

  vendor(text: string): VendorMessage {
    const message = objectOf(parseJson(text));
    const content = objectOf(message["serverContent"]);
    const happened = { began: [] as string[], ended: [] as TurnEnd[], content: [] as string[] };
    const calls = message["toolCall"] !== undefined;
    if (calls || content["modelTurn"] !== undefined || content["outputTranscription"] !== undefined) {
      if (this.turn?.complete) this.end(happened);
      this.begin(happened).add(content, calls ? JSON.stringify(message["toolCall"]) : "");
      if (this.turn) happened.content.push(this.turn.id);
    }
    if (message["usageMetadata"] !== undefined) this.report(message["usageMetadata"], happened);
    if (!this.turn) return happened;
    if (content["turnComplete"] === true) this.turn.complete = true;
    if (this.turn.report && (this.turn.complete || calls)) this.end(happened);
    return happened;
  }

  unfinished(): TurnEnd[] {
    const happened = { ended: [] as TurnEnd[] };
    if (this.turn) this.end(happened);
    return happened.ended;
  }

  private begin(happened: { began: string[] }): { add(content: Record<string, unknown>, call: string): void } {
    if (!this.turn) {
      this.turns += 1;
      this.turn = { id: `turn ${this.turns}`, delivered: new Delivered(BYTES_PER_TOKEN_OUT), report: undefined, complete: false };
      happened.began.push(this.turn.id);
    }
    const { delivered } = this.turn;
    return {
      add(content, call) {
        for (const part of list(objectOf(content["modelTurn"])["parts"]).map(objectOf)) {
          if (typeof part["text"] === "string") delivered.addText(part["text"]);
          delivered.addAudio(textOf(objectOf(part["inlineData"])["data"], "").length);
        }
        delivered.addText(textOf(objectOf(content["outputTranscription"])["text"], "") + call);
      },
    };
  }

  private report(value: unknown, happened: { began: string[]; ended: TurnEnd[] }): void {
    const report = readLiveUsage(value);
    if (!report) return;
    if (!this.turn && JSON.stringify(report.usage) === this.billed) return;
    const before = this.turn?.report;
    if (before && completionTokens(report.usage) < completionTokens(before.usage)) this.end(happened);
    this.begin(happened);
    if (this.turn) this.turn.report = report;
  }

  private end(happened: { ended: TurnEnd[] }): void {
    const { turn } = this;
    if (!turn) return;
    this.turn = undefined;
    const useful = turn.report !== undefined && !(completionTokens(turn.report.usage) === 0 && turn.delivered.any);
    const metered: MeteredUsage = useful && turn.report ? { ...turn.report, estimated: false } : this.estimate(turn.delivered);
    if (turn.report) this.billed = JSON.stringify(turn.report.usage);
    if (promptTokens(metered.usage) > 0) {
      this.contextTokens = promptTokens(metered.usage) + completionTokens(metered.usage);
      this.newText = 0;
      this.newAudioBytes = 0;
    }
    happened.ended.push({ turn: turn.id, metered });
  }

  private estimate(delivered: Delivered): MeteredUsage {
    if (!delivered.any) return { usage: {}, estimated: false };
    const usage: Usage = { input: this.contextTokens + Math.ceil(this.newText / CHARACTERS_PER_TOKEN), output: delivered.output };
    if (this.newAudioBytes > 0) usage.inputAudio = Math.ceil(this.newAudioBytes / BYTES_PER_TOKEN_IN);
    if (delivered.outputAudio > 0) usage.outputAudio = delivered.outputAudio;
    return { usage, estimated: true };
  }
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
