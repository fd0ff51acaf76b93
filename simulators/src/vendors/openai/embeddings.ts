/** `POST /v1/embeddings` (openai SDK: EmbeddingCreateParams, CreateEmbeddingResponse). */
import { asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { countTokens } from "../../kit/tokens.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { vectorOf } from "../../kit/vectors.ts";
import { range } from "./check.ts";
import { invalid, openAiHeaders, openAiRefusal, type OpenAiError } from "./errors.ts";
import { embeds, modelExists, unknownModel } from "./models.ts";

/** Bounds of the API reference: entries of a list, and tokens of one entry. */
const INPUTS_MAX = 2048;
const TOKENS_MAX = 8192;
/** Length of a vector unless `dimensions` says otherwise. */
const lengthOf = (model: string): number => (model.includes("-large") ? 3072 : 1536);

/** One entry as text for the vector, with its tokens: ids count as themselves. */
interface Entry {
  text: string;
  tokens: number;
}

function entryOf(item: unknown): Entry | undefined {
  if (typeof item === "string") return { text: item, tokens: countTokens(item) };
  if (!Array.isArray(item) || !item.every((id) => Number.isSafeInteger(id))) return undefined;
  return { text: `ids ${item.join(" ")}`, tokens: item.length };
}

function entriesOf(input: unknown): Entry[] | OpenAiError {
  if (input === undefined) return invalid("Missing required parameter: 'input'.", "input", "missing_required_parameter");
  const list = Array.isArray(input) && typeof input[0] !== "number" ? (input as unknown[]) : [input];
  if (list.length > INPUTS_MAX)
    return invalid(`Invalid 'input': array too long. Expected an array with maximum length ${INPUTS_MAX}, but got an array with length ${list.length} instead.`, "input", "array_above_max_length");
  const entries: Entry[] = [];
  for (const [index, item] of list.entries()) {
    const entry = entryOf(item);
    if (!entry || entry.tokens === 0) return invalid("'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.", null);
    if (entry.tokens > TOKENS_MAX)
      return invalid(`Invalid 'input[${index}]': maximum context length is ${TOKENS_MAX} tokens, however you requested ${entry.tokens} tokens.`, "input");
    entries.push(entry);
  }
  return entries.length > 0 ? entries : invalid("'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.", null);
}

const base64 = (vector: number[]): string => Buffer.from(Float32Array.from(vector).buffer).toString("base64");

/** Takes a request; gives the embeddings, as numbers or as base64 of little-endian float32. */
export function createEmbeddings(request: Received): Answer {
  const body = asObject(request.json);
  const refuse = (error: OpenAiError): Answer => openAiRefusal(request, 400, error);
  if (request.json === undefined) return refuse(invalid("We could not parse the JSON body of your request.", null));
  const model = asText(body["model"]);
  if (model === "") return refuse(invalid("you must provide a model parameter", null));
  const entries = entriesOf(body["input"]);
  if (!Array.isArray(entries)) return refuse(entries);
  const format = body["encoding_format"] ?? "float";
  if (format !== "float" && format !== "base64")
    return refuse(invalid(`Invalid value: '${asText(format)}'. Supported values are: 'float' and 'base64'.`, "encoding_format", "invalid_value"));
  const length = lengthOf(model);
  const bounds = range(body, "dimensions", 1, length, "integer");
  if (bounds) return refuse(bounds);
  if (!modelExists(model) || /not-exist|nonexist|unknown/.test(model)) return unknownModel(request, model);
  if (!embeds(model)) return openAiRefusal(request, 403, invalid("You are not allowed to generate embeddings from this model", null));
  if (body["dimensions"] !== undefined && model.includes("ada"))
    return refuse(invalid("This model does not support specifying dimensions.", null));
  const tokens = entries.reduce((sum, entry) => sum + entry.tokens, 0);
  const count = request.faults.has("usage-zero") ? 0 : tokens;
  const usage: JsonObject | undefined = request.faults.has("no-usage") ? undefined : { prompt_tokens: count, total_tokens: count };
  const answer = {
    object: "list",
    data: entries.map(({ text }, index) => {
      const vector = vectorOf(text, asNumber(body["dimensions"]) ?? length, "openai");
      return { object: "embedding", index, embedding: format === "base64" ? base64(vector) : vector };
    }),
    model,
    ...(usage ? { usage } : {}),
  };
  return { kind: "whole", status: 200, headers: openAiHeaders(request), body: JSON.stringify(answer), model, ...(usage ? { usage } : {}) };
}
