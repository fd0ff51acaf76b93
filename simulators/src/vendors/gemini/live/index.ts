/** The Live API (SDK: LiveClientMessage, LiveServerMessage): `setup` first, then content and answers. Without detection of speech: sound is answered at `audioStreamEnd` or `activityEnd`. */
import { replyTo } from "../../../kit/brain.ts";
import type { FaultValues } from "../../../kit/fault-spec.ts";
import { asList, asObject, asText, isObject, parseJson, type JsonObject } from "../../../kit/json.ts";
import type { Session, SessionClose, SessionMessage } from "../../../kit/session.ts";
import type { Received } from "../../../kit/vendor.ts";
import { modelExists } from "../models.ts";
import { readGenerate } from "../read.ts";

/** Sound of one text token: 80 ms, two tokens (live guide: 25 a second), PCM of 24 kHz and 16 bits. */
const AUDIO_TOKENS_PER_WORD = 2;
const AUDIO_BYTES_PER_WORD = 3_840;

const close = (code: number, reason: string): SessionClose => ({ kind: "close", code, reason });
const other = (body: JsonObject): SessionMessage => ({ kind: "other", text: JSON.stringify(body) });

/** Takes a request for a WebSocket; gives its session. */
export const live = (request: Received): Session => new LiveSession(request);

class LiveSession implements Session {
  readonly binary = true;
  model = "";
  private setup: JsonObject | undefined;
  private readonly contents: JsonObject[] = [];
  private sound = "";

  constructor(private readonly request: Received) {}

  *open(): Iterable<SessionMessage> {}

  *message(text: string, faults: FaultValues): Iterable<SessionMessage | SessionClose> {
    const message = parseJson(text);
    if (!isObject(message)) return yield close(1007, "Request contains an invalid argument.");
    if (!this.setup) return yield* this.begin(asObject(message["setup"]));
    if (message["setup"] !== undefined) return yield close(1007, "setup must be the first message and only the first");
    const content = asObject(message["clientContent"]);
    const input = asObject(message["realtimeInput"]);
    if (message["clientContent"] !== undefined) {
      for (const turn of asList(content["turns"]).map(asObject)) this.contents.push(turn);
      if (content["turnComplete"] === true) yield* this.answer(faults);
    } else if (message["toolResponse"] !== undefined) {
      const parts = asList(asObject(message["toolResponse"])["functionResponses"]).map((functionResponse) => ({ functionResponse }));
      this.contents.push({ role: "user", parts });
      yield* this.answer(faults);
    } else if (message["realtimeInput"] !== undefined) yield* this.hear(input, faults);
    else yield close(1007, "Unknown message.");
  }

  private *begin(setup: JsonObject): Iterable<SessionMessage | SessionClose> {
    const model = asText(setup["model"]).replace(/^models\//, "");
    if (model === "") return yield close(1007, "setup must name a model");
    if (!modelExists(model)) return yield close(1008, `models/${model} is not found for API version v1beta, or is not supported for bidiGenerateContent.`);
    this.model = model;
    this.setup = setup;
    yield other({ setupComplete: {} });
  }

  private *hear(input: JsonObject, faults: FaultValues): Iterable<SessionMessage> {
    this.sound += asText(asObject(input["audio"])["data"]);
    for (const chunk of asList(input["mediaChunks"]).map(asObject)) this.sound += asText(chunk["data"]);
    const text = asText(input["text"]);
    if (text === "" && input["audioStreamEnd"] !== true && input["activityEnd"] === undefined) return;
    const parts: JsonObject[] = this.sound === "" ? [] : [{ inlineData: { mimeType: "audio/pcm;rate=16000", data: this.sound } }];
    this.sound = "";
    if (text !== "") parts.push({ text });
    if (parts.length > 0) this.contents.push({ role: "user", parts });
    yield* this.answer(faults);
  }

  private *answer(faults: FaultValues): Iterable<SessionMessage> {
    const setup = this.setup ?? {};
    const config = asObject(setup["generationConfig"]);
    const understood = readGenerate(this.model, { ...setup, contents: this.contents, generationConfig: { ...config, thinkingConfig: { thinkingBudget: 0 } } });
    const reply = replyTo(understood.conversation);
    const speaks = asList(config["responseModalities"]).includes("AUDIO");
    const transcribes = setup["outputAudioTranscription"] !== undefined;
    let [audio, text] = [0, 0];
    const usage = (): { usageMetadata?: JsonObject } => {
      if (faults.has("no-usage")) return {};
      const prompt = [...understood.promptTokens].filter(([, tokenCount]) => tokenCount > 0).map(([modality, tokenCount]) => ({ modality, tokenCount }));
      const promptTokenCount = prompt.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
      const said = [{ modality: "TEXT", tokenCount: text }, { modality: "AUDIO", tokenCount: audio }].filter(({ tokenCount }) => tokenCount > 0);
      return { usageMetadata: { promptTokenCount, responseTokenCount: text + audio, totalTokenCount: promptTokenCount + text + audio, promptTokensDetails: prompt, responseTokensDetails: said } };
    };
    if (reply.calls.length > 0) {
      const functionCalls = reply.calls.map((call) => ({ id: this.request.ids.letters(8), name: call.name, args: call.input }));
      text = reply.calls.reduce((sum, call) => sum + call.pieces.length, 0);
      this.contents.push({ role: "model", parts: functionCalls.map((functionCall) => ({ functionCall })) });
      const reported = usage();
      const { usageMetadata } = reported;
      return yield { kind: "content", tokens: text, text: JSON.stringify({ toolCall: { functionCalls }, ...reported }), ...(usageMetadata ? { usage: usageMetadata } : {}) };
    }
    for (const word of reply.text) {
      if (speaks) {
        audio += AUDIO_TOKENS_PER_WORD;
        const inlineData = { mimeType: "audio/pcm;rate=24000", data: Buffer.alloc(AUDIO_BYTES_PER_WORD, word).toString("base64") };
        yield { kind: "content", tokens: AUDIO_TOKENS_PER_WORD, text: JSON.stringify({ serverContent: { modelTurn: { role: "model", parts: [{ inlineData }] } } }) };
        if (transcribes) yield other({ serverContent: { outputTranscription: { text: word } } });
      } else {
        text += 1;
        yield { kind: "content", text: JSON.stringify({ serverContent: { modelTurn: { role: "model", parts: [{ text: word }] } } }) };
      }
    }
    this.contents.push({ role: "model", parts: [{ text: reply.text.join("") }] });
    yield other({ serverContent: { generationComplete: true } });
    const reported = usage();
    yield { ...other({ serverContent: { turnComplete: true }, ...reported }), ...(reported.usageMetadata ? { usage: reported.usageMetadata } : {}) };
  }
}
