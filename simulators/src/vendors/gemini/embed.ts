/** `:embedContent` and `:batchEmbedContents` (API reference, Embeddings; SDK: EmbedContentResponse, on the wire with EmbeddingUsageMetadata). */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { countTokens } from "../../kit/tokens.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { vectorOf } from "../../kit/vectors.ts";
import { GEMINI_HEADERS, geminiRefusal } from "./errors.ts";
import { embeds, modelExists, unknownModel } from "./models.ts";

/** Bounds of the API reference: requests in a batch, and the longest vector. */
const BATCH_MAX = 100;
const LENGTH = 3072;
const TASKS = new Set([
  "TASK_TYPE_UNSPECIFIED", "RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY", "CLASSIFICATION", "CLUSTERING", "QUESTION_ANSWERING", "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY",
]);

/** One request of a batch, understood. */
interface Wanted {
  text: string;
  length: number;
}

/** Takes one request, its place in the error texts and the address's model; gives it understood, or the error text. */
function read(item: unknown, at: string, model: string): Wanted | string {
  const request = asObject(item);
  const named = asText(request["model"]);
  if (at !== "" && named === "") return `* BatchEmbedContentsRequest.${at}model: unexpected model name format\n`;
  if (named !== "" && named !== `models/${model}`) return `* BatchEmbedContentsRequest.${at}model: model must match the model in the request\n`;
  const content = request["content"];
  const parts = asList(asObject(content)["parts"]);
  if (!isObject(content) || parts.length === 0) return "* EmbedContentRequest.content: contents is not specified\n";
  const task = request["taskType"] ?? request["task_type"];
  if (task !== undefined && !TASKS.has(asText(task))) return `Invalid value at '${at}task_type' (type.googleapis.com/google.ai.generativelanguage.v1beta.TaskType), ${JSON.stringify(task)}`;
  const length = asNumber(request["outputDimensionality"] ?? request["output_dimensionality"]) ?? LENGTH;
  if (length < 1 || length > LENGTH || !Number.isInteger(length)) return "* EmbedContentRequest.output_dimensionality: output_dimensionality must be within the supported range\n";
  const text = parts.map((part) => asText(asObject(part)["text"])).join("\n");
  return text === "" ? "* EmbedContentRequest.content: contents is empty\n" : { text: task === undefined ? text : `${asText(task)} ${text}`, length };
}

function usageOf(request: Received, wanted: Wanted[]): JsonObject | undefined {
  if (request.faults.has("no-usage")) return undefined;
  const tokens = request.faults.has("usage-zero") ? 0 : wanted.reduce((sum, one) => sum + countTokens(one.text), 0);
  return { promptTokenCount: tokens, promptTokenDetails: [{ modality: "TEXT", tokenCount: tokens }] };
}

function answer(request: Received, model: string, items: unknown[], shape: (embeddings: JsonObject[]) => JsonObject, at: (index: number) => string): Answer {
  const wanted: Wanted[] = [];
  for (const [index, item] of items.entries()) {
    const one = read(item, at(index), model);
    if (typeof one === "string") return geminiRefusal(400, one);
    wanted.push(one);
  }
  const usage = usageOf(request, wanted);
  const body = { ...shape(wanted.map(({ text, length }) => ({ values: vectorOf(text, length, "gemini") }))), ...(usage ? { usageMetadata: usage } : {}) };
  return { kind: "whole", status: 200, headers: { ...GEMINI_HEADERS }, body: `${JSON.stringify(body, null, 2)}\n`, model, ...(usage ? { usage } : {}) };
}

/** Takes a request, its model and the API version; gives one embedding. */
export function embedContent(request: Received, model: string, version: string): Answer {
  if (request.json === undefined) return geminiRefusal(400, "Invalid JSON payload received.");
  if (!modelExists(model) || !embeds(model)) return unknownModel(model, version, "embedContent");
  return answer(request, model, [request.json], ([embedding]) => ({ embedding }), () => "");
}

/** Takes a request, its model and the API version; gives an embedding for each of its requests. */
export function batchEmbedContents(request: Received, model: string, version: string): Answer {
  if (request.json === undefined) return geminiRefusal(400, "Invalid JSON payload received.");
  if (!modelExists(model) || !embeds(model)) return unknownModel(model, version, "batchEmbedContents");
  const requests = asList(asObject(request.json)["requests"]);
  if (requests.length === 0) return geminiRefusal(400, "* BatchEmbedContentsRequest.requests: requests is not specified\n");
  if (requests.length > BATCH_MAX) return geminiRefusal(400, `* BatchEmbedContentsRequest.requests: at most ${BATCH_MAX} requests can be in one batch\n`);
  return answer(request, model, requests, (embeddings) => ({ embeddings }), (index) => `requests[${index}].`);
}
