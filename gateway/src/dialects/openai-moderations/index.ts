import { objectOf, parseJson, readModel, refuseTwice, textOf } from "../canonical/fields.ts";
import type { AnswerFacts, CallFacts, Dialect, Endpoint, PreparedRequest } from "../canonical/dialect.ts";
import { applyEdits, type JsonScan } from "../canonical/json-scan.ts";
import { modelEdit } from "../canonical/model-edit.ts";
import { renderOpenAIError, renderOpenAIStreamError } from "../canonical/openai-error.ts";
import { readOpenAIUsage } from "../canonical/openai-usage.ts";
import { estimatePromptTokens } from "../canonical/token-estimate.ts";
import { entriesAtMost } from "../canonical/token-ids.ts";
import { fault } from "../canonical/wire-fields.ts";
import { WHOLE_ONLY } from "../canonical/whole-only.ts";

/** What OpenAI judges with when the caller names no model (SDK, ModerationCreateParams.model); the text-moderation models were shut down in October 2025. */
const DEFAULT_MODEL = "omni-moderation-latest";

/** OpenAI moderations: https://platform.openai.com/docs/api-reference/moderations (types of the `openai` SDK). Answers are small, and free at OpenAI, which reports no usage. */
export const openaiModerations: Dialect = {
  ...WHOLE_ONLY,
  id: "openai-moderations",

  readRequest(scan: JsonScan): CallFacts {
    const model = ["null", undefined].includes(scan.type("model")) ? DEFAULT_MODEL : readModel(scan);
    refuseTwice(scan, "model");
    refuseTwice(scan, "input");
    const type = scan.type("input");
    if (type === undefined || type === "null") throw fault("input", '"input" is missing.');
    if (type !== "string" && type !== "array") throw fault("input", '"input" must be a text or a list.');
    return { model, stream: false, promptTokens: estimatePromptTokens(scan), maxOutputTokens: undefined, choices: 1, inputs: entriesAtMost(scan, "input") };
  },

  prepare(scan: JsonScan, _endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    return { body: applyEdits(scan.bytes, modelEdit(scan, upstreamModel)), hideUsage: false };
  },

  readAnswer(body: Buffer): AnswerFacts {
    const answer = objectOf(parseJson(body.toString("utf8")));
    const failure = answer["error"];
    if (failure !== undefined && failure !== null) return { usage: undefined, deliveredTokens: 0, error: textOf(objectOf(failure)["message"], "an error inside a 200 answer") };
    if (!Array.isArray(answer["results"])) return { usage: undefined, deliveredTokens: 0, error: "the answer has no results" };
    return { usage: readOpenAIUsage(answer["usage"])?.usage, deliveredTokens: 0 };
  },

  renderError: renderOpenAIError,
  renderStreamError: renderOpenAIStreamError,
};
