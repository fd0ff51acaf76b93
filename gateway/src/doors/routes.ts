import type { DialectId, Endpoint } from "../dialects/canonical/dialect.ts";
import type { BodyKind } from "./body.ts";
import type { CredentialCarrier } from "./http.ts";
import type { ResponseAction } from "./responses.ts";

/** A route that goes to a vendor: which dialect it speaks, and what it is. */
export interface RelayRoute {
  kind: "relay";
  dialect: DialectId;
  endpoint: Endpoint;
  carrier: CredentialCarrier;
  /** what the body may be; JSON unless told */
  bodies?: readonly BodyKind[];
}

export type Route =
  | RelayRoute
  | { kind: "models"; shape: "openai-or-anthropic" | "gemini"; id?: string }
  | { kind: "response"; action: ResponseAction; id: string; dialect: DialectId }
  | { kind: "not-served"; why: string; dialect: DialectId }
  | { kind: "wrong-method"; allow: string; dialect: DialectId }
  | { kind: "unknown"; dialect: DialectId };

const CHAT: RelayRoute = {
  kind: "relay",
  dialect: "openai-chat",
  endpoint: { name: "chat", upstreamPath: "/chat/completions", billable: true },
  carrier: "bearer",
};
const MESSAGES: RelayRoute = {
  kind: "relay",
  dialect: "anthropic-messages",
  endpoint: { name: "messages", upstreamPath: "/v1/messages", billable: true },
  carrier: "x-api-key",
};
const RESPONSES: RelayRoute = {
  kind: "relay",
  dialect: "openai-responses",
  endpoint: { name: "responses", upstreamPath: "/responses", billable: true },
  carrier: "bearer",
};
const INPUT_TOKENS: RelayRoute = {
  kind: "relay",
  dialect: "openai-responses",
  endpoint: { name: "input_tokens", upstreamPath: "/responses/input_tokens", billable: false },
  carrier: "bearer",
};
const COMPLETIONS: RelayRoute = {
  kind: "relay",
  dialect: "openai-completions",
  endpoint: { name: "completions", upstreamPath: "/completions", billable: true },
  carrier: "bearer",
};
const EMBEDDINGS: RelayRoute = {
  kind: "relay",
  dialect: "openai-embeddings",
  endpoint: { name: "embeddings", upstreamPath: "/embeddings", billable: true },
  carrier: "bearer",
};
const MODERATIONS: RelayRoute = {
  kind: "relay",
  dialect: "openai-moderations",
  endpoint: { name: "moderations", upstreamPath: "/moderations", billable: true },
  carrier: "bearer",
};
const rerank = (version: "v1" | "v2"): RelayRoute => ({
  kind: "relay",
  dialect: "rerank",
  endpoint: { name: "rerank", upstreamPath: `/${version}/rerank`, billable: true },
  carrier: "bearer",
});
const COUNT_TOKENS: RelayRoute = {
  kind: "relay",
  dialect: "anthropic-messages",
  endpoint: { name: "count_tokens", upstreamPath: "/v1/messages/count_tokens", billable: false },
  carrier: "x-api-key",
};

const SPEECH = media("openai-speech", "speech", "/audio/speech");
const TRANSCRIPTIONS = media("openai-transcriptions", "transcriptions", "/audio/transcriptions", ["form"]);
const TRANSLATIONS = media("openai-transcriptions", "translations", "/audio/translations", ["form"]);
const IMAGES = media("openai-images", "images", "/images/generations");
const IMAGE_EDITS = media("openai-images", "image_edits", "/images/edits", ["form", "json"]);

function media(dialect: DialectId, name: string, upstreamPath: string, bodies: readonly BodyKind[] = ["json"]): RelayRoute {
  return { kind: "relay", dialect, endpoint: { name, upstreamPath, billable: true }, carrier: "bearer", bodies };
}

/** POST routes by cleaned path; the version may be missing. */
const POSTS: Record<string, RelayRoute> = {
  "/v1/chat/completions": CHAT,
  "/chat/completions": CHAT,
  "/v1/responses": RESPONSES,
  "/responses": RESPONSES,
  "/v1/responses/input_tokens": INPUT_TOKENS,
  "/responses/input_tokens": INPUT_TOKENS,
  "/v1/completions": COMPLETIONS,
  "/completions": COMPLETIONS,
  "/v1/embeddings": EMBEDDINGS,
  "/embeddings": EMBEDDINGS,
  "/v1/moderations": MODERATIONS,
  "/moderations": MODERATIONS,
  "/v1/rerank": rerank("v1"),
  "/rerank": rerank("v1"),
  "/v2/rerank": rerank("v2"),
  "/v1/messages": MESSAGES,
  "/messages": MESSAGES,
  "/v1/messages/count_tokens": COUNT_TOKENS,
  "/messages/count_tokens": COUNT_TOKENS,
  ...bothWays("/audio/speech", SPEECH),
  ...bothWays("/audio/transcriptions", TRANSCRIPTIONS),
  ...bothWays("/audio/translations", TRANSLATIONS),
  ...bothWays("/images/generations", IMAGES),
  ...bothWays("/images/edits", IMAGE_EDITS),
};

/** A path with its version and without. */
function bothWays(path: string, route: RelayRoute): Record<string, RelayRoute> {
  return { [`/v1${path}`]: route, [path]: route };
}

/** Addresses of ours that can only be read (see ops/ops.ts). */
const READ_ONLY = new Set(["/healthz", "/readyz", "/metrics", "/openapi.json", "/", "/api/hello"]);
const READING = new Set(["GET", "HEAD", "OPTIONS"]);

const GEMINI_VERBS = ["generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"];
const GEMINI_VERB = new RegExp(`^/(v1beta|v1)/models/([^/]+):(${GEMINI_VERBS.join("|")})$`);
const EMBEDDING_VERBS = new Set(["embedContent", "batchEmbedContents"]);
/** The address that OpenAI had before models stood in the body; some clients still call it. */
const ENGINE_EMBEDDINGS = /^(?:\/v1)?\/engines\/([^/]+)\/embeddings$/;

const STORED_RESPONSE = /^(?:\/v1)?\/responses\/([^/]+)(?:\/(input_items|cancel))?$/;
/** The word after `/responses/` that is no id. */
const COMPACT = "compact";

/** Every POST route as the OpenAPI document writes it: names in braces stand for a segment. */
export const POST_PATHS: readonly string[] = [
  ...Object.keys(POSTS),
  ...["v1beta", "v1"].flatMap((version) => GEMINI_VERBS.map((verb) => `/${version}/models/{model}:${verb}`)),
  ...["/v1", ""].flatMap((version) => [`${version}/engines/{model}/embeddings`, `${version}/responses/{id}/cancel`]),
];

/** The route of a cleaned path. `googleCaller`: the caller carries its key as Google's clients do. */
export function findRoute(method: string, path: string, googleCaller: boolean): Route {
  const post = POSTS[path];
  if (post) return method === "POST" ? post : { kind: "wrong-method", allow: "POST", dialect: post.dialect };
  const stored = STORED_RESPONSE.exec(path);
  if (stored) return storedRoute(method, decoded(stored[1] ?? ""), stored[2]);
  const verb = GEMINI_VERB.exec(path);
  if (verb) {
    if (method !== "POST") return { kind: "wrong-method", allow: "POST", dialect: "gemini" };
    return geminiRoute(verb[1] ?? "v1beta", verb[2] ?? "", verb[3] ?? "");
  }
  const engine = ENGINE_EMBEDDINGS.exec(path);
  if (engine) {
    if (method !== "POST") return { kind: "wrong-method", allow: "POST", dialect: "openai-embeddings" };
    return { ...EMBEDDINGS, endpoint: { ...EMBEDDINGS.endpoint, model: decoded(engine[1] ?? "") } };
  }
  const models = /^(?:\/(v1beta|v1))?\/models(?:\/([^:]+))?$/.exec(path);
  if (models) {
    const shape = models[1] === "v1beta" || googleCaller ? "gemini" : "openai-or-anthropic";
    if (method !== "GET" && method !== "HEAD") return { kind: "wrong-method", allow: "GET", dialect: shape === "gemini" ? "gemini" : "openai-chat" };
    return { kind: "models", shape, ...(models[2] === undefined ? {} : { id: decoded(models[2]) }) };
  }
  if ((READ_ONLY.has(path) || path.startsWith("/assets/")) && !READING.has(method)) return { kind: "wrong-method", allow: "GET, HEAD", dialect: "openai-chat" };
  return { kind: "unknown", dialect: dialectOfPath(path) };
}

/** Addresses of one stored response: https://platform.openai.com/docs/api-reference/responses */
function storedRoute(method: string, id: string, part: string | undefined): Route {
  const dialect = "openai-responses";
  if (id === COMPACT && part === undefined) {
    if (method !== "POST") return { kind: "wrong-method", allow: "POST", dialect };
    return { kind: "not-served", why: "Conversations are not compacted here: send a shorter one, or set \"truncation\" where the model's vendor knows it.", dialect };
  }
  if (part === "cancel") return method === "POST" ? { kind: "response", action: "cancel", id, dialect } : { kind: "wrong-method", allow: "POST", dialect };
  if (method === "GET") return { kind: "response", action: part === "input_items" ? "input_items" : "retrieve", id, dialect };
  if (method === "DELETE" && part === undefined) return { kind: "response", action: "delete", id, dialect };
  return { kind: "wrong-method", allow: part === undefined ? "GET, DELETE" : "GET", dialect };
}

function geminiRoute(version: string, model: string, verb: string): RelayRoute {
  return {
    kind: "relay",
    dialect: EMBEDDING_VERBS.has(verb) ? "gemini-embeddings" : "gemini",
    carrier: "x-goog-api-key",
    endpoint: {
      name: verb,
      upstreamPath: `/${version}/models/{model}:${verb}`,
      model: decoded(model),
      stream: verb === "streamGenerateContent",
      billable: verb !== "countTokens",
    },
  };
}

/** The dialect in which errors of a path are told. */
function dialectOfPath(path: string): DialectId {
  if (/^(\/v1)?\/messages/.test(path)) return "anthropic-messages";
  return path.startsWith("/v1beta") || /^\/v1\/models\/[^/]+:/.test(path) ? "gemini" : "openai-chat";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
