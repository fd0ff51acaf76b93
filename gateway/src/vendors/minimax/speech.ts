import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import type { MediaCall, MediaRefusal, SpeechAnswer, SpeechFormat, SpeechRequest, VendorAnswer } from "../../dialects/canonical/media-call.ts";
import { tokenCount } from "../../dialects/canonical/usage.ts";
import { table } from "../../table.ts";

const FORMATS: ReadonlySet<SpeechFormat> = new Set(["mp3", "pcm", "flac", "wav"]);
/** System voices, for callers who know OpenAI's names. */
const VOICES: Readonly<Record<string, string>> = table({
  alloy: "English_expressive_narrator", ash: "English_magnetic_voiced_man", ballad: "English_Gentle-voiced_man", coral: "English_radiant_girl", echo: "English_magnetic_voiced_man", fable: "English_expressive_narrator",
  nova: "English_radiant_girl", onyx: "English_magnetic_voiced_man", sage: "English_compelling_lady1", shimmer: "English_radiant_girl", verse: "English_Gentle-voiced_man", marin: "English_compelling_lady1", cedar: "English_magnetic_voiced_man",
});
const SPEED = { least: 0.5, most: 2 };
/** What OpenAI's uncompressed speech has. */
const PCM_RATE = 24_000;
/** Codes by which the content policy speaks. */
const POLICY = new Set([1026, 1027]);

/** Speech in MiniMax's words (T2A v2): the answer is JSON with the sound as hex, and the characters that it bills. */
export function minimaxSpeech(request: SpeechRequest, model: string): MediaCall<SpeechAnswer> {
  const format = FORMATS.has(request.format) ? request.format : "mp3";
  const speed = Math.min(Math.max(request.speed, SPEED.least), SPEED.most);
  const dropped: string[] = [];
  if (format !== request.format) dropped.push("response_format");
  if (request.instructions !== undefined) dropped.push("instructions");
  if (speed !== request.speed) dropped.push("speed");
  return {
    endpoint: { name: "speech", upstreamPath: "/v1/t2a_v2", billable: true },
    query: "",
    body: {
      model,
      text: request.text,
      stream: false,
      voice_setting: { voice_id: VOICES[request.voice] ?? request.voice, speed },
      audio_setting: { format, channel: 1, ...(format === "mp3" ? {} : { sample_rate: PCM_RATE }) },
      output_format: "hex",
    },
    dropped,
    read: (answer) => read(answer, format),
  };
}

function read({ body }: VendorAnswer, format: SpeechFormat): SpeechAnswer | MediaRefusal {
  const text = body.toString("utf8");
  const parsed = parseJson(text);
  if (parsed === undefined) throw new Error("the answer is no JSON object");
  const answer = objectOf(parsed);
  const code = objectOf(answer["base_resp"])["status_code"];
  if (typeof code === "number" && code !== 0) return { kind: "refused", status: 400, body: text, policy: POLICY.has(code) };
  const { audio } = objectOf(answer["data"]);
  if (typeof audio !== "string" || audio === "") throw new Error("the answer holds no sound");
  const characters = tokenCount(objectOf(answer["extra_info"])["usage_characters"]);
  return { kind: "speech", sound: Buffer.from(audio, "hex"), format, usage: characters > 0 ? { characters } : undefined };
}
