import type { KeyRecord } from "../accounts/key-record.ts";
import type { KeyRing } from "../accounts/key-ring.ts";
import type { Dialect, DialectId } from "../dialects/canonical/dialect.ts";
import { isClosed } from "../catalog/index.ts";
import { DIALECTS } from "../dialects/registry.ts";
import type { FailureThrottle } from "../limits/failure-throttle.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { knownError } from "./known-error.ts";
import type { RelayCall, RelayServices } from "../relay/call.ts";
import { noteRejected } from "../relay/bill.ts";
import { relay } from "../relay/relay.ts";
import type { ResponseShelf } from "../responses/shelf.ts";
import type { CallerAddress } from "./address.ts";
import type { Api } from "./api/api.ts";
import { Arrival, type HttpServer } from "./arrival.ts";
import { type Coming, readBody } from "./body.ts";
import { credentialOf, errorResponse, keyOfQuery, queryWithoutKey, type RequestHeaders } from "./http.ts";
import { namedModel, scanBody } from "../relay/request-body.ts";
import { mediaError, serveMedia } from "./media/door.ts";
import type { FoundMediaRoute } from "./media/families.ts";
import { imagesRoute, isMadeHere } from "./media/images.ts";
import type { MediaTools } from "./media/family.ts";
import { findIn, type ListShape, modelsOf, renderList, renderModel } from "./models.ts";
import { storedResponse } from "./responses.ts";
import { ROUTE_RULES } from "./route-rules.ts";
import { findRoute, type RelayRoute, type Route } from "./routes.ts";

export interface DoorServices extends RelayServices {
  keys: KeyRing;
  /** of those without a valid key */
  failures: FailureThrottle;
  callerAddress: CallerAddress;
  /** responses that callers may ask for again */
  shelf: ResponseShelf;
  newRequestId: () => string;
  mediaTools: MediaTools;
  /** the management APIs; refuses by itself, in its own words */
  api: Pick<Api, "fetch">;
  /** routes that are not a vendor's: health, metrics, descriptions, kept files; undefined when the path is none of theirs */
  ownRoutes: (request: Request, path: string) => Promise<Response> | Response | undefined;
  stopping: () => boolean;
}

const NO_BODY = Buffer.alloc(0);

/** Headers of ours that a browser's script may read. */
const EXPOSED = [
  "x-request-id", "request-id", "retry-after", "x-should-retry",
  "x-yescale-dropped", "x-yescale-estimated", "x-yescale-not-kept", "x-task-id",
  ...["requests", "tokens"].flatMap((what) => ["limit", "remaining", "reset"].flatMap((part) => [`x-ratelimit-${part}-${what}`, `anthropic-ratelimit-${what}-${part}`])),
];

/** Parts of a path that may be a secret (of notices, events, kept files), also where it was misspelled: the log goes without them. */
const LONG_SEGMENT = /[^/]{20,}/g;

/** Methods a browser may ask for, and headers it may read. */
const CORS_HEADERS: Record<string, string> = { "access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED.join(", ") };
const PREFLIGHT_HEADERS = { ...CORS_HEADERS, "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", "access-control-allow-headers": "*, authorization", "access-control-max-age": "86400" };

/** Every request comes in here: it gets an id, is routed, authenticated, served, and every error is told in the caller's own dialect. */
export class Door {
  /** requests that have come in */
  handled = 0;

  constructor(private readonly services: DoorServices) {}

  async handle(request: Request, server: HttpServer): Promise<Response> {
    const { clock, newRequestId, callerAddress } = this.services;
    this.handled += 1;
    const arrival = new Arrival(request, server, newRequestId(), clock.monotonic(), callerAddress);
    const route = findRoute(arrival.method, arrival.path, arrival.headers["x-goog-api-key"] !== undefined || keyOfQuery(arrival.query) !== undefined);
    try {
      // A relayed answer brings our own headers with it: it is made once.
      if (route.kind === "relay") return await this.relay(arrival, route);
      if (route.kind === "media" && arrival.method !== "OPTIONS") return marked(await this.media(arrival, route.found), arrival);
      return marked(await this.answer(arrival, route), arrival);
    } catch (thrown) {
      const error = knownError(thrown);
      const facts = { requestId: arrival.id, status: error.kind.status, code: error.kind.code, error: error.internalText };
      if (error.kind.status >= 500) this.services.log.error(facts, "request failed");
      else this.services.log.debug(facts, "request refused");
      const dialect = dialectOf(route, arrival.headers);
      const response = marked(errorResponse(error, dialect, arrival.id), arrival, dialect.id);
      // A kept connection would hold its caller at a process that is going away.
      // The same for what is still to come of a body that nobody reads any more (RFC 9110, 15.5.9).
      if (error.gatewayErrorName === "shuttingDown" || error.gatewayErrorName === "requestTimeout") response.headers.set("connection", "close");
      return response;
    }
  }

  /** Everything that goes to no vendor. */
  private async answer(arrival: Arrival, route: Exclude<Route, RelayRoute>): Promise<Response> {
    const { request, method, path } = arrival;
    if (method === "OPTIONS") return new Response(null, { status: 204, headers: PREFLIGHT_HEADERS });
    if (route.kind === "api") return this.services.api.fetch(request, { requestId: arrival.id, address: () => arrival.caller.address(), connection: arrival.caller });
    if (route.kind === "models") return this.models(arrival, route);
    if (route.kind === "response") {
      const { headers, query } = arrival;
      const key = this.authenticate(arrival, credentialOf(headers, query, "bearer"));
      return storedResponse(this.services.shelf, key, route.action, route.id, query);
    }
    if (route.kind === "media-method") {
      const response = mediaError(route.family, new GatewayError("methodNotAllowed"), arrival.id);
      response.headers.set("allow", route.allow);
      return response;
    }
    if (route.kind === "callback") return this.callback(arrival, route.token);
    if (route.kind === "not-served") throw new GatewayError("notImplemented", { publicText: route.why });
    if (route.kind === "wrong-method") {
      const response = errorResponse(new GatewayError("methodNotAllowed"), DIALECTS[route.dialect], arrival.id);
      response.headers.set("allow", route.allow);
      return response;
    }
    const own = await this.services.ownRoutes(request, path);
    if (own) return own;
    const nothing = (at: string): string => `There is nothing at ${method} ${at.slice(0, 200)}.`;
    throw new GatewayError("notFound", { publicText: nothing(path), internalText: nothing(path.replaceAll(LONG_SEGMENT, "[...]")) });
  }

  /** A door to tasks, in its family's own words. */
  private media(arrival: Arrival, found: FoundMediaRoute, read?: Pick<RelayCall, "key" | "body">): Promise<Response> {
    const { services } = this;
    const { headers, query, method, path, id } = arrival;
    const arrived = async () => {
      const secret = headers["mj-api-secret"];
      const key = found.route.open ? undefined : read?.key ?? this.authenticate(arrival, secret !== undefined && found.family.id === "mj" ? (secret.startsWith("sk-") ? secret : `sk-${secret}`) : credentialOf(headers, query, "bearer"));
      if (found.route.priced && services.stopping()) throw new GatewayError("shuttingDown", { retryAfterSeconds: 1 });
      const { bodies, bodyBytesMax } = found.rule;
      const bytes = read ? read.body : bodies.length === 0 ? undefined : await readBody(comingBy(arrival), bodies, bodyBytesMax, services.egress);
      const { caller } = arrival;
      caller.waits();
      const origin = services.assetUrl ?? `${headers["x-forwarded-proto"] === "https" ? "https" : "http"}://${headers["host"] ?? "127.0.0.1"}`;
      return { call: { method, path, query: new URLSearchParams(queryWithoutKey(query)), headers, key, requestId: id, origin, left: () => caller.left() }, bytes, contentType: headers["content-type"] ?? "" };
    };
    return serveMedia(found, arrived, services.mediaTools, id, (error) => {
      const facts = { requestId: id, status: error.kind.status, code: error.kind.code, error: error.internalText };
      if (error.kind.status >= 500) services.log.error(facts, "request failed");
      else services.log.debug(facts, "request refused");
    });
  }

  /** A vendor's notice. Whoever knows the secret may bring the next look forward, and nothing else. */
  private async callback(arrival: Arrival, token: string): Promise<Response> {
    const { services } = this;
    const { headers } = arrival;
    const { bodies, bodyBytesMax } = ROUTE_RULES.callback;
    const body = await readBody(comingBy(arrival), bodies, bodyBytesMax, services.egress);
    const answer = await services.mediaTools.tasks.notice(token, { header: (name) => headers[name.toLowerCase()] ?? null, body });
    if (!answer) throw new GatewayError("notFound");
    return Response.json(answer);
  }

  private authenticate(arrival: Arrival, credential: string | undefined): KeyRecord {
    return authenticated(this.services, credential, () => arrival.caller.address());
  }

  private async relay(arrival: Arrival, route: RelayRoute): Promise<Response> {
    const { services } = this;
    const { headers, query, id } = arrival;
    if (services.stopping()) throw new GatewayError("shuttingDown", { retryAfterSeconds: 1 });
    const key = this.authenticate(arrival, credentialOf(headers, query, route.carrier));
    const call: RelayCall = {
      id,
      at: services.clock.now(),
      startedAt: arrival.startedAt,
      key,
      dialect: DIALECTS[route.dialect],
      endpoint: route.endpoint,
      headers,
      ownHeaders: ownHeaders(arrival, route.dialect),
      query: queryWithoutKey(query),
      body: NO_BODY,
      caller: arrival.caller,
    };
    try {
      const { bodies, bodyBytesMax } = ROUTE_RULES[route.rule];
      const reading = readBody(comingBy(arrival), bodies, bodyBytesMax, services.egress, services.largeBuffers);
      call.body = reading instanceof Promise ? await reading : reading;
    } catch (error) {
      if (error instanceof GatewayError) noteRejected(call, services, { model: route.endpoint.model ?? "", status: error.kind.status, error: error.kind.code });
      throw error;
    }
    const handed = route.dialect === "openai-images" ? await this.pictures(arrival, route, call) : undefined;
    return handed ?? relay(call, services);
  }

  /** Pictures of models that are made as tasks, at the same address; undefined: the relay answers. */
  private async pictures(arrival: Arrival, route: RelayRoute, call: RelayCall): Promise<Response | undefined> {
    const { services } = this;
    const name = namedModel(await scanBody(call));
    const model = name === "" ? undefined : services.catalog().find(name);
    const group = services.catalog().group(call.key.group);
    const answered = (): boolean => model !== undefined && group !== undefined && !isClosed(model, services.clock.now()) && services.channels.plan({ model: model.id, healthModel: model.id, vendor: model.vendor, own: model.own, dialect: call.dialect.id, group, sandbox: call.key.sandbox }).configured > 0;
    if (!model || !isMadeHere(model, route.rule === "imageEdits", answered)) return undefined;
    return marked(await this.media(arrival, imagesRoute(ROUTE_RULES[route.rule]), call), arrival);
  }

  private models(arrival: Arrival, route: { shape: string; id?: string }): Response {
    const { services } = this;
    const { headers, query } = arrival;
    const shape: ListShape = route.shape === "gemini" ? "gemini" : headers["anthropic-version"] === undefined ? "openai" : "anthropic";
    const credential = credentialOf(headers, query, shape === "gemini" ? "x-goog-api-key" : shape === "anthropic" ? "x-api-key" : "bearer");
    const key = this.authenticate(arrival, credential);
    const catalog = services.catalog();
    const models = modelsOf(key, catalog, services.channels, services.clock.now(), shape);
    if (route.id !== undefined) return Response.json(renderModel(findIn(models, catalog, route.id), shape));
    return Response.json(renderList(models, shape, new URLSearchParams(query)));
  }
}

/** The key behind a credential. Who tries too many that are none is told to wait; a good one is never asked where it comes from. Throws GatewayError. */
export function authenticated({ keys, failures }: Pick<DoorServices, "keys" | "failures">, credential: string | undefined, address: () => string): KeyRecord {
  try {
    return keys.authenticate(credential, address);
  } catch (error) {
    const waitSeconds = error instanceof GatewayError && error.kind.status === 401 ? failures.failed(address()) : undefined;
    if (waitSeconds === undefined) throw error;
    throw new GatewayError("rateLimited", { publicText: "Too many requests without a valid API key came from this address.", retryAfterSeconds: waitSeconds });
  }
}

const comingBy = ({ request, headers, caller }: Arrival): Coming => ({ request, headers, connection: caller });

/** The dialect in which errors of a route are told. */
function dialectOf(route: Route, headers: RequestHeaders): Dialect {
  if ("dialect" in route) return DIALECTS[route.dialect];
  if (route.kind === "models" && route.shape === "gemini") return DIALECTS.gemini;
  return DIALECTS[headers["anthropic-version"] === undefined ? "openai-chat" : "anthropic-messages"];
}

/** Headers of every answer. Anthropic's SDKs read the id from a header of their own; a browser wants to be told that it may read the answer. */
function ownHeaders(arrival: Arrival, dialect: DialectId | undefined): Record<string, string> {
  const headers: Record<string, string> = { "x-request-id": arrival.id };
  if (dialect === "anthropic-messages") headers["request-id"] = arrival.id;
  return arrival.headers["origin"] === undefined ? headers : { ...headers, ...CORS_HEADERS };
}

function marked(response: Response, arrival: Arrival, dialect?: DialectId): Response {
  const own = ownHeaders(arrival, dialect);
  for (const name in own) response.headers.set(name, own[name] as string);
  return response;
}
