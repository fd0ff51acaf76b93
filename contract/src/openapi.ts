import { extendZodWithOpenApi, OpenApiGeneratorV31, OpenAPIRegistry } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { responseDeleted, responseItems, responses } from "./bodies.ts";
import { POST_ENDPOINTS, type PostEndpoint } from "./endpoints.ts";
import { VERSION } from "./version.ts";
import { exampleBody, exampleOf } from "./examples.ts";
import { withExamples } from "./openapi-examples.ts";
import { serverSentEvent } from "./fields.ts";
import { registerApi } from "./openapi-api.ts";
import { registerMedia } from "./openapi-media.ts";

extendZodWithOpenApi(z);

const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });
const object = z.looseObject({});

/** Names in braces in a path. */
const namesIn = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? "");

/** Headers of our own that an answer may carry. */
const answerHeaders = z.object({
  "x-request-id": z.string().describe("names the request in our logs"),
  "x-yescale-dropped": z.string().optional().describe("what the model could not be told, in the request's names"),
  "x-yescale-estimated": z.string().optional().describe("1: counted by us, not by the vendor"),
  "x-yescale-not-kept": z.string().optional().describe("of pictures given by address, those (from 0) that are still at the vendor"),
});

/** The description of every endpoint that this version serves, as OpenAPI 3.1. Vendor-shaped bodies are the vendor's own and pass through as they are. */
export function openApiDocument(): unknown {
  const registry = new OpenAPIRegistry();
  const apiKey = registry.registerComponent("securitySchemes", "apiKey", { type: "http", scheme: "bearer", description: "an `sk-` key" });
  const accessKey = registry.registerComponent("securitySchemes", "accessKey", { type: "http", scheme: "bearer", description: "the account's access key" });
  const security = [{ [apiKey.name]: [] }];
  const refused = (description: string) => ({ description: `${description}; in the body of the endpoint's vendor`, ...json(object) });
  const refusals = {
    400: refused("the request is wrong, or the model cannot do what it asks"),
    401: refused("no API key, or a wrong one"),
    402: refused("not enough credit"),
    403: refused("the key is disabled or used up, its address or the model is not among those it may use, or its account is disabled"),
    404: refused("no such model"),
    413: refused("the body is too large"),
    415: refused("the body is of another kind"),
    431: { description: "the address or the headers are too long" },
    429: refused("too many requests; `retry-after` says when to try again"),
    503: refused("no upstream can answer now"),
  };
  const post = (path: string, { summary, body, form, answer, events }: PostEndpoint): void => {
    const parameters = namesIn(path);
    registry.registerPath({
      method: "post",
      path,
      summary,
      security,
      request: {
        ...(parameters.length > 0 ? { params: withExamples(z.object(Object.fromEntries(parameters.map((name) => [name, z.string()]))), exampleOf("post", path).params) } : {}),
        body: { required: true, content: { ...(form ? { "multipart/form-data": { schema: form } } : {}), ...(body ? { "application/json": { schema: body, ...exampleBody("post", path) } } : {}) } },
      },
      responses: {
        200: {
          description: "the vendor's own answer, or its translation",
          headers: answerHeaders,
          content: { ...(answer ? { "application/json": { schema: answer } } : { "audio/*": { schema: z.string().meta({ format: "binary" }) } }), ...(events ? { "text/event-stream": { schema: serverSentEvent } } : {}) },
        },
        ...refusals,
      },
    });
  };
  for (const endpoint of POST_ENDPOINTS) {
    post(endpoint.path, endpoint);
    if (endpoint.short) post(endpoint.path.slice("/v1".length), { ...endpoint, summary: `The same as ${endpoint.path}` });
  }
  const ofResponse = (method: "get" | "post" | "delete", path: string, summary: string, answer: z.ZodType): void => {
    for (const address of [`/v1${path}`, path])
      registry.registerPath({ method, path: address, summary, security, request: { params: z.object({ id: z.string() }) }, responses: { 200: { description: "answer", ...json(answer) }, 400: refusals[400], 401: refusals[401], 403: refusals[403], 404: refused("no such response of this account"), 429: refusals[429], 431: refusals[431] } });
  };
  ofResponse("get", "/responses/{id}", "A kept response", responses.answer);
  ofResponse("delete", "/responses/{id}", "Forgets a kept response", responseDeleted);
  ofResponse("get", "/responses/{id}/input_items", "What led to a kept response", responseItems);
  ofResponse("post", "/responses/{id}/cancel", "Ends a response in the background; none runs there, so it is refused", object);
  const session = (path: string, summary: string, query: z.ZodObject): void =>
    registry.registerPath({
      method: "get",
      path,
      summary: `${summary}: a WebSocket, of whose messages OpenAPI has no word`,
      security,
      request: { query, headers: z.object({ upgrade: z.literal("websocket") }) },
      responses: { 101: { description: "the session has begun" }, ...refusals, 426: refused("asked without the upgrade to a WebSocket") },
    });
  for (const path of ["/v1/realtime", "/realtime"]) session(path, "OpenAI Realtime", z.object({ model: z.string() }));
  for (const version of ["v1", "v1alpha", "v1beta"]) session(`/ws/google.ai.generativelanguage.${version}.GenerativeService.BidiGenerateContent`, "Gemini Live", z.object({ key: z.string().optional() }));
  registry.registerPath({
    method: "get",
    path: "/assets/{name}",
    summary: "A kept output, for whoever knows its name",
    request: { params: z.object({ name: z.string() }), headers: z.object({ range: z.string().optional() }) },
    responses: { 200: { description: "the file", content: { "*/*": { schema: z.string().meta({ format: "binary" }) } } }, 206: { description: "the part asked for" }, 404: { description: "unknown, or past its life" } },
  });
  const get = (path: string, summary: string, security: { [name: string]: string[] }[], answer: z.ZodType): void =>
    registry.registerPath({
      method: "get",
      path,
      summary,
      security,
      ...(path.includes("{id}") ? { request: { params: z.object({ id: z.string() }) } } : {}),
      responses: {
        200: { description: "answer", ...json(answer) },
        ...(security.length > 0 ? { 401: refusals[401], 403: refusals[403], 429: refusals[429] } : {}),
        ...(path.includes("{id}") ? { 404: refusals[404] } : {}),
        431: refusals[431],
      },
    });
  get("/v1/models", "Models this key may call; the shape follows the caller's headers (OpenAI, Anthropic, Google)", [{ [apiKey.name]: [] }], object);
  get("/v1/models/{id}", "One model", [{ [apiKey.name]: [] }], object);
  registerMedia(registry, apiKey.name);
  registerApi(registry, { apiKey: apiKey.name, accessKey: accessKey.name });
  get("/healthz", "The process lives", [], object);
  get("/readyz", "Database, migrations and channels are there", [], object);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: { title: "YEScale", version: VERSION, description: "One key and one wallet for every AI model.", license: { name: "Apache-2.0" } },
    servers: [{ url: "/" }],
  });
}
