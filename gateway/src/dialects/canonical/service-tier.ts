/** What others call OpenAI's `default` (Anthropic `standard_only`, Gemini `standard`). */
const STANDARD: ReadonlySet<string> = new Set(["standard", "standard_only"]);

/** A service tier in OpenAI's words; those it does not have stay as they are. */
export const openaiTier = (tier: string | undefined): string | undefined => (tier !== undefined && STANDARD.has(tier) ? "default" : tier);

/** SDK types ChatCompletion and Response: `service_tier`. Strict clients refuse other words. */
const ANSWERED: ReadonlySet<string> = new Set(["auto", "default", "flex", "scale", "priority"]);

/** The tier of an answer for OpenAI's callers; undefined where it has none of their names. */
export function answeredTier(tier: string | undefined): string | undefined {
  const own = openaiTier(tier);
  return own !== undefined && ANSWERED.has(own) ? own : undefined;
}
