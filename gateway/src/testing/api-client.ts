import { expect } from "bun:test";
import { API_ROUTES, type ApiRoute } from "@yescale/contract";

/** What a management request is made of; `as`: the access key (or API key) that goes with it. */
export interface Asked {
  method?: string;
  as?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** The route of the contract that an address belongs to; one without placeholders comes first. */
function routeOf(method: string, path: string): ApiRoute | undefined {
  const fits = (pattern: string): boolean => new RegExp(`^${pattern.replaceAll(/[.]/g, "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}/?$`).test(path);
  const found = API_ROUTES.filter((route) => route.method.toUpperCase() === method && [route.path, ...(route.also ?? [])].some(fits));
  return found.find((route) => !route.path.includes("{")) ?? found[0];
}

/** Asks a gateway's management APIs and holds every good answer against the contract: what the document promises is what comes. */
export function apiClient(url: string) {
  return async function ask<Body = Record<string, unknown>>(path: string, { method = "GET", as, body, headers = {} }: Asked = {}): Promise<{ status: number; body: Body; headers: Headers }> {
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: { ...(as === undefined ? {} : { authorization: `Bearer ${as}` }), ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const isJson = type === "application/json";
    const answer: unknown = isJson ? JSON.parse(text) : text;
    const route = routeOf(method, path.split("?")[0] ?? "");
    if (route && response.status === 200) {
      const held = (isJson ? route.answer : (route.otherAnswers?.[type] ?? route.answer)).safeParse(answer);
      expect(held.success ? [] : held.error.issues, `${method} ${path} answered against its contract: ${text.slice(0, 300)}`).toEqual([]);
    }
    return { status: response.status, body: answer as Body, headers: response.headers };
  };
}
