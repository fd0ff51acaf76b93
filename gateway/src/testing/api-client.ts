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

/** The events of a stream, each with its fields. */
const eventsOf = (text: string): Record<string, string>[] =>
  text.split("\n\n").filter((event) => event.trim() !== "").map((event) => Object.fromEntries(event.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()])));

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
      const schema = isJson ? route.answer : (route.otherAnswers?.[type] ?? route.answer);
      // A stream is described by its single event.
      for (const part of type === "text/event-stream" ? eventsOf(text) : [answer]) {
        const held = schema.safeParse(part);
        expect(held.success ? [] : held.error.issues, `${method} ${path} answered against its contract: ${text.slice(0, 300)}`).toEqual([]);
      }
    }
    return { status: response.status, body: answer as Body, headers: response.headers };
  };
}
