import { objectOf } from "../canonical/fields.ts";
import { tokenCount, type Usage } from "../canonical/usage.ts";

/**
 * The `usage` of a realtime response in classes (SDK type `RealtimeResponseUsage`): text, sound, pictures and cached tokens lie inside `input_tokens`;
 * `cached_tokens_details` says of which kind the cached ones are. Where it is missing they count as text as far as there is text. Transcriptions report
 * the same members (SDK type `ConversationItemInputAudioTranscriptionCompletedEvent.TranscriptTextUsageTokens`). Undefined when nothing is reported.
 */
export function readRealtimeUsage(value: unknown): { usage: Usage; anomaly?: string } | undefined {
  const report = objectOf(value);
  const input = tokenCount(report["input_tokens"]);
  const output = tokenCount(report["output_tokens"]);
  if (input === 0 && output === 0) return undefined;
  const inside = objectOf(report["input_token_details"]);
  const cachedOf = objectOf(inside["cached_tokens_details"]);
  const produced = objectOf(report["output_token_details"]);

  const audio = Math.min(tokenCount(inside["audio_tokens"]), input);
  const image = Math.min(tokenCount(inside["image_tokens"]), input - audio);
  const text = input - audio - image;
  const reported = tokenCount(inside["cached_tokens"]);
  const cached = Math.min(reported, input);
  let cacheReadAudio = Math.min(tokenCount(cachedOf["audio_tokens"]), audio, cached);
  const cacheReadImage = Math.min(tokenCount(cachedOf["image_tokens"]), image, cached - cacheReadAudio);
  const cacheRead = Math.min(text, cached - cacheReadAudio - cacheReadImage);
  cacheReadAudio += Math.min(audio - cacheReadAudio, cached - cacheReadAudio - cacheReadImage - cacheRead);
  const outputAudio = Math.min(tokenCount(produced["audio_tokens"]), output);
  const usage: Usage = {
    input: text - cacheRead, cacheRead, cacheReadAudio, cacheReadImage,
    inputAudio: audio - cacheReadAudio, inputImage: image - cacheReadImage,
    output: output - outputAudio, outputAudio,
  };
  for (const name of Object.keys(usage) as (keyof Usage)[]) if (usage[name] === 0 && name !== "input" && name !== "output") delete usage[name];
  return reported > input ? { usage, anomaly: `cached_tokens ${reported} > input_tokens ${input}` } : { usage };
}
