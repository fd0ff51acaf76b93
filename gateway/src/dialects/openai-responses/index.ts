import { parseShallow } from "../canonical/depth.ts";
import type { AnswerFacts, BegunStream, CallFacts, Dialect, Endpoint, PreparedRequest } from "../canonical/dialect.ts";
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
import { drawerOf, drawnIn, expectedCalls, paidCalls } from "./paid-tools.ts";
import { readResponsesUsage } from "./usage.ts";

/** Members whose text the model produced, in the items of an answer. */
const TEXT_MEMBERS = ['"text"', '"refusal"', '"arguments"', '"input"', '"code"'];
/** Members that can stand instead of `input`: the conversation is kept elsewhere. */
const INPUT_ELSEWHERE = ["prompt", "previous_response_id", "conversation"];

/** OpenAI Responses: https://platform.openai.com/docs/api-reference/responses (types of the `openai` SDK, `resources/responses`). */
export const openaiResponses: Dialect = {
  id: "openai-responses",
  endsByClosing: false,

  readRequest(scan: JsonScan, endpoint: Endpoint): CallFacts {
    const model = readModel(scan);
    requireInput(scan);
    const tools = scan.type("tools") === "array" ? scan.value("tools") : undefined;
    const [units, drawer] = tools === undefined ? [{}, undefined] : [expectedCalls(tools), drawerOf(tools)];
    return {
      ...(Object.keys(units).length > 0 ? { units } : {}),
      ...(drawer === undefined ? {} : { drawer }),
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
    const report = readResponsesUsage(answer["usage"], paidCalls(answer["output"], answer["tools"]));
    const drawn = drawnIn(answer);
    const drew = drawn ? { drawn } : {};
    if (report && completionTokens(report.usage) > 0) return { ...report, ...drew, deliveredTokens: 0, parsed: answer };
    const estimate = new TokenEstimate();
    const text = Buffer.from(JSON.stringify(answer["output"])).toString("latin1");
    for (const member of TEXT_MEMBERS) eachString(text, member, (from, to) => estimate.add(text, from, to));
    if (report && estimate.tokens === 0) return { ...report, ...drew, deliveredTokens: 0 };
    return { usage: undefined, ...drew, deliveredTokens: estimate.tokens };
  },

  meter: () => new OpenAIResponsesMeter(),

  renderError: renderOpenAIError,

  keepAlive: () => ": keep-alive\n\n",

  goesOn: true,
  renderStreamError: (error, requestId, _framing, begun) => failureEvents(brokenResponse(requestId, begun), openaiError(error, requestId), nextSequence(begun)),
};

/** The number of the event that follows. */
function nextSequence(begun: BegunStream | undefined): number {
  const last = [...(begun?.latest.matchAll(/"sequence_number": ?(\d+)/g) ?? [])].at(-1)?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

/** The response that breaks off: it has the id that its stream began with (OpenAI's SDK for Python refuses another), and every member that the SDK type demands. */
function brokenResponse(requestId: string, begun: BegunStream | undefined): Record<string, unknown> {
  const { opening = "", model = "" } = begun ?? {};
  const id = /"id": ?"(resp_[\w-]+)"/.exec(opening)?.[1] ?? `resp_${requestId.replaceAll("-", "")}`;
  const created = Number(/"created_at": ?(\d+)/.exec(opening)?.[1] ?? 0);
  return { id, object: "response", created_at: created, model, output: [], parallel_tool_calls: true, tool_choice: "auto", tools: [], incomplete_details: null, instructions: null, metadata: {}, temperature: null, top_p: null, usage: null };
}

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
