import { objectOf } from "../canonical/fields.ts";
import { tokenCount, type Usage } from "../canonical/usage.ts";

/**
 * OpenAI's `usage` in classes (SDK type `CompletionUsage`): cached and audio tokens lie inside `prompt_tokens`, reasoning and audio
 * tokens inside `completion_tokens`. DeepSeek names cached tokens `prompt_cache_hit_tokens`. Impossible numbers are clamped and told.
 */
export function readOpenAIUsage(value: unknown): { usage: Usage; anomaly?: string } | undefined {
  const report = objectOf(value);
  const prompt = tokenCount(report["prompt_tokens"]);
  const completion = tokenCount(report["completion_tokens"]);
  if (prompt === 0 && completion === 0) return undefined;
  const promptDetails = objectOf(report["prompt_tokens_details"]);
  const completionDetails = objectOf(report["completion_tokens_details"]);
  const inputAudio = Math.min(tokenCount(promptDetails["audio_tokens"]), prompt);
  const cached = tokenCount(promptDetails["cached_tokens"]) || tokenCount(report["prompt_cache_hit_tokens"]);
  const cacheRead = Math.min(cached, prompt - inputAudio);
  const reasoning = Math.min(tokenCount(completionDetails["reasoning_tokens"]), completion);
  const outputAudio = Math.min(tokenCount(completionDetails["audio_tokens"]), completion - reasoning);
  const usage: Usage = {
    input: prompt - inputAudio - cacheRead,
    inputAudio,
    cacheRead,
    output: completion - reasoning - outputAudio,
    reasoning,
    outputAudio,
  };
  return cached > prompt ? { usage, anomaly: `cached_tokens ${cached} > prompt_tokens ${prompt}` } : { usage };
}
