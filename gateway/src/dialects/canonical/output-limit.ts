import type { RequestTarget } from "./codec.ts";
import type { DroppedFeatures } from "./dropped-features.ts";
import type { CanonicalRequest } from "./request.ts";

/**
 * The limit of an answer's tokens to send: the caller's, and what the model can give where that is less. More is refused by OpenAI, Anthropic and Google and gives no
 * more anywhere, but the caller should know: it is named as dropped. Undefined where the caller told none.
 */
export function outputLimit({ maxOutputTokens }: CanonicalRequest, target: RequestTarget, dropped: DroppedFeatures): number | undefined {
  // 0: of a model whose answers are not measured in tokens.
  if (maxOutputTokens === undefined || target.maxOutputTokens <= 0 || maxOutputTokens <= target.maxOutputTokens) return maxOutputTokens;
  dropped.add("maxOutputTokens");
  return target.maxOutputTokens;
}
