import type { AnswerFacts } from "../canonical/dialect.ts";
import { objectOf, textOf } from "../canonical/fields.ts";
import { tryScanJson } from "../canonical/json-scan.ts";
import { tokenCount, type Usage } from "../canonical/usage.ts";

/** Times of the last subtitle: `00:01:02,500 --> 00:01:04,000` (SubRip), with a point in WebVTT. */
const CUE = /--> (?:(\d+):)?(\d\d):(\d\d)[.,](\d{3})/g;

/** What a whole transcript tells of its usage: a report, or the length it names. */
export function readTranscript(body: Buffer, contentType: string): AnswerFacts {
  if (!contentType.includes("json")) return { usage: lengthOfSubtitles(body.toString("utf8")), deliveredTokens: 0 };
  const scan = tryScanJson(body);
  if (!scan) return { usage: undefined, deliveredTokens: 0, error: "the answer is no JSON object" };
  const failure = scan.value("error");
  if (failure !== undefined && failure !== null && scan.member("text") === undefined)
    return { usage: readTranscriptUsage(scan.value("usage")), deliveredTokens: 0, error: textOf(objectOf(failure)["message"], "an error inside a 200 answer") };
  if (scan.member("text") === undefined) return { usage: undefined, deliveredTokens: 0, error: "the answer has no text" };
  const duration = scan.value("duration");
  const seconds = Math.ceil(Number(duration));
  return { usage: readTranscriptUsage(scan.value("usage")) ?? (seconds > 0 ? { audioSeconds: seconds } : undefined), deliveredTokens: 0 };
}

/**
 * `usage` of a transcript (SDK types Transcription.Tokens and Transcription.Duration): seconds, or tokens of which those of sound lie inside `input_tokens`.
 */
export function readTranscriptUsage(value: unknown): Usage | undefined {
  const report = objectOf(value);
  if (report["type"] === "duration") {
    const seconds = Number(report["seconds"]);
    return seconds > 0 ? { audioSeconds: tokenCount(Math.ceil(seconds)) } : undefined;
  }
  const [input, output] = [tokenCount(report["input_tokens"]), tokenCount(report["output_tokens"])];
  if (input + output === 0) return undefined;
  const inputAudio = Math.min(tokenCount(objectOf(report["input_token_details"])["audio_tokens"]), input);
  return { input: input - inputAudio, inputAudio, output };
}

function lengthOfSubtitles(text: string): Usage | undefined {
  const last = [...text.matchAll(CUE)].at(-1);
  if (!last) return undefined;
  const [, hours = "0", minutes = "0", seconds = "0", ms = "0"] = last;
  return { audioSeconds: Math.ceil(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(ms) / 1000) };
}
