/** Jina: rerank, embeddings and models (https://api.jina.ai/redoc). Errors are FastAPI's `{detail}`. */
import { asList, asNumber, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { rank } from "../../kit/rerank.ts";
import { countTokens } from "../../kit/tokens.ts";
import type { Answer, Failure, Received, Vendor, TextAnswer } from "../../kit/vendor.ts";
import { vectorOf } from "../../kit/vectors.ts";

const HEADERS = { "content-type": "application/json" };
const LENGTH = 1024;

const credentialOf = (headers: Headers): string => (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");

const refusal = (status: number, detail: unknown): TextAnswer => ({ kind: "whole", status, headers: { ...HEADERS }, body: JSON.stringify({ detail }) });

/** What FastAPI says of a member that is missing or wrong (422). */
const wrong = (member: string, msg: string, type: string): TextAnswer => refusal(422, [{ type, loc: ["body", member], msg }]);

const exists = (model: string, family: string): boolean => model.startsWith(family) && !/not-exist|nonexist|unknown/.test(model);

function whole(request: Received, model: string, tokens: number, members: JsonObject): Answer {
  const count = request.faults.has("usage-zero") ? 0 : tokens;
  const usage: JsonObject | undefined = request.faults.has("no-usage") ? undefined : { total_tokens: count, prompt_tokens: count };
  return { kind: "whole", status: 200, headers: { ...HEADERS }, body: JSON.stringify({ model, object: "list", ...(usage ? { usage } : {}), ...members }), model, ...(usage ? { usage } : {}) };
}

function textOf(document: unknown): string | undefined {
  if (typeof document === "string") return document;
  return isObject(document) && typeof document["text"] === "string" ? document["text"] : undefined;
}

function rerank(request: Received, body: JsonObject): Answer {
  const model = asText(body["model"]);
  const query = asText(body["query"]);
  if (model === "") return wrong("model", "Field required", "missing");
  if (query === "") return wrong("query", "Field required", "missing");
  const documents = asList(body["documents"]).map(textOf);
  if (documents.length === 0) return wrong("documents", "List should have at least 1 item after validation, not 0", "too_short");
  if (!documents.every((text) => text !== undefined)) return wrong("documents", "Input should be a valid string", "string_type");
  if (!exists(model, "jina-reranker-")) return refusal(404, `Model ${model} not found`);
  const ranked = rank(query, documents, asNumber(body["top_n"]) ?? documents.length, "jina");
  // The query is read once for each document.
  const tokens = documents.reduce((sum, text) => sum + countTokens(text) + countTokens(query), 0);
  const withDocuments = body["return_documents"] !== false;
  return whole(request, model, tokens, { results: ranked.map(({ index, score }) => ({ index, ...(withDocuments ? { document: { text: documents[index] } } : {}), relevance_score: score })) });
}

function embeddings(request: Received, body: JsonObject): Answer {
  const model = asText(body["model"]);
  if (model === "") return wrong("model", "Field required", "missing");
  const texts = (Array.isArray(body["input"]) ? (body["input"] as unknown[]) : [body["input"]]).map(textOf);
  if (texts.length === 0 || !texts.every((text) => text !== undefined && text !== "")) return wrong("input", "Input should be a valid string", "string_type");
  if (!exists(model, "jina-embeddings-")) return refusal(404, `Model ${model} not found`);
  const length = asNumber(body["dimensions"]) ?? LENGTH;
  const tokens = texts.reduce((sum, text) => sum + countTokens(text ?? ""), 0);
  return whole(request, model, tokens, {
    data: texts.map((text, index) => {
      const vector = vectorOf(text ?? "", length, "jina");
      return { object: "embedding", index, embedding: body["encoding_format"] === "base64" ? Buffer.from(Float32Array.from(vector).buffer).toString("base64") : vector };
    }),
  });
}

function answer(request: Received): Answer {
  if (!/^[\w-]{6,}$/.test(credentialOf(request.headers))) return refusal(401, "Invalid API key");
  const route = `${request.method} ${request.path}`;
  if (route === "GET /v1/models") return { kind: "whole", status: 200, headers: { ...HEADERS }, body: JSON.stringify({ data: [{ id: "jina-reranker-v2-base-multilingual" }, { id: "jina-embeddings-v3" }] }) };
  if (route !== "POST /v1/rerank" && route !== "POST /v1/embeddings") return refusal(404, "Not Found");
  if (!isObject(request.json)) return wrong("body", "JSON decode error", "json_invalid");
  return route === "POST /v1/rerank" ? rerank(request, request.json) : embeddings(request, request.json);
}

function fail(_request: Received, failure: Failure): TextAnswer {
  if (failure.kind === "bad-key") return refusal(401, failure.message ?? "Invalid API key");
  if (failure.kind === "no-balance") return refusal(failure.status || 403, failure.message ?? "Insufficient account balance. Please recharge your account.");
  const usual = failure.status === 429 ? "Rate limit exceeded" : failure.status >= 500 ? "Internal Server Error" : "Bad Request";
  const answered = refusal(failure.status, failure.message ?? usual);
  if (failure.retryAfter !== undefined) answered.headers["retry-after"] = String(failure.retryAfter);
  return answered;
}

/** Jina on its own wire. */
export const jina: Vendor = {
  name: "jina",
  routes: ["POST /v1/rerank", "POST /v1/embeddings", "GET /v1/models"],
  credentialOf,
  answer,
  fail,
  // Nothing of it is a stream.
  errorFrame: (request, failure) => fail(request, failure).body,
};
