import { API_ROUTES } from "@yescale/contract";
import type { DialectId } from "../dialects/canonical/dialect.ts";
import type { BodyKind } from "./body.ts";
import { BODY_BYTES_MAX } from "./http.ts";
import type { RouteRule, Who } from "./route-rule.ts";

export type { RouteRule, Who } from "./route-rule.ts";

const READ = ["GET", "HEAD"] as const;
const POST = ["POST"] as const;
const JSON_BODY = ["json"] as const;
const NO_BODY = { bodies: [], bodyBytesMax: 0 } as const;

/** A request for a vendor, charged by the model's price. */
const priced = (errors: DialectId, ...paths: string[]) => ({ methods: POST, paths, who: "api key", price: "catalog", bodies: JSON_BODY, bodyBytesMax: BODY_BYTES_MAX, errors }) as const;
/** The same for a body that is or can be a form. */
const withFile = <const Kinds extends readonly BodyKind[]>(bodies: Kinds, errors: DialectId, ...paths: string[]) => ({ ...priced(errors, ...paths), bodies }) as const;
/** The same for what costs nothing at the vendor either. */
const counted = (errors: DialectId, ...paths: string[]) => ({ ...priced(errors, ...paths), price: "free" }) as const;
const withKey = (methods: RouteRule["methods"], errors: DialectId | "caller", ...paths: string[]) => ({ methods, paths, who: "api key", price: "free", ...NO_BODY, errors }) as const;
const session = (errors: DialectId, ...paths: string[]) => ({ methods: ["GET"], paths, who: "api key", price: "catalog", ...NO_BODY, errors }) as const;
const own = <const Path extends string>(who: Who, ...paths: Path[]) => ({ methods: READ, paths, who, price: "free", ...NO_BODY, errors: "openai-chat" }) as const;
const gemini = (verb: string): string[] => [`/v1beta/models/{model}:${verb}`, `/v1/models/{model}:${verb}`];
const openai = (path: string): string[] => [`/v1${path}`, path];

/** Largest notice of a vendor's: a result with its addresses. */
const CALLBACK_BODY_BYTES_MAX = 1024 * 1024;

/** Largest body of a management request: a page of settings is a hundredth of it. */
export const API_BODY_BYTES_MAX = 1024 * 1024;

/**
 * Every address that is served, once (those of the management APIs stand in the contract and follow below): who may call it, what it costs, how much it reads, in whose words it refuses. What does not stand here is not served
 * (`findRoute`, `ownRule`), and a start with a handler beside this table fails (`checkRouteRules`).
 */
export const ROUTE_RULES = {
  chat: priced("openai-chat", ...openai("/chat/completions")),
  responses: priced("openai-responses", ...openai("/responses")),
  inputTokens: counted("openai-responses", ...openai("/responses/input_tokens")),
  completions: priced("openai-completions", ...openai("/completions")),
  embeddings: priced("openai-embeddings", ...openai("/embeddings")),
  engineEmbeddings: priced("openai-embeddings", ...openai("/engines/{model}/embeddings")),
  moderations: priced("openai-moderations", ...openai("/moderations")),
  rerank: priced("rerank", ...openai("/rerank")),
  rerankV2: priced("rerank", "/v2/rerank"),
  speech: priced("openai-speech", ...openai("/audio/speech")),
  transcriptions: withFile(["form"], "openai-transcriptions", ...openai("/audio/transcriptions")),
  translations: withFile(["form"], "openai-transcriptions", ...openai("/audio/translations")),
  images: priced("openai-images", ...openai("/images/generations")),
  imageEdits: withFile(["form", "json"], "openai-images", ...openai("/images/edits")),
  messages: priced("anthropic-messages", ...openai("/messages")),
  countTokens: counted("anthropic-messages", ...openai("/messages/count_tokens")),
  generateContent: priced("gemini", ...gemini("generateContent")),
  streamGenerateContent: priced("gemini", ...gemini("streamGenerateContent")),
  geminiCountTokens: counted("gemini", ...gemini("countTokens")),
  embedContent: priced("gemini-embeddings", ...gemini("embedContent")),
  batchEmbedContents: priced("gemini-embeddings", ...gemini("batchEmbedContents")),
  realtime: session("openai-chat", ...openai("/realtime")),
  geminiLive: session("gemini", ...["v1alpha", "v1beta", "v1"].map((version) => `/ws/google.ai.generativelanguage.${version}.GenerativeService.BidiGenerateContent`)),
  models: withKey(READ, "caller", "/v1/models", "/models", "/v1beta/models"),
  model: withKey(READ, "caller", "/v1/models/{model}", "/models/{model}", "/v1beta/models/{model}"),
  response: withKey(["GET", "DELETE"], "openai-responses", ...openai("/responses/{id}")),
  responseItems: withKey(["GET"], "openai-responses", ...openai("/responses/{id}/input_items")),
  responseCancel: withKey(POST, "openai-responses", ...openai("/responses/{id}/cancel")),
  health: own("anybody", "/healthz", "/readyz"),
  metrics: own("this host or the metrics token", "/metrics"),
  description: own("anybody", "/openapi.json", "/", "/api/hello"),
  asset: own("anybody", "/assets/{name}"),
  callback: { methods: POST, paths: ["/callbacks/{token}"], who: "anybody", price: "free", bodies: JSON_BODY, bodyBytesMax: CALLBACK_BODY_BYTES_MAX, errors: "openai-chat" },
} as const satisfies Record<string, RouteRule>;

/** The rules of the management APIs, made from the contract that their handlers are typed by. */
export const API_RULES: readonly RouteRule[] = API_ROUTES.map((route) => ({
  methods: route.method === "get" ? READ : [route.method.toUpperCase() as "POST"],
  paths: [route.path, ...(route.also ?? [])],
  who: route.who,
  price: "free",
  ...(route.upload ? { bodies: ["file"] as const, bodyBytesMax: BODY_BYTES_MAX } : route.body ? { bodies: JSON_BODY, bodyBytesMax: API_BODY_BYTES_MAX } : NO_BODY),
  errors: route.words,
}));

/** Where the management APIs begin. */
const API_PREFIX = /^\/(?:yescale|api|(?:v1\/)?dashboard|mcp)(?:\/|$)/;

/** Whether a path is the management APIs' own, served or not. */
export const isApiPath = (path: string): boolean => API_PREFIX.test(path) && !OWN_RULES.has(path);

export type RuleName = keyof typeof ROUTE_RULES;
/** The addresses of some rules, for a table of their handlers. */
export type PathsOf<Name extends RuleName> = (typeof ROUTE_RULES)[Name]["paths"][number];
export type OperationsPath = PathsOf<"health" | "metrics" | "description">;

const OWN_RULES: ReadonlyMap<string, RouteRule> = new Map(
  [ROUTE_RULES.health, ROUTE_RULES.metrics, ROUTE_RULES.description].flatMap((rule) => rule.paths.map((path): [string, RouteRule] => [path, rule])),
);

/** Where kept files lie; their names are all that follows. */
export const ASSETS_PREFIX = "/assets/";

/** The rule of an address that is the gateway's own and no vendor's; undefined when it declares none, and so is not served. */
export const ownRule = (path: string): RouteRule | undefined => OWN_RULES.get(path) ?? (path.startsWith(ASSETS_PREFIX) ? ROUTE_RULES.asset : undefined);
