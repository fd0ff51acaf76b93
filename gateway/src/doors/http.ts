import type { Dialect } from "../dialects/canonical/dialect.ts";
import type { GatewayError } from "../errors/gateway-error.ts";

/** Largest request body. Anthropic takes 32 MB, Gemini 20 MB inline; base64 of several images stays below this. */
export const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** Endpoints that base URLs of clients have in them already. */
const DOUBLED = ["/chat/completions", "/messages", "/embeddings", "/rerank"].map((endpoint) => endpoint + endpoint);

/** A path as the routes know it: one slash between parts, none at the end, no doubled version or endpoint (base URLs get mixed up). */
export function cleanPath(path: string): string {
  let clean = path;
  if (clean.includes("//")) clean = clean.replace(/\/{2,}/g, "/");
  if (clean.length > 1 && clean.endsWith("/")) clean = clean.slice(0, -1);
  // The last version counts: it is the one the client's SDK adds to a base URL that had one already.
  if (clean.startsWith("/v1") && clean.includes("/v1", 1)) clean = clean.replace(/^(?:\/v1(?:beta)?)+(?=\/v1(?:beta)?\/)/, "");
  for (const twice of DOUBLED) while (clean.endsWith(twice)) clean = clean.slice(0, -twice.length / 2);
  return clean;
}

/** Path and query (with `?`) of a request's full address. */
export function splitUrl(url: string): { path: string; query: string } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return { path: "/", query: "" };
  const mark = url.indexOf("?", start);
  return mark < 0 ? { path: url.slice(start), query: "" } : { path: url.slice(start, mark), query: url.slice(mark) };
}

/** Parameters in which callers send credentials to us or to Google (https://cloud.google.com/apis/docs/system-parameters). */
const CREDENTIAL_PARAMETERS = new Set(["key", "$key", "api_key", "apikey", "access_token", "oauth_token", "token"]);

/** The query without credentials, however their names are written: what a vendor's adapter chooses from. */
export function queryWithoutKey(query: string): string {
  if (query.length < 2) return "";
  const rest = query.slice(1).split("&").filter((part) => !CREDENTIAL_PARAMETERS.has(parameterName(part)));
  return rest.length > 0 ? `?${rest.join("&")}` : "";
}

function parameterName(part: string): string {
  const [name = ""] = part.split("=", 1);
  try {
    return decodeURIComponent(name).toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}

/** The `key` parameter of a query. */
export function keyOfQuery(query: string): string | undefined {
  return query.includes("key=") ? (new URLSearchParams(query).get("key") ?? undefined) : undefined;
}

export type CredentialCarrier = "bearer" | "x-api-key" | "x-goog-api-key" | "query";

/** A request's header fields, names in lower case. */
export type RequestHeaders = Readonly<Record<string, string>>;

const CARRIERS: readonly CredentialCarrier[] = ["bearer", "x-api-key", "x-goog-api-key", "query"];
const after = (first: CredentialCarrier): CredentialCarrier[] => [first, ...CARRIERS.filter((carrier) => carrier !== first)];
const ORDERS: Record<CredentialCarrier, readonly CredentialCarrier[]> = { bearer: after("bearer"), "x-api-key": after("x-api-key"), "x-goog-api-key": after("x-goog-api-key"), query: after("query") };

/**
 * The API key a caller presents, the carrier of the path's own family first. `Bearer`, fal's `Key` and the prefix `sk-` may be missing.
 */
export function credentialOf(headers: RequestHeaders, query: string, first: CredentialCarrier): string | undefined {
  for (const carrier of ORDERS[first]) {
    const found = carried(headers, query, carrier);
    if (found !== undefined && found !== "") return found.startsWith("sk-") ? found : `sk-${found}`;
  }
  return undefined;
}

function carried(headers: RequestHeaders, query: string, carrier: CredentialCarrier): string | undefined {
  if (carrier === "query") return keyOfQuery(query);
  if (carrier !== "bearer") return headers[carrier]?.trim();
  const text = headers["authorization"]?.trim();
  if (text === undefined) return undefined;
  if (text.startsWith("Bearer sk-")) return text.slice("Bearer ".length);
  const scheme = /^(?:bearer|key|token)(?: +|$)/i.exec(text);
  return scheme ? text.slice(scheme[0].length).trim() : text;
}

/** An error in a dialect's own body, with the headers that steer retries. */
export function errorResponse(error: GatewayError, dialect: Dialect, requestId: string): Response {
  const rendered = dialect.renderError(error, requestId);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (!error.kind.retryable) headers["x-should-retry"] = "false";
  if (error.retryAfterSeconds !== undefined) headers["retry-after"] = String(error.retryAfterSeconds);
  return new Response(rendered.body, { status: rendered.status, headers: { ...error.headers, ...headers } });
}
