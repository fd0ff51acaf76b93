import { parseShallow } from "../canonical/depth.ts";
import type { AnswerFacts, CallFacts, Dialect, Endpoint, PreparedRequest, RenderedError } from "../canonical/dialect.ts";
import { eachString } from "../canonical/event-text.ts";
import { objectOf, readCount, readFlag, readModel, requireList, textOf } from "../canonical/fields.ts";
import { SEAL_MARK } from "../canonical/foreign-seal.ts";
import { applyEdits, type JsonEdit, type JsonScan } from "../canonical/json-scan.ts";
import { estimatePromptTokens, TokenEstimate } from "../canonical/token-estimate.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { AnthropicMeter } from "./meter.ts";
import { withoutForeignBlocks } from "./seals.ts";
import { AnthropicUsage } from "./usage.ts";

/** HTTP status for "overloaded" where Anthropic's SDK and Claude Code expect it. */
const OVERLOADED_STATUS = 529;

/** Anthropic messages: https://docs.anthropic.com/en/api/messages (types of `@anthropic-ai/sdk` 0.x and 1.x). */
export const anthropicMessages: Dialect = {
  id: "anthropic-messages",
  endsByClosing: false,

  readRequest(scan: JsonScan, endpoint: Endpoint): CallFacts {
    const model = readModel(scan);
    requireList(scan, "messages");
    const maxOutputTokens = endpoint.billable ? readCount(scan, "max_tokens") : undefined;
    if (endpoint.billable && maxOutputTokens === undefined)
      throw new GatewayError("invalidRequest", { publicText: "max_tokens: Field required", param: "max_tokens" });
    return { model, stream: endpoint.billable && readFlag(scan, "stream"), promptTokens: estimatePromptTokens(scan), maxOutputTokens, choices: 1 };
  },

  prepare(scan: JsonScan, _endpoint: Endpoint, upstreamModel: string): PreparedRequest {
    const model = scan.member("model");
    const mapped = model && scan.value("model") !== upstreamModel;
    const edits: JsonEdit[] = mapped ? [{ start: model.start, end: model.end, text: JSON.stringify(upstreamModel) }] : [];
    const messages = scan.member("messages");
    // A conversation that began with another vendor's model holds its thinking; everything else passes byte for byte.
    if (messages && scan.bytes.includes(`"${SEAL_MARK}`, messages.start)) {
      const kept = withoutForeignBlocks(scan.value("messages"));
      if (kept) edits.push({ start: messages.start, end: messages.end, text: JSON.stringify(kept) });
    }
    return { body: applyEdits(scan.bytes, edits), hideUsage: false };
  },

  readAnswer(body: Buffer): AnswerFacts {
    const message = objectOf(parseShallow(body.toString("utf8")));
    const reported = new AnthropicUsage();
    reported.merge(message["usage"]);
    const failure = message["type"] === "error" ? textOf(objectOf(message["error"])["message"], "an error inside a 200 answer") : message["content"] === undefined ? "the answer is no message" : undefined;
    if (failure !== undefined) return { usage: reported.hasInput ? reported.classes() : undefined, deliveredTokens: 0, error: failure };
    const estimate = new TokenEstimate();
    const text = Buffer.from(JSON.stringify(message["content"])).toString("latin1");
    for (const member of ['"text"', '"thinking"']) eachString(text, member, (from, to) => estimate.add(text, from, to));
    if (reported.hasInput && !(reported.outputTokens === 0 && estimate.tokens > 0)) return { usage: reported.classes(), deliveredTokens: estimate.tokens, parsed: message };
    return { usage: undefined, deliveredTokens: estimate.tokens };
  },

  meter: () => new AnthropicMeter(),

  renderError(error: GatewayError, requestId: string): RenderedError {
    const status = error.kind.anthropicType === "overloaded_error" ? OVERLOADED_STATUS : error.kind.status;
    return { status, body: JSON.stringify(errorBody(error, requestId)) };
  },

  keepAlive: () => 'event: ping\ndata: {"type": "ping"}\n\n',

  renderStreamError(error: GatewayError, requestId: string): string {
    return `event: error\ndata: ${JSON.stringify(errorBody(error, requestId))}\n\n`;
  },
};

/** What SDKs read of it: they then go on with the whole conversation in every request (SDK, lib/threads). */
const UNTHREADED = { error_code: "thread_unsupported_request", unsupported: ["model"] };

function errorBody(error: GatewayError, requestId: string): Record<string, unknown> {
  return {
    type: "error",
    error: { type: error.kind.anthropicType, message: `${error.publicText} (request id: ${requestId})`, ...(error.gatewayErrorName === "threadUnsupported" ? { details: UNTHREADED } : {}) },
    request_id: requestId,
  };
}
