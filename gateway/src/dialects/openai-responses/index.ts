import { parseShallow } from "../canonical/depth.ts";
import type { AnswerFacts, CallFacts, Dialect, Endpoint, PreparedRequest } from "../canonical/dialect.ts";
import { eachString } from "../canonical/event-text.ts";
import { objectOf, readCount, readFlag, readModel, refuseTwice } from "../canonical/fields.ts";
import { SEAL_MARK, unpackSeal } from "../canonical/foreign-seal.ts";
import { applyEdits, type JsonEdit, type JsonScan } from "../canonical/json-scan.ts";
import { openaiError, renderOpenAIError } from "../canonical/openai-error.ts";
import { estimatePromptTokens, TokenEstimate } from "../canonical/token-estimate.ts";
import { completionTokens } from "../canonical/usage.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { failureEvents, failureText } from "./failure.ts";
import { OpenAIResponsesMeter } from "./meter.ts";
import { countWebSearches, readResponsesUsage } from "./usage.ts";

/** Members whose text the model produced, in the items of an answer. */
const TEXT_MEMBERS = ['"text"', '"refusal"', '"arguments"', '"input"', '"code"'];
/** A stream's error follows events whose numbers we did not count; clients only compare them. */
const LATE_SEQUENCE = 1_000_000;
/** Members that can stand instead of `input`: the conversation is kept elsewhere. */
const INPUT_ELSEWHERE = ["prompt", "previous_response_id", "conversation"];

/** OpenAI Responses: https://platform.openai.com/docs/api-reference/responses (types of the `openai` SDK, `resources/responses`). */
export const openaiResponses: Dialect = {
  id: "openai-responses",
  endsByClosing: false,

  readRequest(scan: JsonScan, endpoint: Endpoint): CallFacts {
    const model = readModel(scan);
    requireInput(scan);
    return {
      model,
      stream: endpoint.billable && readFlag(scan, "stream"),
      promptTokens: estimatePromptTokens(scan),
      maxOutputTokens: readCount(scan, "max_output_tokens"),
      choices: 1,
    };
  },

  prepare(scan: JsonScan, _endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    const edits: JsonEdit[] = [];
    const model = scan.member("model");
    if (model && scan.value("model") !== upstreamModel) edits.push({ start: model.start, end: model.end, text: JSON.stringify(upstreamModel) });
    const seals = sealEdit(scan);
    if (seals) edits.push(seals);
    return { body: applyEdits(scan.bytes, edits), hideUsage: false };
  },

  readAnswer(body: Buffer): AnswerFacts {
    const answer = objectOf(parseShallow(body.toString("utf8")));
    const failure = answer["error"];
    if (failure !== undefined && failure !== null) return { usage: readResponsesUsage(answer["usage"])?.usage, deliveredTokens: 0, error: failureText(failure) };
    if (!Array.isArray(answer["output"])) return { usage: undefined, deliveredTokens: 0, error: "the answer is no response" };
    const report = readResponsesUsage(answer["usage"], countWebSearches(answer["output"]));
    if (report && completionTokens(report.usage) > 0) return { ...report, deliveredTokens: 0, parsed: answer };
    const estimate = new TokenEstimate();
    const text = Buffer.from(JSON.stringify(answer["output"])).toString("latin1");
    for (const member of TEXT_MEMBERS) eachString(text, member, (from, to) => estimate.add(text, from, to));
    if (report && estimate.tokens === 0) return { ...report, deliveredTokens: 0 };
    return { usage: undefined, deliveredTokens: estimate.tokens };
  },

  meter: () => new OpenAIResponsesMeter(),

  renderError: renderOpenAIError,

  keepAlive: () => ": keep-alive\n\n",

  renderStreamError(error: GatewayError, requestId: string): string {
    const response = { id: `resp_${requestId.replaceAll("-", "")}`, object: "response", created_at: 0, model: "", output: [], incomplete_details: null, usage: null };
    return failureEvents(response, openaiError(error, requestId), LATE_SEQUENCE);
  },
};

/**
 * A conversation may have begun with another vendor's model, whose sealed reasoning is in our envelopes: OpenAI cannot open them and refuses the whole request, so those
 * items are left out. All other requests pass byte for byte.
 */
function sealEdit(scan: JsonScan): JsonEdit | undefined {
  const input = scan.member("input");
  if (!input || scan.type("input") !== "array" || !scan.bytes.includes(`"${SEAL_MARK}`, input.start)) return undefined;
  const items = scan.value("input");
  if (!Array.isArray(items)) return undefined;
  const kept = items.filter((item) => {
    const sealed = objectOf(item)["encrypted_content"];
    return typeof sealed !== "string" || unpackSeal(sealed) === undefined;
  });
  return { start: input.start, end: input.end, text: JSON.stringify(kept) };
}

function requireInput(scan: JsonScan): void {
  refuseTwice(scan, "input");
  const type = scan.type("input");
  if (type === "string" || type === "array") return;
  if (type !== undefined && type !== "null") throw new GatewayError("invalidRequest", { publicText: '"input" must be a text or a list.', param: "input" });
  if (INPUT_ELSEWHERE.some((name) => ![undefined, "null"].includes(scan.type(name)))) return;
  throw new GatewayError("invalidRequest", { publicText: '"input" is missing.', param: "input" });
}
