import { objectOf } from "../canonical/fields.ts";
import { tokenCount, type Usage } from "../canonical/usage.ts";

/**
 * Bedrock's TokenUsage in classes. Cached tokens stand beside `inputTokens`, as with Anthropic (prompt caching guide; the total is the sum of all). `cacheDetails` tells
 * how many of those written live for an hour. Thinking is inside `outputTokens` and not told apart.
 */
export function readConverseUsage(value: unknown): { usage: Usage; anomaly?: string } | undefined {
  const report = objectOf(value);
  const [input, output] = [tokenCount(report["inputTokens"]), tokenCount(report["outputTokens"])];
  const [cacheRead, written] = [tokenCount(report["cacheReadInputTokens"]), tokenCount(report["cacheWriteInputTokens"])];
  if (input + output + cacheRead + written === 0) return undefined;
  const details: unknown[] = Array.isArray(report["cacheDetails"]) ? report["cacheDetails"] : [];
  const hours = details.map(objectOf).reduce((sum, detail) => sum + (detail["ttl"] === "1h" ? tokenCount(detail["inputTokens"]) : 0), 0);
  const cacheWriteHour = Math.min(hours, written);
  const usage: Usage = { input, output };
  if (cacheRead > 0) usage.cacheRead = cacheRead;
  if (written > cacheWriteHour) usage.cacheWrite = written - cacheWriteHour;
  if (cacheWriteHour > 0) usage.cacheWriteHour = cacheWriteHour;
  return hours > written ? { usage, anomaly: `cacheDetails ${hours} > cacheWriteInputTokens ${written}` } : { usage };
}
