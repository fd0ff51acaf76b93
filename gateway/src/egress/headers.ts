/**
 * Which of the caller's headers a vendor gets: all that may carry meaning there (betas, versions, client names), but no credential, nothing that belongs
 * to one connection or asks for a part of an answer, nothing that names an account, an address or a way through other gateways, and nothing that
 * overrides the method, the address or the fields of the call as we priced it.
 */
const DROPPED = new Set([
  "authorization", "x-api-key", "x-goog-api-key", "api-key", "mj-api-secret", "cookie", "x-auth-token", "x-access-token",
  "host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "expect", "max-forwards",
  "content-length", "content-encoding", "accept-encoding", "range", "x-request-id",
  // Callers share our account: one's key must not fetch what the vendor answered another.
  "idempotency-key", "x-idempotency-key",
  "openai-organization", "openai-project", "anthropic-workspace-id", "anthropic-organization-id", "new-api-user",
  "forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip", "x-client-ip", "x-cluster-client-ip", "fastly-client-ip", "fly-client-ip", "origin", "referer", "baggage",
  "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-original-method", "x-rewrite-url", "x-api-base", "x-base-url",
]);
const DROPPED_PREFIXES = [
  "x-forwarded-", "x-yescale-", "x-portkey-", "helicone-", "x-litellm-", "cf-", "sec-", "proxy-", "if-", "x-amz-", "x-sandbox-", "x-fal-", "x-target-", "x-upstream-", "x-envoy-",
  // Google's carry field masks, projects and identities; the client's name alone is of use.
  "x-goog-",
];
const KEPT = new Set(["x-goog-api-client"]);
/** Beta flags of Anthropic's that say what kind of credential comes along: the caller's has been replaced by ours. */
const CREDENTIAL_BETA = /^oauth-/;

/** Verdicts by name, since callers send the same few names again and again; a bound for those who do not. */
const VERDICTS_MAX = 2_000;
const verdicts = new Map<string, boolean>();

function passes(name: string): boolean {
  let verdict = verdicts.get(name);
  if (verdict === undefined) {
    verdict = KEPT.has(name) || (!DROPPED.has(name) && !DROPPED_PREFIXES.some((prefix) => name.startsWith(prefix)));
    if (verdicts.size >= VERDICTS_MAX) verdicts.clear();
    verdicts.set(name, verdict);
  }
  return verdict;
}

/** Headers for the vendor; names are in lower case, here and there. `toSimulator` lets the sandbox's own headers through. */
export function vendorHeaders(headers: Readonly<Record<string, string>>, toSimulator: boolean): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name in headers) if (passes(name) || (toSimulator && name.startsWith("x-sandbox-"))) out[name] = headers[name] as string;
  const { connection } = headers;
  if (connection !== undefined && connection !== "keep-alive") for (const name of listed(connection)) delete out[name.toLowerCase()];
  const betas = out["anthropic-beta"];
  if (betas?.includes("oauth-")) {
    const kept = listed(betas).filter((beta) => !CREDENTIAL_BETA.test(beta));
    if (kept.length > 0) out["anthropic-beta"] = kept.join(",");
    else delete out["anthropic-beta"];
  }
  return out;
}

/** The entries of a field's list (RFC 9110, 5.6.1). */
const listed = (value: string): string[] => value.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");

/** The sandbox's own headers of a caller. */
export function sandboxHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("x-sandbox-")));
}

/** Headers of a vendor's answer that reach the caller. All others speak of the vendor's account, its servers or one connection. */
const ANSWER_HEADERS = ["content-type", "content-encoding", "cache-control", "openai-processing-ms", "openai-version", "server-timing"];

/** The answer's headers for the caller, laid over our own. */
export function answerHeaders(answer: { header(name: string): string | null }, own: Readonly<Record<string, string>>): Record<string, string> {
  const out: Record<string, string> = { ...own };
  for (const name of ANSWER_HEADERS) {
    const value = answer.header(name);
    if (value !== null) out[name] = value;
  }
  return out;
}

const NUMBER = /^\d{1,9}(\.\d+)?$/;

/** Retry-After in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3), or OpenAI's `retry-after-ms`. */
export function retryAfterMs(header: (name: string) => string | null, nowUnixMs: number): number | undefined {
  const exact = header("retry-after-ms") ?? "";
  if (NUMBER.test(exact)) return Number(exact);
  const text = header("retry-after") ?? "";
  if (NUMBER.test(text)) return Number(text) * 1000;
  const date = /^[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowUnixMs);
}
