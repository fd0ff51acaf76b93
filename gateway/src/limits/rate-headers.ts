import type { Left, Standing } from "./standing.ts";

/** Whose headers: those that the SDKs of a vendor read; Google has none. */
export type RateHeaderStyle = "openai" | "anthropic" | "none";

/**
 * What is left of a caller's limits, in a vendor's headers.
 * OpenAI: https://platform.openai.com/docs/guides/rate-limits (x-ratelimit-*, reset as a duration such as `6m0s`).
 * Anthropic: https://docs.anthropic.com/en/api/rate-limits (anthropic-ratelimit-*, reset as RFC 3339).
 */
export function rateHeaders(style: RateHeaderStyle, { requests, tokens }: Standing, nowUnixMs: number): Record<string, string> {
  const headers: Record<string, string> = {};
  if (style === "none") return headers;
  const add = (what: string, left: Left | undefined): void => {
    if (!left) return;
    const { limit, remaining, resetMs } = left;
    if (style === "openai") {
      headers[`x-ratelimit-limit-${what}`] = String(limit);
      headers[`x-ratelimit-remaining-${what}`] = String(Math.floor(remaining));
      headers[`x-ratelimit-reset-${what}`] = duration(resetMs);
    } else {
      headers[`anthropic-ratelimit-${what}-limit`] = String(limit);
      headers[`anthropic-ratelimit-${what}-remaining`] = String(Math.floor(remaining));
      headers[`anthropic-ratelimit-${what}-reset`] = new Date(nowUnixMs + resetMs).toISOString().replace(/\.\d+Z$/, "Z");
    }
  };
  add("requests", requests);
  add("tokens", tokens);
  return headers;
}

/** A duration as OpenAI writes it: `120ms`, `1.5s`, `6m0s`, `23h59m1s`. */
function duration(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}
