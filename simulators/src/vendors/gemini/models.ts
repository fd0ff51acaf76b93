/** `GET models` and `GET models/{m}` (SDK: Model; on the wire `supportedGenerationMethods`; pages by pageSize and pageToken). */
import type { JsonObject } from "../../kit/json.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { GEMINI_HEADERS, geminiRefusal } from "./errors.ts";

const LISTED = [
  "gemini-3.5-flash",
  "gemini-3.5-flash-lite",
  "gemini-3.1-pro-preview",
  "gemini-3-flash-preview",
  "gemini-2.5-pro",
  "gemini-2.5-flash",
  "gemini-2.5-flash-lite",
  "gemini-2.0-flash",
  "gemini-embedding-001",
  "gemini-embedding-2",
];
/** Models on a page without `pageSize`, and at most (API reference, models.list). */
const PAGE = 50;
const PAGE_MAX = 1000;

/** Takes a model id; tells whether it exists here: any Gemini or Gemma does, unless its name says that it does not. */
export const modelExists = (id: string): boolean =>
  /^(gemini-|gemma-|learnlm-)/.test(id) && !/not-exist|nonexist|unknown/.test(id);

/** Takes a model id; tells whether it makes embeddings, and nothing else. */
export const embeds = (id: string): boolean => id.startsWith("gemini-embedding-");

/** Takes a model id; tells whether it thinks unless told not to. */
export const thinks = (id: string): boolean => /^gemini-(2\.5|3)/.test(id) && !id.includes("-image");

/** Takes a model id and API version; gives the 404 for a model that does not exist. */
export const unknownModel = (id: string, version: string, method = "generateContent"): WholeAnswer =>
  geminiRefusal(
    404,
    `models/${id} is not found for API version ${version}, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
  );

const describe = (id: string): JsonObject => ({
  name: `models/${id}`,
  version: "001",
  displayName: id
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" "),
  description: "A model played by the sandbox",
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: embeds(id)
    ? ["embedContent", "countTextTokens", "countTokens", "asyncBatchEmbedContent"]
    : ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"],
  temperature: 1,
  topP: 0.95,
  topK: 64,
  maxTemperature: 2,
  ...(thinks(id) ? { thinking: true } : {}),
});

/** Takes a request, the id in its path ("" for the list) and the API version; gives the answer. */
export function models(request: Received, id: string, version: string): WholeAnswer {
  const answer = (body: JsonObject): WholeAnswer => ({
    kind: "whole",
    status: 200,
    headers: { ...GEMINI_HEADERS },
    body: `${JSON.stringify(body, null, 2)}\n`,
  });
  if (id !== "") return modelExists(id) ? answer(describe(id)) : unknownModel(id, version);
  const size = Math.min(Number(request.query.get("pageSize") ?? PAGE) || PAGE, PAGE_MAX);
  const from = Number(request.query.get("pageToken") ?? 0) || 0;
  const next = from + size;
  return answer({
    models: LISTED.slice(from, next).map(describe),
    ...(next < LISTED.length ? { nextPageToken: String(next) } : {}),
  });
}
