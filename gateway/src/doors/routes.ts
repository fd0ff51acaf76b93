import type { DialectId, Endpoint } from "../dialects/canonical/dialect.ts";
import type { CredentialCarrier } from "./http.ts";
import { findMediaRoute, type FoundMediaRoute } from "./media/families.ts";
import type { MediaFamily } from "./media/family.ts";
import type { ResponseAction } from "./responses.ts";
import { isApiPath, ownRule, ROUTE_RULES, type RuleName } from "./route-rules.ts";
import { table } from "../table.ts";

/** A route that goes to a vendor: which dialect it speaks, and what it is. */
export interface RelayRoute {
  kind: "relay";
  rule: RuleName;
  dialect: DialectId;
  endpoint: Endpoint;
  carrier: CredentialCarrier;
}

export type Route =
  | RelayRoute
  | { kind: "models"; rule: RuleName; shape: "openai-or-anthropic" | "gemini"; id?: string }
  | { kind: "response"; rule: RuleName; action: ResponseAction; id: string; dialect: DialectId }
  | { kind: "media"; found: FoundMediaRoute }
  | { kind: "media-method"; family: MediaFamily; allow: string }
  | { kind: "callback"; rule: RuleName; token: string; dialect: DialectId }
  | { kind: "api" }
  | { kind: "not-served"; why: string; dialect: DialectId }
  | { kind: "wrong-method"; allow: string; dialect: DialectId }
  | { kind: "unknown"; dialect: DialectId };

/** A relayed route: what it costs is its rule's word. */
function relayed(rule: RuleName, dialect: DialectId, carrier: CredentialCarrier, endpoint: Omit<Endpoint, "billable">): RelayRoute {
  return { kind: "relay", rule, dialect, carrier, endpoint: { ...endpoint, billable: ROUTE_RULES[rule].price !== "free" } };
}

const EMBEDDINGS = relayed("embeddings", "openai-embeddings", "bearer", { name: "embeddings", upstreamPath: "/embeddings" });
const RELAYED: readonly RelayRoute[] = [
  relayed("chat", "openai-chat", "bearer", { name: "chat", upstreamPath: "/chat/completions" }),
  relayed("responses", "openai-responses", "bearer", { name: "responses", upstreamPath: "/responses" }),
  relayed("inputTokens", "openai-responses", "bearer", { name: "input_tokens", upstreamPath: "/responses/input_tokens" }),
  relayed("completions", "openai-completions", "bearer", { name: "completions", upstreamPath: "/completions" }),
  EMBEDDINGS,
  relayed("moderations", "openai-moderations", "bearer", { name: "moderations", upstreamPath: "/moderations" }),
  relayed("rerank", "rerank", "bearer", { name: "rerank", upstreamPath: "/v1/rerank" }),
  relayed("rerankV2", "rerank", "bearer", { name: "rerank", upstreamPath: "/v2/rerank" }),
  relayed("messages", "anthropic-messages", "x-api-key", { name: "messages", upstreamPath: "/v1/messages" }),
  relayed("countTokens", "anthropic-messages", "x-api-key", { name: "count_tokens", upstreamPath: "/v1/messages/count_tokens" }),
  relayed("speech", "openai-speech", "bearer", { name: "speech", upstreamPath: "/audio/speech" }),
  relayed("transcriptions", "openai-transcriptions", "bearer", { name: "transcriptions", upstreamPath: "/audio/transcriptions" }),
  relayed("translations", "openai-transcriptions", "bearer", { name: "translations", upstreamPath: "/audio/translations" }),
  relayed("images", "openai-images", "bearer", { name: "images", upstreamPath: "/images/generations" }),
  relayed("imageEdits", "openai-images", "bearer", { name: "image_edits", upstreamPath: "/images/edits" }),
];

/** Relayed routes by cleaned path. */
const POSTS: Record<string, RelayRoute> = Object.fromEntries(RELAYED.flatMap((route) => ROUTE_RULES[route.rule].paths.map((path) => [path, route])));

const READING = new Set(["GET", "HEAD", "OPTIONS"]);

/** Gemini's verbs, each with its rule. */
const GEMINI_RULES: Record<string, RuleName> = table({
  generateContent: "generateContent",
  streamGenerateContent: "streamGenerateContent",
  countTokens: "geminiCountTokens",
  embedContent: "embedContent",
  batchEmbedContents: "batchEmbedContents",
});
const GEMINI_VERB = new RegExp(`^/(v1beta|v1)/models/(.+):(${Object.keys(GEMINI_RULES).join("|")})$`);
const EMBEDDING_VERBS = new Set(["embedContent", "batchEmbedContents"]);
/** The address that OpenAI had before models stood in the body; some clients still call it. */
const ENGINE_EMBEDDINGS = /^(?:\/v1)?\/engines\/([^/]+)\/embeddings$/;

const OPERATION = /^\/v1(?:beta)?\/models\/[^/]+\/operations\//;
/** Where vendors tell us of a task: the token is the task's own secret. */
const CALLBACK = /^\/callbacks\/([\w-]{1,100})$/;
const STORED_RESPONSE = /^(?:\/v1)?\/responses\/([^/]+)(?:\/(input_items|cancel))?$/;
/** The word after `/responses/` that is no id. */
const COMPACT = "compact";

/** Every POST route as the OpenAPI document writes it: names in braces stand for a segment. */
export const POST_PATHS: readonly string[] = [
  ...Object.keys(POSTS),
  ...["v1beta", "v1"].flatMap((version) => Object.keys(GEMINI_RULES).map((verb) => `/${version}/models/{model}:${verb}`)),
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
    return { ...EMBEDDINGS, rule: "engineEmbeddings", endpoint: { ...EMBEDDINGS.endpoint, model: decoded(engine[1] ?? "") } };
  }
  // An operation's address looks like a model's name.
  const operation = OPERATION.test(path) ? findMediaRoute(method, path) : undefined;
  if (operation) return mediaRoute(operation);
  const models = /^(?:\/(v1beta|v1))?\/models(?:\/(.+))?$/.exec(path);
  // After a colon may stand a verb that we do not serve.
  if (models && (READING.has(method) || !models[2]?.includes(":"))) {
    const shape = models[1] === "v1beta" || googleCaller ? "gemini" : "openai-or-anthropic";
    if (method !== "GET" && method !== "HEAD") return { kind: "wrong-method", allow: "GET", dialect: shape === "gemini" ? "gemini" : "openai-chat" };
    return models[2] === undefined ? { kind: "models", rule: "models", shape } : { kind: "models", rule: "model", shape, id: decoded(models[2]) };
  }
  if (isApiPath(path)) return { kind: "api" };
  const media = findMediaRoute(method, path);
  if (media) return mediaRoute(media);
  const token = CALLBACK.exec(path)?.[1];
  if (token !== undefined) return method === "POST" ? { kind: "callback", rule: "callback", token, dialect: "openai-chat" } : { kind: "wrong-method", allow: "POST", dialect: "openai-chat" };
  if (ownRule(path) && !READING.has(method)) return { kind: "wrong-method", allow: "GET, HEAD", dialect: "openai-chat" };
  return { kind: "unknown", dialect: dialectOfPath(path) };
}

const mediaRoute = (media: NonNullable<ReturnType<typeof findMediaRoute>>): Route => ("route" in media ? { kind: "media", found: media } : { kind: "media-method", ...media });

/** Addresses of one stored response: https://platform.openai.com/docs/api-reference/responses */
function storedRoute(method: string, id: string, part: string | undefined): Route {
  const dialect = "openai-responses";
  if (id === COMPACT && part === undefined) {
    if (method !== "POST") return { kind: "wrong-method", allow: "POST", dialect };
    return { kind: "not-served", why: "Conversations are not compacted here: send a shorter one, or set \"truncation\" where the model's vendor knows it.", dialect };
  }
  if (part === "cancel") return method === "POST" ? { kind: "response", rule: "responseCancel", action: "cancel", id, dialect } : { kind: "wrong-method", allow: "POST", dialect };
  if (method === "GET") return part === "input_items" ? { kind: "response", rule: "responseItems", action: "input_items", id, dialect } : { kind: "response", rule: "response", action: "retrieve", id, dialect };
  if (method === "DELETE" && part === undefined) return { kind: "response", rule: "response", action: "delete", id, dialect };
  return { kind: "wrong-method", allow: part === undefined ? "GET, DELETE" : "GET", dialect };
}

function geminiRoute(version: string, model: string, verb: string): RelayRoute {
  return relayed(GEMINI_RULES[verb] ?? "generateContent", EMBEDDING_VERBS.has(verb) ? "gemini-embeddings" : "gemini", "x-goog-api-key", {
    name: verb,
    upstreamPath: `/${version}/models/{model}:${verb}`,
    model: decoded(model),
    stream: verb === "streamGenerateContent",
  });
}

/** The dialect in which errors of a path are told. */
function dialectOfPath(path: string): DialectId {
  if (/^(\/v1)?\/messages/.test(path)) return "anthropic-messages";
  return path.startsWith("/v1beta") || /^\/v1\/models\/.+:/.test(path) ? "gemini" : "openai-chat";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
