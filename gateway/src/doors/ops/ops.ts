/** What the operations routes ask. */
export interface OpsServices {
  /** names of what is not ready; empty when all is */
  notReady: () => Promise<string[]>;
  metrics: () => Promise<{ text: string; contentType: string }>;
  openapi: () => unknown;
  brand: string;
}

/** Health, readiness, metrics, the API's description; answers without a key. Undefined when the path is none of these. */
export function opsRoutes(services: OpsServices): (request: Request, path: string) => Promise<Response> | Response | undefined {
  return (request, path) => {
    const { method } = request;
    if (method !== "GET" && method !== "HEAD") return undefined;
    switch (path) {
      case "/healthz":
        return Response.json({ status: "ok" });
      case "/readyz":
        return services.notReady().then((missing) => Response.json(missing.length === 0 ? { status: "ready" } : { status: "not ready", missing }, { status: missing.length === 0 ? 200 : 503 }));
      case "/metrics":
        return services.metrics().then(({ text, contentType }) => new Response(text, { headers: { "content-type": contentType } }));
      case "/openapi.json":
        return Response.json(services.openapi());
      case "/":
      case "/api/hello":
        // Agents look whether anybody is there before they send a key.
        return Response.json({ name: services.brand, api: "/openapi.json", health: "/healthz" });
      default:
        return undefined;
    }
  };
}
