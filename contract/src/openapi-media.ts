import type { OpenAPIRegistry } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { MEDIA_DOCS, type MediaEndpoint, withReferences } from "./media/index.ts";
import { withExamples } from "./openapi-examples.ts";

const namesIn = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? "");

const orderHeaders = z.object({
  prefer: z.string().optional().describe("wait=SECONDS: the answer comes when the task has ended, or when that time is over (RFC 7240)"),
  "idempotency-key": z.string().optional().describe("the same order again under it is the same task"),
  "x-yescale-metadata": z.string().optional().describe("a JSON object of the caller's, kept with the request in the log"),
  "x-yescale-strict": z.string().optional().describe("1: what the model cannot be told is refused, and no source is asked that cannot be told all of it"),
});
const answerHeaders = z.object({ "x-request-id": z.string().describe("names the request in our logs") });
const orderedHeaders = answerHeaders.extend({ "x-yescale-dropped": z.string().optional().describe("what the source that is asked first is not told, in the request's names; of a task that has ended, the one that made it") });

interface Answers {
  [status: string]: { description: string; headers?: z.ZodObject; content?: Record<string, { schema: z.ZodType }> };
}

const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });

/** Adds every address of slow work to the document. `apiKey`: the name of its security scheme. Bodies in a vendor's words are open. */
export function registerMedia(registry: OpenAPIRegistry, apiKey: string): void {
  // A copy: schemas made before zod was extended (openapi.ts) cannot be named.
  const register = (name: string, schema: z.ZodType): z.ZodType => registry.register(name, schema.clone());
  const named = new Map<z.ZodType, z.ZodType>();
  for (const doc of MEDIA_DOCS) {
    for (const [name, schema] of Object.entries(doc.shared ?? {})) named.set(schema, register(name, schema));
    const error = register(`${doc.id}Error`, doc.error);
    for (const endpoint of doc.endpoints)
      for (const path of endpoint.paths) {
        const example = withReferences(endpoint.example ?? {}, () => doc.shownId);
        const parts = namesIn(path);
        registry.registerPath({
          method: endpoint.method,
          path,
          summary: path === endpoint.paths[0] ? endpoint.summary : `The same as ${endpoint.paths[0]}`,
          security: endpoint.open ? [] : [{ [apiKey]: [] }],
          request: {
            ...(parts.length > 0 ? { params: withExamples(z.object(Object.fromEntries(parts.map((name) => [name, z.string()]))), example.params) } : {}),
            ...(endpoint.query ? { query: withExamples(endpoint.query, example.query) } : {}),
            ...headersOf(endpoint, example),
            ...(endpoint.body || endpoint.form ? { body: { required: true, content: contents(endpoint, example) } } : {}),
          },
          responses: answers(endpoint, error, (schema) => named.get(schema) ?? schema),
        });
      }
  }
}

/** Those of any order, and those that the example has: an address that is nothing without one says so there. */
function headersOf({ priced }: MediaEndpoint, { headers }: NonNullable<MediaEndpoint["example"]>): { headers?: z.ZodObject } {
  if (!priced && !headers) return {};
  const own = z.object(Object.fromEntries(Object.keys(headers ?? {}).map((name) => [name, z.string()])));
  return { headers: withExamples(priced ? orderHeaders.extend(own.shape) : own, headers) };
}

function contents({ body, form }: MediaEndpoint, example: NonNullable<MediaEndpoint["example"]>): Record<string, { schema: z.ZodType; example?: unknown }> {
  return {
    ...(form ? { "multipart/form-data": { schema: form, ...(example.form ? { example: example.form } : {}) } } : {}),
    ...(body ? { "application/json": { schema: body, ...(example.body === undefined ? {} : { example: example.body }) } } : {}),
  };
}

function answers(endpoint: MediaEndpoint, error: z.ZodType, shown: (schema: z.ZodType) => z.ZodType): Answers {
  const refused = (description: string) => ({ description, ...json(error) });
  const headers = endpoint.priced ? orderedHeaders : answerHeaders;
  const all: Answers = {
    ...(endpoint.answer ? { 200: { description: "done", headers, ...json(shown(endpoint.answer)) } } : {}),
    400: refused("the request is wrong, or the model cannot do what it asks"),
    ...(endpoint.open ? {} : { 401: refused("no API key, or a wrong one") }),
    ...(endpoint.priced ? { 402: refused("not enough credit") } : {}),
    ...(endpoint.open ? {} : { 403: refused("the key is disabled or used up, its address or the model is not among those it may use, or its account is disabled") }),
    404: refused(endpoint.open ? "there is nothing at this address" : "no such model, or no such task of this account"),
    ...(endpoint.priced ? { 409: refused("the idempotency key was used for another order") } : {}),
    ...(endpoint.body || endpoint.form ? { 413: refused("the body is too large"), 415: refused("the body is of another kind") } : {}),
    // Replicate's word for a wrong request, Ideogram's for refused content.
    ...(endpoint.priced ? { 422: refused("the request is wrong, or its content is refused") } : {}),
    429: refused("too many requests; `retry-after` says when to try again"),
    431: { description: "the address or the headers are too long" },
    ...(endpoint.priced ? { 502: refused("the vendor's answer was of no use"), 504: refused("the vendor did not answer in time") } : {}),
    503: refused("no upstream can answer now"),
  };
  for (const [status, { why, body, type = "application/json" }] of Object.entries(endpoint.further ?? {}).map(([text, other]) => [Number(text), other] as const)) {
    const known = all[status];
    const schema = body && known?.content?.["application/json"] ? z.union([known.content["application/json"].schema, body]) : body && shown(body);
    all[status] = { description: known && status >= 400 ? `${known.description}; ${why}` : why, ...(schema ? { content: { [type]: { schema } } } : {}) };
  }
  return all;
}
