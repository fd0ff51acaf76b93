import { extendZodWithOpenApi, OpenApiGeneratorV31, OpenAPIRegistry } from "@asteasolutions/zod-to-openapi";
import { z } from "zod";
import { apiKeyListAnswer, systemError, userAnswer } from "./system.ts";

extendZodWithOpenApi(z);

const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });
const object = z.looseObject({});

/** The description of every endpoint that this version serves, as OpenAPI 3.1. Vendor-shaped bodies are the vendor's own and pass through as they are. */
export function openApiDocument(): unknown {
  const registry = new OpenAPIRegistry();
  const apiKey = registry.registerComponent("securitySchemes", "apiKey", { type: "http", scheme: "bearer", description: "an `sk-` key" });
  const accessKey = registry.registerComponent("securitySchemes", "accessKey", { type: "http", scheme: "bearer", description: "the account's access key" });
  const relay = (path: string, summary: string, parameters: string[] = []): void =>
    registry.registerPath({
      method: "post",
      path,
      summary,
      security: [{ [apiKey.name]: [] }],
      request: {
        ...(parameters.length > 0 ? { params: z.object(Object.fromEntries(parameters.map((name) => [name, z.string()]))) } : {}),
        body: json(object),
      },
      responses: {
        200: { description: "the vendor's own answer; `text/event-stream` when streaming", ...json(object) },
        402: { description: "not enough credit, in the dialect's own body", ...json(object) },
      },
    });
  relay("/v1/chat/completions", "OpenAI chat completions");
  relay("/v1/completions", "OpenAI completions, by any model of conversation");
  relay("/v1/embeddings", "OpenAI embeddings");
  relay("/v1/engines/{model}/embeddings", "OpenAI embeddings, the model in the address", ["model"]);
  relay("/v1/moderations", "OpenAI moderations");
  relay("/v1/rerank", "Rerank (Cohere v1, Jina)");
  relay("/v2/rerank", "Rerank (Cohere v2)");
  relay("/v1/messages", "Anthropic messages");
  relay("/v1/messages/count_tokens", "Anthropic token counting");
  for (const version of ["v1beta", "v1"])
    for (const verb of ["generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents"])
      relay(`/${version}/models/{model}:${verb}`, `Gemini ${verb}`, ["model"]);
  const get = (path: string, summary: string, security: { [name: string]: string[] }[], answer: z.ZodType): void =>
    registry.registerPath({
      method: "get",
      path,
      summary,
      security,
      ...(path.includes("{id}") ? { request: { params: z.object({ id: z.string() }) } } : {}),
      responses: { 200: { description: "answer", ...json(answer) }, ...(security.length > 0 ? { 401: { description: "credential missing or wrong", ...json(path.startsWith("/yescale") ? systemError : object) } } : {}) },
    });
  get("/v1/models", "Models this key may call; the shape follows the caller's headers (OpenAI, Anthropic, Google)", [{ [apiKey.name]: [] }], object);
  get("/v1/models/{id}", "One model", [{ [apiKey.name]: [] }], object);
  get("/yescale/user", "The account", [{ [accessKey.name]: [] }], userAnswer);
  get("/yescale/apikeylist", "The account's API keys", [{ [accessKey.name]: [] }], apiKeyListAnswer);
  get("/healthz", "The process lives", [], object);
  get("/readyz", "Database, migrations and channels are there", [], object);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: "3.1.0",
    info: { title: "YEScale", version: "0.1.0", description: "One key and one wallet for every AI model.", license: { name: "Apache-2.0" } },
    servers: [{ url: "/" }],
  });
}
