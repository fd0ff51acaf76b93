import { timingSafeEqual } from "node:crypto";
import { keyHash } from "../../accounts/api-key.ts";
import type { OperationsPath } from "../route-rules.ts";

/** What the operations routes ask. */
export interface OpsServices {
  /** names of what is not ready; empty when all is */
  notReady: () => Promise<string[]>;
  /** names of what a person should look at, though requests are served */
  attention: () => string[];
  metrics: {
    /** what others than this host must send as a Bearer token; undefined: nobody else may read them */
    token: string | undefined;
    /** the caller's IP address, proxies seen through */
    callerOf: (request: Request) => string;
    read: () => Promise<{ text: string; contentType: string }>;
  };
  openapi: () => Promise<unknown>;
  brand: () => string;
}

/** Health, readiness, metrics, the API's description. Undefined when the path is none of these. The table has an entry for each address that `ROUTE_RULES` declares, and no other. */
export function opsRoutes(services: OpsServices): (request: Request, path: string) => Promise<Response> | Response | undefined {
  // Agents look whether anybody is there before they send a key.
  const welcome = (): Response => Response.json({ name: services.brand(), api: "/openapi.json", health: "/healthz" });
  const handlers: Record<OperationsPath, (request: Request) => Promise<Response> | Response> = {
    "/healthz": () => Response.json({ status: "ok" }),
    "/readyz": () => readiness(services),
    "/metrics": (request) => metrics(request, services.metrics),
    "/openapi.json": () => services.openapi().then((document) => Response.json(document)),
    "/": welcome,
    "/api/hello": welcome,
  };
  return (request, path) => {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    return Object.hasOwn(handlers, path) ? handlers[path as OperationsPath](request) : undefined;
  };
}

async function readiness({ notReady, attention }: OpsServices): Promise<Response> {
  const missing = await notReady();
  const found = attention();
  const body = { status: missing.length === 0 ? "ready" : "not ready", ...(missing.length > 0 ? { missing } : {}), ...(found.length > 0 ? { attention: found } : {}) };
  return Response.json(body, { status: missing.length === 0 ? 200 : 503 });
}

/** For this host's own scraper, or for who has the token: amounts and channel names are nobody else's business. */
async function metrics(request: Request, { token, callerOf, read }: OpsServices["metrics"]): Promise<Response> {
  if (!fromLoopback(request, callerOf) && !hasToken(request, token))
    return Response.json({ error: { message: "Metrics are for this host only, or for the bearer of YESCALE_METRICS_TOKEN.", type: "permission_error", param: null, code: "forbidden" } }, { status: 403 });
  try {
    const { text, contentType } = await read();
    return new Response(text, { headers: { "content-type": contentType } });
  } catch (error) {
    return Response.json({ error: { message: error instanceof Error ? error.message : "no metrics", type: "server_error", param: null, code: "metrics_incomplete" } }, { status: 503 });
  }
}

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1)$/;

/** Headers of a proxy that is not among the trusted ones: whom it speaks for is unknown, so it is not this host. */
const FORWARDING_HEADERS = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];

function fromLoopback(request: Request, callerOf: (request: Request) => string): boolean {
  return LOOPBACK.test(callerOf(request)) && !FORWARDING_HEADERS.some((name) => request.headers.has(name));
}

function hasToken(request: Request, token: string | undefined): boolean {
  const sent = /^Bearer +(\S{1,512})$/i.exec(request.headers.get("authorization")?.trim() ?? "")?.[1];
  return token !== undefined && sent !== undefined && timingSafeEqual(keyHash(sent), keyHash(token));
}
