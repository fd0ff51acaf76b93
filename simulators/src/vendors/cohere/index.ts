/** Cohere: rerank, by its first and second API, and models (https://docs.cohere.com/reference/rerank). */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { rank } from "../../kit/rerank.ts";
import type { Answer, Failure, Received, Vendor, TextAnswer } from "../../kit/vendor.ts";

/** Documents that one search unit covers, and at most in a request (reference and pricing page). */
const DOCUMENTS_PER_UNIT = 100;
const DOCUMENTS_MAX = 1000;

const credentialOf = (headers: Headers): string => (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");

function refusal(request: Received, status: number, message: string): TextAnswer {
  return { kind: "whole", status, headers: { "content-type": "application/json" }, body: JSON.stringify({ id: request.ids.hex(32), message }) };
}

/** The first API takes objects, of which `text` or the fields named in `rank_fields` count; the second takes texts. */
function textOf(document: unknown, fields: string[]): string | undefined {
  if (typeof document === "string") return document;
  if (!isObject(document)) return undefined;
  return (fields.length > 0 ? fields : ["text"]).map((name) => asText(document[name])).join("\n");
}

function rerank(request: Received): Answer {
  if (request.json === undefined) return refusal(request, 400, "invalid json syntax: unexpected end of JSON input");
  const body = asObject(request.json);
  const model = asText(body["model"]);
  const first = request.path.startsWith("/v1/");
  if (model === "") return refusal(request, 400, "invalid request: model is required");
  if (asText(body["query"]) === "") return refusal(request, 400, "invalid request: query must not be empty");
  const documents = asList(body["documents"]).map((document) => (first || typeof document === "string" ? textOf(document, asList(body["rank_fields"]).map(asText)) : undefined));
  if (documents.length === 0) return refusal(request, 400, "invalid request: list of documents must not be empty");
  if (documents.length > DOCUMENTS_MAX) return refusal(request, 400, `too many documents: max ${DOCUMENTS_MAX}, got ${documents.length}`);
  if (!documents.every((text) => text !== undefined)) return refusal(request, 400, "invalid request: documents must be a list of strings");
  if (!model.startsWith("rerank-") || /not-exist|nonexist|unknown/.test(model)) return refusal(request, 404, `model '${model}' not found, make sure the correct model ID was used and that you have access to the model.`);
  const results = rank(asText(body["query"]), documents, asNumber(body["top_n"]) ?? documents.length, "cohere");
  const withDocuments = first && body["return_documents"] === true;
  const units = { search_units: request.faults.has("usage-zero") ? 0 : Math.ceil(documents.length / DOCUMENTS_PER_UNIT) };
  const usage: JsonObject | undefined = request.faults.has("no-usage") ? undefined : units;
  const answer = {
    id: request.ids.hex(32),
    results: results.map(({ index, score }) => ({ index, relevance_score: score, ...(withDocuments ? { document: { text: documents[index] } } : {}) })),
    meta: { api_version: { version: first ? "1" : "2" }, ...(usage ? { billed_units: usage } : {}) },
  };
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer), model, ...(usage ? { usage } : {}) };
}

function answer(request: Received): Answer {
  const key = credentialOf(request.headers);
  if (key === "") return refusal(request, 401, "no api key supplied");
  if (!/^[\w-]{6,}$/.test(key)) return refusal(request, 401, "invalid api token");
  if (request.method === "POST" && /^\/v[12]\/rerank$/.test(request.path)) return rerank(request);
  if (request.method === "GET" && request.path === "/v1/models")
    return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ models: ["rerank-v3.5", "rerank-v4.0-fast", "rerank-v4.0-pro"].map((name) => ({ name, endpoints: ["rerank"] })) }) };
  return refusal(request, 404, "");
}

function fail(request: Received, failure: Failure): TextAnswer {
  if (failure.kind === "bad-key") return refusal(request, 401, failure.message ?? "invalid api token");
  if (failure.kind === "no-balance") return refusal(request, failure.status || 429, failure.message ?? "You are using a Trial key, which is limited to 1000 API calls / month. You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits.");
  const usual = failure.status === 429 ? "too many requests" : failure.status >= 500 ? "internal server error" : "invalid request";
  const answered = refusal(request, failure.status, failure.message ?? usual);
  if (failure.retryAfter !== undefined) answered.headers["retry-after"] = String(failure.retryAfter);
  return answered;
}

/** Cohere on its own wire. */
export const cohere: Vendor = {
  name: "cohere",
  routes: ["POST /v1/rerank", "POST /v2/rerank", "GET /v1/models"],
  credentialOf,
  answer,
  fail,
  // Nothing of it is a stream.
  errorFrame: (request, failure) => fail(request, failure).body,
};
