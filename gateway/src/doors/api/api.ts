import type { ApiRoute, ApiWords } from "@yescale/contract";
import { Hono } from "hono";
import { GatewayError } from "../../errors/gateway-error.ts";
import { knownError } from "../known-error.ts";
import { isOutOfRange } from "../../store/database.ts";
import { changeAudited } from "../../store/queries/audit.ts";
import { type Coming, readBody } from "../body.ts";
import { BODY_BYTES_MAX, cleanPath, splitUrl } from "../http.ts";
import { API_BODY_BYTES_MAX } from "../route-rules.ts";
import { callerOf } from "./caller.ts";
import { handlerGroups } from "./groups.ts";
import type { ApiCall, Change } from "./handler.ts";
import { inputOf } from "./input.ts";
import type { ApiServices } from "./services.ts";
import { refusal, wordsOfPath } from "./words.ts";

/** What the door knows of a request already. */
export interface Arrived {
  requestId: string;
  address: () => string;
  /** what reading a slow body tells */
  connection: Coming["connection"];
}

export interface Api {
  fetch(request: Request, arrived: Arrived): Response | Promise<Response>;
  /** every address that is served */
  routes: readonly { method: string; path: string }[];
}

type AnyHandler = (call: ApiCall) => unknown;
type Environment = { Bindings: Arrived };

/** Management APIs: each route of the contract with its handler. What all of them share is done here, once: who calls, how much is read, what is let through, in whose words is refused. */
export function managementApi(services: ApiServices): Api {
  const app = new Hono<Environment>({ getPath: (request) => cleanPath(splitUrl(request.url).path) });
  const served: { method: string; path: string }[] = [];
  const patterns = new Map<string, { words: ApiWords; allow: string[]; serve: { method: string; route: ApiRoute; handler: AnyHandler }[] }>();
  const fetch: Api["fetch"] = (request, arrived) => app.fetch(request, arrived);
  const entries = handlerGroups(services, fetch).flatMap(([group, handlers]) => Object.entries(group).map(([name, route]): [ApiRoute, AnyHandler] => [route, handlers[name] as AnyHandler]));
  // A name beats a placeholder, whichever stands first and whatever the method: `/api/token/search` is no id.
  for (const [route, handler] of entries.toSorted(([a], [b]) => placeholders(a.path) - placeholders(b.path)))
    for (const path of [route.path, ...(route.also ?? [])]) {
      const pattern = path.replaceAll(/\{(\w+)\}/g, ":$1");
      const method = route.method.toUpperCase();
      served.push({ method, path });
      const known = patterns.get(pattern) ?? { words: route.words, allow: [], serve: [] };
      known.allow.push(method, ...(method === "GET" ? ["HEAD"] : []));
      known.serve.push({ method, route, handler });
      patterns.set(pattern, known);
    }
  for (const [pattern, { words, allow, serve: served }] of patterns) {
    for (const { method, route, handler } of served)
      app.on(method, pattern, async (context) => {
        const arrived = context.env;
        try {
          return await serve(route, handler, context.req.raw, context.req.param() as Record<string, string>, arrived, services);
        } catch (thrown) {
          return refused(thrown, route.words, arrived.requestId, services);
        }
      });
    app.all(pattern, (context) => {
      const response = refusal(new GatewayError("methodNotAllowed"), words, context.env.requestId);
      response.headers.set("allow", allow.join(", "));
      return response;
    });
  }
  app.notFound((context) => refusal(new GatewayError("notFound"), wordsOfPath(context.req.path), context.env.requestId));
  app.onError((error, context) => refused(error, wordsOfPath(context.req.path), context.env.requestId, services));
  return { fetch, routes: served };
}

const NO_BODY = Buffer.alloc(0);
const placeholders = (path: string): number => path.split("{").length;

async function serve(route: ApiRoute, handler: AnyHandler, request: Request, params: Record<string, string>, arrived: Arrived, services: ApiServices): Promise<Response> {
  const caller = await callerOf(route, request, arrived.address, services);
  const headers = request.headers.toJSON() as Record<string, string>;
  const upload = route.upload ? await readBody({ request, headers, connection: arrived.connection }, ["file"], BODY_BYTES_MAX, services) : undefined;
  const body = route.body ? await readBody({ request, headers, connection: arrived.connection }, ["json"], API_BODY_BYTES_MAX, services) : undefined;
  const changes: Change[] = [];
  const call = {
    caller,
    ...inputOf(route, request, params, body),
    raw: body ?? upload ?? NO_BODY,
    request,
    ...arrived,
    change: (work: Parameters<ApiCall["change"]>[0]) => changeAudited(services.db, { actorId: actorOf(caller), requestId: arrived.requestId }, changes, work),
  } as ApiCall;
  const answer = await handler(call);
  // An operator's change that left no trace is a fault of ours, and must not pass for done.
  if ((route.who === "operator" || route.who === "owner") && route.method !== "get" && changes.length === 0) throw new Error(`${route.method} ${route.path} wrote nothing to the audit log`);
  const response = answer instanceof Response ? answer : Response.json(answer);
  if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
  return response;
}

const actorOf = (caller: Awaited<ReturnType<typeof callerOf>>): string | undefined => (caller !== undefined && "account" in caller ? caller.account.id : undefined);

function apiError(thrown: unknown): GatewayError {
  if (isOutOfRange(thrown)) return new GatewayError("conflict", { publicText: "That would make an amount larger than can be kept.", internalText: String(thrown) });
  return knownError(thrown);
}

function refused(thrown: unknown, words: ApiWords, requestId: string, { log }: ApiServices): Response {
  const error = apiError(thrown);
  const facts = { requestId, status: error.kind.status, code: error.kind.code, error: error.internalText };
  if (error.kind.status >= 500) log.error(facts, "request failed");
  else log.debug(facts, "request refused");
  return refusal(error, words, requestId);
}
