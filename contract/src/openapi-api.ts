import type { OpenAPIRegistry } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { API_ROUTES } from "./api.ts";
import { exampleBody, exampleOf } from "./examples.ts";
import { withExamples } from "./openapi-examples.ts";
import type { ApiRoute, ApiWho, ApiWords } from "./route.ts";

const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });

const ERROR_BODIES: Record<ApiWords, z.ZodType> = {
  system: z.object({ success: z.literal(false), message: z.string() }),
  openai: z.object({ error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }) }),
  auth: z.object({ code: z.string(), message: z.string() }),
};

/** Adds every address of the management APIs to the document. `apiKey` and `accessKey`: names of the security schemes that the document has already. */
export function registerApi(registry: OpenAPIRegistry, { apiKey, accessKey }: { apiKey: string; accessKey: string }): void {
  const session = registry.registerComponent("securitySchemes", "session", { type: "apiKey", in: "cookie", name: "yescale.session_token", description: "a signed-in browser" }).name;
  const signedIn = [{ [accessKey]: [] }, { [session]: [] }];
  const security: Record<ApiWho, { [name: string]: string[] }[]> = { anybody: [], "api key": [{ [apiKey]: [] }], "access key": [{ [accessKey]: [] }], session: [{ [session]: [] }], account: signedIn, operator: signedIn, owner: signedIn };
  for (const route of API_ROUTES)
    for (const path of [route.path, ...(route.also ?? [])])
      registry.registerPath({
        method: route.method,
        path,
        summary: path === route.path ? route.summary : `The same as ${route.path}`,
        security: security[route.who],
        request: {
          ...(route.params ? { params: withExamples(route.params, exampleOf(route.method, route.path).params) } : {}),
          ...(route.query ? { query: withExamples(route.query, exampleOf(route.method, route.path).query) } : {}),
          ...(route.body ? { body: { required: true, content: { "application/json": { schema: route.body, ...exampleBody(route.method, route.path) } } } } : {}),
          ...(route.upload ? { body: { required: true, content: Object.fromEntries(route.upload.map((type) => [type, { schema: { type: "string", format: "binary" } as const }])) } } : {}),
        },
        responses: { 200: { description: "done", content: { "application/json": { schema: route.answer }, ...Object.fromEntries(Object.entries(route.otherAnswers ?? {}).map(([type, schema]) => [type, { schema }])) } }, ...further(route, refusals(route)) },
      });
}

interface Answers {
  [status: number]: { description: string; content?: { "application/json": { schema: z.ZodType } } };
}

/** Adds the answers that a route has beside those that all have. */
function further(route: ApiRoute, refusals: Answers): Answers {
  const answers = { ...refusals };
  for (const [status, { why, body }] of Object.entries(route.further ?? {}).map(([text, own]) => [Number(text), own] as const)) {
    const known = answers[status];
    const schema = known?.content && body ? z.union([known.content["application/json"].schema, body]) : body;
    answers[status] = { description: known ? `${known.description}; ${why}` : why, ...(schema ? json(schema) : {}) };
  }
  return answers;
}

function refusals(route: ApiRoute): Answers {
  const refused = (description: string) => ({ description, ...json(ERROR_BODIES[route.words]) });
  return {
    400: refused("the request is wrong"),
    // Signing in is where a credential is looked at that no header carries.
    ...(route.who === "anybody" && route.words !== "auth" ? {} : { 401: refused("credential missing or wrong") }),
    ...((route.who === "anybody" && route.words !== "auth") || route.who === "api key" ? {} : { 403: refused("the account is disabled, its role is too low, or another site asked in its name") }),
    ...(route.params || route.query || route.body ? { 404: refused("there is none of that id, or it is another account's") } : {}),
    ...(route.method === "get" && !route.changes ? {} : { 409: refused("it stands in a state in which this cannot be done, or was done already") }),
    ...(route.body || route.upload ? { 413: refused("the body is too large"), 415: refused("the body is of another type") } : {}),
    ...Object.fromEntries(Object.entries(route.refusals ?? {}).map(([status, why]) => [status, refused(why)])),
    431: { description: "the address or the headers are too long" },
    429: refused("too many requests; `retry-after` says when to try again"),
    503: refused("the database does not answer"),
  };
}
