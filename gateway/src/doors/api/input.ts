import type { ApiRoute } from "@yescale/contract";
import type { z } from "zod";
import { GatewayError } from "../../errors/gateway-error.ts";

/** What JSON.stringify makes of a NUL or of half a surrogate pair: Postgres takes neither. */
const REFUSED_TEXT = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;
const NUL = "\u0000";

/** A JSON body as a value. Throws GatewayError invalidJson. */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown;
  } catch {
    throw new GatewayError("invalidJson");
  }
}

/** Every value of the query by its name; of one that is given twice the first. */
export function queryOf(url: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URL(url).searchParams) values[name] ??= value;
  return values;
}

/** A part of the request as its schema has it. Throws GatewayError invalidRequest that names the member at fault. */
export function checked(schema: z.ZodType, value: unknown): unknown {
  if (REFUSED_TEXT.test(JSON.stringify(value) ?? "") && hasRefusedText(value)) throw new GatewayError("invalidRequest", { publicText: "A text has a character that no text can have." });
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = issue === undefined || issue.path.length === 0 ? undefined : issue.path.map(String).join(".").slice(0, 100);
  // What zod says of a member that is not there is of its own types ("expected nonoptional, received undefined").
  const fault = issue?.code === "invalid_type" && issue.message.endsWith("received undefined") ? "is missing" : (issue?.message ?? "not valid");
  throw new GatewayError("invalidRequest", { publicText: `${param === undefined ? "" : `"${param}": `}${fault.slice(0, 300)}`, ...(param === undefined ? {} : { param }) });
}

function hasRefusedText(value: unknown): boolean {
  if (typeof value === "string") return value.includes(NUL) || !value.isWellFormed();
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, member]) => hasRefusedText(name) || hasRefusedText(member));
}

/** Params, query and body of a request, checked. `params` as the router found them; `body` undefined where the route reads none. */
export function inputOf(route: ApiRoute, request: Request, params: Record<string, string>, body: Buffer | undefined): { params: unknown; query: unknown; body: unknown } {
  return {
    params: route.params && checked(route.params, params),
    query: route.query && checked(route.query, queryOf(request.url)),
    body: route.body && body && checked(route.body, jsonOf(body)),
  };
}
