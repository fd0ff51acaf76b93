import { objectOf } from "./fields.ts";
import { cachedTokens, completionTokens, promptTokens, tokenCount, type Usage } from "./usage.ts";

type Json = Record<string, unknown>;

/** The first of these that is a number above zero. */
function firstOf(...values: unknown[]): number {
  for (const value of values) {
    const count = tokenCount(value);
    if (count > 0) return count;
  }
  return 0;
}

/**
 * OpenAI's `usage` in classes (SDK type `CompletionUsage`): cached, written and audio tokens lie inside `prompt_tokens`, reasoning and audio
 * tokens inside `completion_tokens`. Others' names for the same: DeepSeek `prompt_cache_hit_tokens`, Moonshot `cached_tokens` beside the totals, Qwen
 * `cache_creation_input_tokens`, Perplexity `reasoning_tokens` and `num_search_queries`, OpenRouter `server_tool_use` and `image_tokens`. xAI counts reasoning
 * beside `completion_tokens`, which its total tells. Impossible numbers are clamped and told.
 */
export function readOpenAIUsage(value: unknown): { usage: Usage; anomaly?: string } | undefined {
  const report = objectOf(value);
  const prompt = tokenCount(report["prompt_tokens"]);
  let completion = tokenCount(report["completion_tokens"]);
  if (prompt === 0 && completion === 0) return undefined;
  const promptDetails = objectOf(report["prompt_tokens_details"]);
  const completionDetails = objectOf(report["completion_tokens_details"]);
  const thought = firstOf(completionDetails["reasoning_tokens"], report["reasoning_tokens"]);
  if (thought > 0 && tokenCount(report["total_tokens"]) === prompt + completion + thought) completion += thought;
  const inputAudio = Math.min(tokenCount(promptDetails["audio_tokens"]), prompt);
  const cached = firstOf(promptDetails["cached_tokens"], report["prompt_cache_hit_tokens"], report["cached_tokens"]);
  const cacheRead = Math.min(cached, prompt - inputAudio);
  const written = firstOf(promptDetails["cache_write_tokens"], promptDetails["cache_creation_input_tokens"]);
  const cacheWrite = Math.min(written, prompt - inputAudio - cacheRead);
  const inputImage = Math.min(tokenCount(promptDetails["image_tokens"]), prompt - inputAudio - cacheRead - cacheWrite);
  const reasoning = Math.min(thought, completion);
  const outputAudio = Math.min(tokenCount(completionDetails["audio_tokens"]), completion - reasoning);
  const outputImage = Math.min(tokenCount(completionDetails["image_tokens"]), completion - reasoning - outputAudio);
  const webSearch = firstOf(objectOf(report["server_tool_use"])["web_search_requests"], report["num_search_queries"]);
  const usage: Usage = {
    input: prompt - inputAudio - inputImage - cacheRead - cacheWrite,
    inputAudio,
    cacheRead,
    output: completion - reasoning - outputAudio - outputImage,
    reasoning,
    outputAudio,
  };
  if (cacheWrite > 0) usage.cacheWrite = cacheWrite;
  if (inputImage > 0) usage.inputImage = inputImage;
  if (outputImage > 0) usage.outputImage = outputImage;
  if (webSearch > 0) usage.webSearch = webSearch;
  return cached > prompt ? { usage, anomaly: `cached_tokens ${cached} > prompt_tokens ${prompt}` } : { usage };
}

/** Usage as a caller of chat completions reads it (SDK type `CompletionUsage`). Classes that OpenAI has no word for stand under OpenRouter's. */
export function writeOpenAIUsage(usage: Usage): Json {
  const [prompt, completion] = [promptTokens(usage), completionTokens(usage)];
  const pictures = (usage.inputImage ?? 0) + (usage.cacheReadImage ?? 0);
  const written = (usage.cacheWrite ?? 0) + (usage.cacheWriteHour ?? 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: cachedTokens(usage),
      audio_tokens: (usage.inputAudio ?? 0) + (usage.cacheReadAudio ?? 0),
      ...(written > 0 ? { cache_write_tokens: written } : {}),
      ...(pictures > 0 ? { image_tokens: pictures } : {}),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning ?? 0,
      audio_tokens: usage.outputAudio ?? 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
      ...(usage.outputImage ? { image_tokens: usage.outputImage } : {}),
    },
    ...(usage.webSearch ? { server_tool_use: { web_search_requests: usage.webSearch } } : {}),
  };
}
