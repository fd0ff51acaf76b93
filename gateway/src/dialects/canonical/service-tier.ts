/** What others call OpenAI's `default` (Anthropic `standard_only`, Gemini `standard`). */
const STANDARD: ReadonlySet<string> = new Set(["standard", "standard_only"]);

/** A service tier in OpenAI's words; those it does not have stay as they are. */
export const openaiTier = (tier: string | undefined): string | undefined => (tier !== undefined && STANDARD.has(tier) ? "default" : tier);
