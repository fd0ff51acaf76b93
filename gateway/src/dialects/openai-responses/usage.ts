import { objectOf } from "../canonical/fields.ts";
import { cachedTokens, completionTokens, promptTokens, tokenCount, type Usage } from "../canonical/usage.ts";

/**
 * The `usage` of a response in classes (SDK type `ResponseUsage`): cached tokens, tokens written to the cache and media tokens lie inside `input_tokens`, reasoning
 * inside `output_tokens`. `calls`: those of paid tools (`paidCalls`). Undefined when nothing is reported. Impossible numbers are clamped and told.
 */
export function readResponsesUsage(value: unknown, calls: Usage = {}): { usage: Usage; anomaly?: string } | undefined {
  const report = objectOf(value);
  const input = tokenCount(report["input_tokens"]);
  const output = tokenCount(report["output_tokens"]);
  if (input === 0 && output === 0) return undefined;
  const inside = objectOf(report["input_tokens_details"]);
  const produced = objectOf(report["output_tokens_details"]);
  const cached = tokenCount(inside["cached_tokens"]);
  let left = input;
  const take = (units: number): number => {
    const taken = Math.min(units, left);
    left -= taken;
    return taken;
  };
  const cacheRead = take(cached);
  const cacheWrite = take(tokenCount(inside["cache_write_tokens"]));
  const inputAudio = take(tokenCount(inside["audio_tokens"]));
  const inputImage = take(tokenCount(inside["image_tokens"]));
  const fresh = left;
  left = output;
  const reasoning = take(tokenCount(produced["reasoning_tokens"]));
  const outputAudio = take(tokenCount(produced["audio_tokens"]));
  const outputImage = take(tokenCount(produced["image_tokens"]));
  const usage: Usage = { input: fresh, cacheRead, cacheWrite, inputAudio, inputImage, output: left, reasoning, outputAudio, outputImage };
  for (const name of Object.keys(usage) as (keyof Usage)[]) if (usage[name] === 0 && name !== "input" && name !== "output") delete usage[name];
  Object.assign(usage, calls);
  return cached > input ? { usage, anomaly: `cached_tokens ${cached} > input_tokens ${input}` } : { usage };
}

/** Whether a finished item is a search that is billed. An item without an action is an old server's search. */
export function isWebSearch(item: Record<string, unknown>): boolean {
  return item["type"] === "web_search_call" && (objectOf(item["action"])["type"] ?? "search") === "search";
}

/** The classes as OpenAI words them. Members that the SDK does not name (sound, pictures) appear only where there is something to tell. */
export function writeResponsesUsage(usage: Usage): Record<string, unknown> {
  const some = (name: string, units: number | undefined): Record<string, number> => (units ? { [name]: units } : {});
  const input = promptTokens(usage);
  const output = completionTokens(usage);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: cachedTokens(usage),
      cache_write_tokens: (usage.cacheWrite ?? 0) + (usage.cacheWriteHour ?? 0),
      ...some("audio_tokens", (usage.inputAudio ?? 0) + (usage.cacheReadAudio ?? 0)),
      ...some("image_tokens", (usage.inputImage ?? 0) + (usage.cacheReadImage ?? 0)),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0, ...some("audio_tokens", usage.outputAudio), ...some("image_tokens", usage.outputImage) },
    total_tokens: input + output,
  };
}
