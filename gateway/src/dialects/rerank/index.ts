import type { GatewayError } from "../../errors/gateway-error.ts";
import { objectOf, parseJson, readCount, readModel, refuseTwice, requireList, textOf } from "../canonical/fields.ts";
import type { AnswerFacts, CallFacts, Dialect, Endpoint, PreparedRequest, RenderedError } from "../canonical/dialect.ts";
import { applyEdits, type JsonScan } from "../canonical/json-scan.ts";
import { modelEdit } from "../canonical/model-edit.ts";
import { openaiError, renderOpenAIStreamError } from "../canonical/openai-error.ts";
import { estimatePromptTokens } from "../canonical/token-estimate.ts";
import { entriesAtMost } from "../canonical/token-ids.ts";
import { tokenCount, type Usage } from "../canonical/usage.ts";
import { fault } from "../canonical/wire-fields.ts";
import { WHOLE_ONLY } from "../canonical/whole-only.ts";

/** Documents that one of Cohere's search units covers (https://cohere.com/pricing). */
const DOCUMENTS_PER_SEARCH = 100;

/**
 * Rerank as Cohere (https://docs.cohere.com/reference/rerank) and Jina (https://api.jina.ai/redoc) have it: `query`, `documents`, `top_n` in, `results` with
 * `index` and `relevance_score` out. They differ in what they report: Cohere search units, Jina tokens.
 */
export const rerank: Dialect = {
  ...WHOLE_ONLY,
  id: "rerank",

  readRequest(scan: JsonScan): CallFacts {
    const model = readModel(scan);
    for (const name of ["query", "documents"]) refuseTwice(scan, name);
    const query = scan.type("query");
    if (query === undefined || query === "null") throw fault("query", '"query" is missing.');
    // Jina's multimodal rerankers take an object with an image.
    if (query !== "string" && query !== "object") throw fault("query", '"query" must be a text.');
    requireList(scan, "documents");
    readCount(scan, "top_n");
    return { model, stream: false, promptTokens: estimatePromptTokens(scan), maxOutputTokens: undefined, choices: 1, inputs: entriesAtMost(scan, "documents"), units: { rerankSearch: Math.ceil(entriesAtMost(scan, "documents") / DOCUMENTS_PER_SEARCH) } };
  },

  prepare(scan: JsonScan, _endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    return { body: applyEdits(scan.bytes, modelEdit(scan, upstreamModel)), hideUsage: false };
  },

  readAnswer(body: Buffer): AnswerFacts {
    const answer = objectOf(parseJson(body.toString("utf8")));
    const fail = (error: string): AnswerFacts => ({ usage: undefined, deliveredTokens: 0, error });
    if (!Array.isArray(answer["results"])) return fail(textOf(answer["message"] ?? answer["detail"] ?? objectOf(answer["error"])["message"], "the answer has no results"));
    return { usage: readUsage(answer), deliveredTokens: 0 };
  },

  renderError(error: GatewayError, requestId: string): RenderedError {
    const inner = openaiError(error, requestId);
    // Cohere's clients read `message`, others of this endpoint OpenAI's object.
    return { status: error.kind.status, body: JSON.stringify({ id: requestId, message: inner.message, error: inner }) };
  },
  renderStreamError: renderOpenAIStreamError,
};

/** Cohere `meta.billed_units.search_units`, Jina `usage.total_tokens`; servers of this form give either. */
function readUsage(answer: Record<string, unknown>): Usage | undefined {
  const billed = objectOf(objectOf(answer["meta"])["billed_units"]);
  const rerankSearch = tokenCount(billed["search_units"]);
  const report = objectOf(answer["usage"]);
  const input = tokenCount(report["total_tokens"]) || tokenCount(report["prompt_tokens"]) || tokenCount(billed["input_tokens"]);
  if (rerankSearch === 0 && input === 0) return undefined;
  return { ...(input > 0 ? { input } : {}), ...(rerankSearch > 0 ? { rerankSearch } : {}) };
}
