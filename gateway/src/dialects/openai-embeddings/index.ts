import { answerFault, lastObject } from "../canonical/answer-tail.ts";
import type { AnswerFacts, CallFacts, Dialect, Endpoint, PreparedRequest } from "../canonical/dialect.ts";
import { readModel, refuseTwice } from "../canonical/fields.ts";
import { applyEdits, type JsonScan } from "../canonical/json-scan.ts";
import { modelEdit } from "../canonical/model-edit.ts";
import { renderOpenAIError, renderOpenAIStreamError } from "../canonical/openai-error.ts";
import { entriesAtMost, estimateTextOrIds } from "../canonical/token-ids.ts";
import { fault } from "../canonical/wire-fields.ts";
import { WHOLE_ONLY } from "../canonical/whole-only.ts";
import { readEmbeddingsUsage } from "./usage.ts";

/** OpenAI embeddings: https://platform.openai.com/docs/api-reference/embeddings (types of the `openai` SDK). With `engines/{model}` in the address the model stands there. */
export const openaiEmbeddings: Dialect = {
  ...WHOLE_ONLY,
  id: "openai-embeddings",

  readRequest(scan: JsonScan, endpoint: Endpoint): CallFacts {
    refuseTwice(scan, "model");
    const model = endpoint.model ?? readModel(scan);
    requireInput(scan);
    return { model, stream: false, promptTokens: estimateTextOrIds(scan, "input"), maxOutputTokens: undefined, choices: 1, inputs: entriesAtMost(scan, "input"), textOnly: true };
  },

  prepare(scan: JsonScan, _endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    return { body: applyEdits(scan.bytes, modelEdit(scan, upstreamModel)), hideUsage: false };
  },

  readAnswer(body: Buffer): AnswerFacts {
    return answerFault(body, '"data"') ?? { usage: readEmbeddingsUsage(lastObject(body, '"usage"')), deliveredTokens: 0 };
  },

  renderError: renderOpenAIError,
  renderStreamError: renderOpenAIStreamError,
};

function requireInput(scan: JsonScan): void {
  refuseTwice(scan, "input");
  const type = scan.type("input");
  if (type === undefined || type === "null") throw fault("input", '"input" is missing.');
  if (type !== "string" && type !== "array") throw fault("input", '"input" must be a text, a list of texts, or token ids.');
  if (/^(\[\s*\]|"")$/.test(beginning(scan))) throw fault("input", '"input" is empty.');
}

/** The first bytes of the input, enough to tell what it is. */
function beginning(scan: JsonScan): string {
  const input = scan.member("input");
  return input ? scan.bytes.toString("latin1", input.start, Math.min(input.end, input.start + 64)) : "";
}
