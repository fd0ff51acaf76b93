/** `POST /v1/audio/transcriptions` and `/translations` (openai SDK: Transcription, TranscriptionVerbose, TranscriptionDiarized, their stream events). */
import { fieldOf, fieldsOf } from "../../../kit/form.ts";
import { secondsOf } from "../../../kit/media/sound.ts";
import { wishedText } from "../../../kit/prompt.ts";
import { countTokens, tokenize } from "../../../kit/tokens.ts";
import type { Answer, Form, Frame, Received } from "../../../kit/vendor.ts";
import { invalid, openAiHeaders, openAiRefusal, type OpenAiError } from "../errors.ts";
import { unknownModel } from "../models.ts";
import { heard } from "./shelf.ts";
import { type Heard, render, TEXT_FORMATS } from "./transcript.ts";

/** Largest file (speech-to-text guide: 25 MB). */
const FILE_BYTES_MAX = 25 * 1024 * 1024;
/** Sound tokens a second; the number is ours. */
const TOKENS_A_SECOND = 10;
const EXTENSIONS = /\.(flac|m4a|mp3|mp4|mpeg|mpga|oga|ogg|wav|webm)$/i;

function formatsOf(model: string): string[] {
  if (model === "whisper-1") return ["json", "text", "srt", "verbose_json", "vtt"];
  return model.endsWith("-diarize") ? ["json", "text", "diarized_json"] : ["json"];
}

function faultOf(form: Form, model: string, format: string): OpenAiError | undefined {
  const file = form.files.find((one) => one.name === "file");
  if (model === "") return invalid("you must provide a model parameter", null);
  if (!file) return invalid("[{'type': 'missing', 'loc': ('body', 'file'), 'msg': 'Field required'}]", null);
  if (!EXTENSIONS.test(file.filename))
    return invalid("Invalid file format. Supported formats: ['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']", null);
  if (file.bytes.length === 0) return invalid("Audio file might be corrupted or unsupported", "file", "invalid_value");
  if (!formatsOf(model).includes(format))
    return invalid(`response_format '${format}' is not compatible with model '${model}'. Use ${formatsOf(model).map((one) => `'${one}'`).join(" or ")} instead.`, "response_format", "unsupported_value");
  const temperature = fieldOf(form, "temperature");
  if (temperature !== "" && !(Number(temperature) >= 0 && Number(temperature) <= 1))
    return invalid(`Invalid value for 'temperature': expected a number between 0 and 1, but got ${temperature}.`, "temperature", "invalid_value");
  return undefined;
}

/** Takes a request and whether to translate; gives the transcript in the wished form. */
export function transcribe(request: Received, translation: boolean): Answer {
  const { form } = request;
  if (!form) return openAiRefusal(request, 400, invalid("Could not parse multipart form", null));
  const model = fieldOf(form, "model");
  if (translation && model !== "whisper-1" && model !== "") return openAiRefusal(request, 400, invalid(`Translations are not supported by model ${model}.`, "model"));
  const format = fieldOf(form, "response_format") || "json";
  const fault = faultOf(form, model, format);
  if (fault) return openAiRefusal(request, 400, fault);
  if (!/^(whisper-1|gpt-.*transcribe)/.test(model) || /nonexist|not-exist|unknown/.test(model)) return unknownModel(request, model);
  const file = form.files.find((one) => one.name === "file");
  const bytes = file?.bytes ?? new Uint8Array();
  if (bytes.length > FILE_BYTES_MAX)
    return openAiRefusal(request, 413, invalid(`413: Maximum content size limit (${FILE_BYTES_MAX}) exceeded (${bytes.length} bytes read)`, null));
  const seconds = secondsOf(bytes);
  const said = heard(request, bytes) ?? wishedText(fieldOf(form, "prompt")) ?? `This is a recording of ${seconds.toFixed(1)} seconds.`;
  const found: Heard = {
    text: said,
    seconds,
    language: translation ? "english" : fieldOf(form, "language") || "english",
    task: translation ? "translate" : "transcribe",
    words: fieldsOf(form, "timestamp_granularities").includes("word"),
    speakers: fieldsOf(form, "known_speaker_names"),
    usage: request.faults.has("no-usage") || translation ? undefined : usageOf(model, said, fieldOf(form, "prompt"), seconds),
  };
  if (fieldOf(form, "stream") === "true" && model !== "whisper-1")
    return { kind: "stream", headers: { ...openAiHeaders(request), "content-type": "text/event-stream; charset=utf-8" }, frames: frames(found, format), model };
  const plain = TEXT_FORMATS.includes(format);
  const headers = { ...openAiHeaders(request), ...(plain ? { "content-type": "text/plain; charset=utf-8" } : {}) };
  return { kind: "whole", status: 200, headers, body: render(found, format), model, tokens: countTokens(said), ...(found.usage && !plain ? { usage: found.usage } : {}) };
}

function usageOf(model: string, text: string, prompt: string, seconds: number): Record<string, unknown> {
  if (model === "whisper-1") return { type: "duration", seconds: Math.ceil(seconds) };
  const [sound, written, output] = [Math.ceil(seconds * TOKENS_A_SECOND), countTokens(prompt), countTokens(text)];
  return {
    type: "tokens",
    total_tokens: sound + written + output,
    input_tokens: sound + written,
    input_token_details: { text_tokens: written, audio_tokens: sound },
    output_tokens: output,
  };
}

function* frames(found: Heard, format: string): Generator<Frame> {
  const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
  for (const piece of tokenize(found.text)) yield { kind: "content", text: event({ type: "transcript.text.delta", delta: piece }) };
  if (format === "diarized_json")
    yield { kind: "other", text: event({ type: "transcript.text.segment", id: "seg_0", speaker: found.speakers[0] ?? "A", start: 0, end: found.seconds, text: found.text }) };
  const { usage } = found;
  yield { kind: "end", text: event({ type: "transcript.text.done", text: found.text, ...(usage ? { usage } : {}) }), ...(usage ? { usage: () => usage } : {}) };
}
