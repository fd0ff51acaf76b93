import { parseShallow } from "../canonical/depth.ts";
import type { AnswerFacts, CallFacts, Dialect, Endpoint, PreparedRequest } from "../canonical/dialect.ts";
import { limitChoices, objectOf, readCount, readFlag, readModel, refuseTwice, textOf } from "../canonical/fields.ts";
import { applyEdits, type JsonEdit, type JsonScan } from "../canonical/json-scan.ts";
import { modelEdit } from "../canonical/model-edit.ts";
import { renderOpenAIError, renderOpenAIStreamError } from "../canonical/openai-error.ts";
import { OpenAIMeter } from "../canonical/openai-meter.ts";
import { readOpenAIUsage } from "../canonical/openai-usage.ts";
import { streamUsageEdit } from "../canonical/stream-usage-edit.ts";
import { TokenEstimate } from "../canonical/token-estimate.ts";
import { entriesAtMost, estimateTextOrIds } from "../canonical/token-ids.ts";
import { completionTokens } from "../canonical/usage.ts";
import { fault } from "../canonical/wire-fields.ts";

/** OpenAI's completions of plain prompts: https://platform.openai.com/docs/api-reference/completions (types of the `openai` SDK). */
export const openaiCompletions: Dialect = {
  id: "openai-completions",
  endsByClosing: false,

  readRequest(scan: JsonScan): CallFacts {
    const model = readModel(scan);
    for (const name of ["prompt", "n", "best_of"]) refuseTwice(scan, name);
    const type = scan.type("prompt");
    if (type !== undefined && !["string", "array", "null"].includes(type)) throw fault("prompt", '"prompt" must be a text or a list.');
    // Of `best_of` completions all are made, and paid.
    const prompts = entriesAtMost(scan, "prompt");
    const each = Math.max(limitChoices(readCount(scan, "n"), "n"), limitChoices(readCount(scan, "best_of"), "best_of"));
    return {
      model,
      stream: readFlag(scan, "stream"),
      promptTokens: estimateTextOrIds(scan, "prompt"),
      maxOutputTokens: readCount(scan, "max_tokens"),
      choices: each * prompts,
      inputs: prompts,
      textOnly: true,
    };
  },

  prepare(scan: JsonScan, _endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    const edits: JsonEdit[] = modelEdit(scan, upstreamModel);
    const asks = streamUsageEdit(scan);
    if (asks) edits.push(asks);
    return { body: applyEdits(scan.bytes, edits), hideUsage: asks !== undefined };
  },

  readAnswer(body: Buffer): AnswerFacts {
    const answer = objectOf(parseShallow(body.toString("utf8")));
    const fail = (error: string): AnswerFacts => ({ usage: undefined, deliveredTokens: 0, error });
    const failure = answer["error"];
    if (failure !== undefined && failure !== null) return fail(textOf(objectOf(failure)["message"], "an error inside a 200 answer"));
    if (!Array.isArray(answer["choices"])) return fail("the answer has no choices");
    const report = readOpenAIUsage(answer["usage"]);
    if (report && completionTokens(report.usage) > 0) return { ...report, deliveredTokens: 0, parsed: answer };
    const estimate = new TokenEstimate();
    for (const choice of answer["choices"]) {
      const text = Buffer.from(textOf(objectOf(choice)["text"], "")).toString("latin1");
      estimate.add(text, 0, text.length);
    }
    if (report && estimate.tokens === 0) return { ...report, deliveredTokens: 0 };
    return { usage: undefined, deliveredTokens: estimate.tokens };
  },

  meter: () => new OpenAIMeter(['"text"']),
  renderError: renderOpenAIError,
  keepAlive: () => ": keep-alive\n\n",
  renderStreamError: renderOpenAIStreamError,
};
