import type { Server } from "bun";
import type { KeyRing } from "../accounts/key-ring.ts";
import { DIALECTS } from "../dialects/registry.ts";
import { asGatewayError, GatewayError } from "../errors/gateway-error.ts";
import type { RelayCall, RelayServices } from "../relay/call.ts";
import { relay } from "../relay/relay.ts";
import type { CallerAddress } from "./address.ts";
import { readBody } from "./body.ts";
import { cleanPath, credentialOf, errorResponse, keyOfQuery, queryWithoutKey, splitUrl } from "./http.ts";
import { findIn, type ListShape, modelsOf, renderList, renderModel } from "./models.ts";
import { findRoute, type RelayRoute } from "./routes.ts";

export interface DoorServices extends RelayServices {
  keys: KeyRing;
  callerAddress: CallerAddress;
  newRequestId: () => string;
  /** routes that are not a vendor's: System API, health, metrics, descriptions; undefined when the path is none of theirs */
  ownRoutes: (request: Request, path: string) => Promise<Response> | Response | undefined;
  stopping: () => boolean;
}

/** Methods a browser may ask for, and headers it may read. */
const CORS_HEADERS: Record<string, string> = { "access-control-allow-origin": "*", "access-control-expose-headers": "x-request-id, request-id, retry-after, x-should-retry" };
const PREFLIGHT_HEADERS = { ...CORS_HEADERS, "access-control-allow-methods": "GET, HEAD, POST, PUT, DELETE, OPTIONS", "access-control-allow-headers": "*, authorization", "access-control-max-age": "86400" };

/** Every request comes in here: it gets an id, is routed, authenticated, served, and every error is told in the caller's own dialect. */
export class Door {
  /** requests under way, streams included */
  active = 0;

  constructor(private readonly services: DoorServices) {}

  async handle(request: Request, server: Server<undefined>): Promise<Response> {
    const startedAt = this.services.clock.monotonic();
    const id = this.services.newRequestId();
    const { path: rawPath, query } = splitUrl(request.url);
    const path = cleanPath(rawPath);
    const response = await this.route(request, server, { id, startedAt, path, query });
    response.headers.set("x-request-id", id);
    response.headers.set("access-control-allow-origin", "*");
    return response;
  }

  private async route(request: Request, server: Server<undefined>, what: { id: string; startedAt: number; path: string; query: string }): Promise<Response> {
    const { path, query } = what;
    const { method } = request;
    if (method === "OPTIONS") return new Response(null, { status: 204, headers: PREFLIGHT_HEADERS });
    const googleCaller = request.headers.has("x-goog-api-key") || keyOfQuery(query) !== undefined;
    const route = findRoute(method, path, googleCaller);
    const dialect = DIALECTS["dialect" in route ? route.dialect : route.shape === "gemini" ? "gemini" : "openai-chat"];
    try {
      if (route.kind === "relay") return await this.relay(request, server, route, what);
      if (route.kind === "models") return this.models(request, server, route, query);
      if (route.kind === "wrong-method") {
        const response = errorResponse(new GatewayError("methodNotAllowed"), dialect, what.id);
        response.headers.set("allow", route.allow);
        return response;
      }
      const own = await this.services.ownRoutes(request, path);
      if (own) return own;
      throw new GatewayError("notFound", { publicText: `There is nothing at ${method} ${path.slice(0, 200)}.` });
    } catch (thrown) {
      const error = asGatewayError(thrown);
      const rendering = "shape" in route && request.headers.has("anthropic-version") ? DIALECTS["anthropic-messages"] : dialect;
      const facts = { requestId: what.id, status: error.kind.status, code: error.kind.code, error: error.internalText };
      if (error.kind.status >= 500) this.services.log.error(facts, "request failed");
      else this.services.log.debug(facts, "request refused");
      return errorResponse(error, rendering, what.id);
    }
  }

  private async relay(request: Request, server: Server<undefined>, route: RelayRoute, what: { id: string; startedAt: number; query: string }): Promise<Response> {
    const { services } = this;
    if (services.stopping()) throw new GatewayError("shuttingDown", { retryAfterSeconds: 1 });
    const address = (): string => services.callerAddress.of(server.requestIP(request)?.address ?? "", request.headers.get("x-forwarded-for"));
    const key = services.keys.authenticate(credentialOf(request.headers, what.query, route.carrier), address);
    // From here on silence is normal (a thinking model): our own deadlines count, not the server's.
    server.timeout(request, 0);
    const call: RelayCall = {
      id: what.id,
      at: services.clock.now(),
      startedAt: what.startedAt,
      key,
      dialect: DIALECTS[route.dialect],
      endpoint: route.endpoint,
      headers: request.headers,
      query: queryWithoutKey(what.query),
      body: await readBody(request, services.deadlines, services.clock),
      signal: request.signal,
      address,
    };
    const response = await relay(call, services);
    if (route.dialect === "anthropic-messages") response.headers.set("request-id", what.id);
    return response;
  }

  private models(request: Request, server: Server<undefined>, route: { shape: string; id?: string }, query: string): Response {
    const { services } = this;
    const { headers } = request;
    const address = (): string => services.callerAddress.of(server.requestIP(request)?.address ?? "", headers.get("x-forwarded-for"));
    const shape: ListShape = route.shape === "gemini" ? "gemini" : headers.has("anthropic-version") ? "anthropic" : "openai";
    const key = services.keys.authenticate(credentialOf(headers, query, shape === "gemini" ? "x-goog-api-key" : shape === "anthropic" ? "x-api-key" : "bearer"), address);
    const catalog = services.catalog();
    const models = modelsOf(key, catalog, services.channels, services.clock.now());
    if (route.id !== undefined) return Response.json(renderModel(findIn(models, catalog, route.id), shape));
    return Response.json(renderList(models, shape, new URLSearchParams(query)));
  }
}
