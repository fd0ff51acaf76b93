/**
 * Which of the caller's headers a vendor gets: all that may carry meaning there (betas, versions, client names), but no credential,
 * nothing that belongs to one connection, nothing that names an account, an address or a way through other gateways.
 */
const DROPPED = new Set([
  "authorization", "x-api-key", "x-goog-api-key", "api-key", "mj-api-secret", "cookie", "proxy-authorization",
  "host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect",
  "content-length", "content-encoding", "accept-encoding", "x-request-id", "forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip",
  "openai-organization", "openai-project", "x-goog-user-project", "origin", "referer", "new-api-user",
]);
const DROPPED_PREFIXES = ["x-forwarded-", "x-yescale-", "x-portkey-", "helicone-", "cf-", "sec-", "x-amz-", "x-sandbox-", "x-fal-"];

/** Verdicts by name, since callers send the same few names again and again; a bound for those who do not. */
const VERDICTS_MAX = 2_000;
const verdicts = new Map<string, boolean>();

function passes(name: string): boolean {
  let verdict = verdicts.get(name);
  if (verdict === undefined) {
    verdict = !DROPPED.has(name) && !DROPPED_PREFIXES.some((prefix) => name.startsWith(prefix));
    if (verdicts.size >= VERDICTS_MAX) verdicts.clear();
    verdicts.set(name, verdict);
  }
  return verdict;
}

/** Headers for the vendor; names are in lower case, here and there. `toSimulator` lets the sandbox's own headers through. */
export function vendorHeaders(headers: Readonly<Record<string, string>>, toSimulator: boolean): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name in headers) if (passes(name) || (toSimulator && name.startsWith("x-sandbox-"))) out[name] = headers[name] as string;
  return out;
}

/** Headers of a vendor's answer that reach the caller. All others speak of the vendor's account, its servers or one connection. */
const ANSWER_HEADERS = ["content-type", "content-encoding", "cache-control", "openai-processing-ms", "openai-version", "server-timing"];

/** The answer's headers for the caller, laid over our own. */
export function answerHeaders(header: (name: string) => string | null, own: Readonly<Record<string, string>>): Record<string, string> {
  const out: Record<string, string> = { ...own };
  for (const name of ANSWER_HEADERS) {
    const value = header(name);
    if (value !== null) out[name] = value;
  }
  return out;
}

/** Retry-After in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3), or OpenAI's `retry-after-ms`. */
export function retryAfterMs(header: (name: string) => string | null, nowUnixMs: number): number | undefined {
  const exact = Number(header("retry-after-ms") ?? "NaN");
  if (exact >= 0) return exact;
  const text = header("retry-after");
  if (text === null) return undefined;
  const seconds = Number(text);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowUnixMs);
}
