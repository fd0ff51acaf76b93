import { tokenCount, type Usage } from "../canonical/usage.ts";

/** `usage` of an answer (SDK type CreateEmbeddingResponse.Usage); some servers give the total alone. Undefined where it reports nothing. */
export function readEmbeddingsUsage(report: Record<string, unknown> | undefined): Usage | undefined {
  const tokens = tokenCount(report?.["prompt_tokens"]) || tokenCount(report?.["total_tokens"]);
  return tokens > 0 ? { input: tokens } : undefined;
}
