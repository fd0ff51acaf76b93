/** AWS Bedrock's Converse and ConverseStream: signed requests (or a Bedrock API key), answers as JSON or as binary frames (SDK: client-bedrock-runtime). */
import { replyTo, type Reply } from "../../kit/brain.ts";
import { asObject, decodePath, parseJson, type JsonObject } from "../../kit/json.ts";
import type { Answer, Failure, Frame, Received, Vendor, WholeAnswer } from "../../kit/vendor.ts";
import { packFrame } from "./frames.ts";
import { faultOfConverse, readConverse, type ConverseRequest } from "./read.ts";
import { faultOfSignature } from "./signature.ts";

/** Lives of cache entries, in ms. */
const FIVE_MINUTES = 300_000;
const HOUR = 3_600_000;
const MODEL = /^\/model\/([^/]+)\/(converse|converse-stream|count-tokens)$/;

const credentialOf = (headers: Headers): string => /Credential=([^/]+)\//.exec(headers.get("authorization") ?? "")?.[1] ?? (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");

const refuse = (status: number, type: string, message: string): WholeAnswer => ({
  kind: "whole",
  status,
  headers: { "content-type": "application/json", "x-amzn-errortype": type, "x-amzn-requestid": "00000000-0000-0000-0000-000000000000" },
  body: JSON.stringify({ message }),
});

const STATUS: Record<number, [string, string]> = {
  400: ["ValidationException", "The request is not valid."],
  403: ["AccessDeniedException", "User is not authorized to perform: bedrock:InvokeModel"],
  404: ["ResourceNotFoundException", "The model could not be found."],
  408: ["ModelTimeoutException", "Model processing timed out."],
  429: ["ThrottlingException", "Too many requests, please wait before trying again."],
  500: ["InternalServerException", "The system encountered an unexpected error during processing. Try your request again."],
  503: ["ServiceUnavailableException", "Bedrock is unable to process your request."],
};

function wordsOf(failure: Failure): [number, string, string] {
  if (failure.kind === "bad-key" || failure.status === 401) return [403, "UnrecognizedClientException", "The security token included in the request is invalid."];
  const status = failure.kind === "no-balance" ? 403 : failure.status;
  const [type, text] = STATUS[status] ?? (status < 500 ? ["ValidationException", "The request is not valid."] : ["InternalServerException", "The system failed."]);
  return [status, type, text];
}

/** Takes a request and what it says; gives how many tokens were read from the cache and written to it. */
function cacheOf(request: Received, { tokens, marked }: ConverseRequest): { read: number; written: number } {
  if (!marked) return { read: 0, written: 0 };
  const key = `bedrock ${Bun.hash(tokens.slice(0, marked.tokens).join(""))}`;
  const known = request.cache.has(key, request.now);
  request.cache.put(key, request.now, marked.hour ? HOUR : FIVE_MINUTES);
  return known ? { read: marked.tokens, written: 0 } : { read: 0, written: marked.tokens };
}

function usageOf(request: Received, understood: ConverseRequest, reply: Reply): JsonObject | undefined {
  if (request.faults.has("no-usage")) return undefined;
  if (request.faults.has("usage-zero")) return { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
  const { read, written } = cacheOf(request, understood);
  const inputTokens = understood.promptTokens - read - written;
  return {
    inputTokens,
    outputTokens: reply.tokens,
    totalTokens: understood.promptTokens + reply.tokens,
    cacheReadInputTokens: read,
    cacheWriteInputTokens: written,
    ...(written > 0 ? { cacheDetails: [{ ttl: understood.marked?.hour ? "1h" : "5m", inputTokens: written }] } : {}),
  };
}

const REASONS: Record<Reply["ending"], string> = { stop: "end_turn", stop_sequence: "stop_sequence", length: "max_tokens", tool_calls: "tool_use" };

function blocksOf(reply: Reply, ids: string[], signature: string): JsonObject[] {
  return [
    ...(reply.thinking.length > 0 ? [{ reasoningContent: { reasoningText: { text: reply.thinking.join(""), signature } } }] : []),
    ...(reply.text.length > 0 ? [{ text: reply.text.join("") }] : []),
    ...reply.calls.map((call, index) => ({ toolUse: { toolUseId: ids[index], name: call.name, input: parseJson(call.pieces.join("")) ?? {} } })),
  ];
}

function* frames(reply: Reply, ids: string[], signature: string, usage: JsonObject | undefined): Generator<Frame> {
  const event = (kind: Frame["kind"], name: string, data: object): Frame => ({ kind, text: `${name}\n${JSON.stringify({ ...data, p: "abcdefghij" })}` });
  yield event("other", "messageStart", { role: "assistant" });
  let contentBlockIndex = 0;
  if (reply.thinking.length > 0) {
    for (const text of reply.thinking) yield event("other", "contentBlockDelta", { contentBlockIndex, delta: { reasoningContent: { text } } });
    yield event("other", "contentBlockDelta", { contentBlockIndex, delta: { reasoningContent: { signature } } });
    yield event("other", "contentBlockStop", { contentBlockIndex: contentBlockIndex++ });
  }
  if (reply.text.length > 0) {
    for (const text of reply.text) yield event("content", "contentBlockDelta", { contentBlockIndex, delta: { text } });
    yield event("other", "contentBlockStop", { contentBlockIndex: contentBlockIndex++ });
  }
  for (const [index, call] of reply.calls.entries()) {
    yield event("other", "contentBlockStart", { contentBlockIndex, start: { toolUse: { toolUseId: ids[index], name: call.name } } });
    for (const input of call.pieces) yield event("content", "contentBlockDelta", { contentBlockIndex, delta: { toolUse: { input } } });
    yield event("other", "contentBlockStop", { contentBlockIndex: contentBlockIndex++ });
  }
  yield event("other", "messageStop", { stopReason: REASONS[reply.ending] });
  yield { ...event("end", "metadata", { ...(usage ? { usage } : {}), metrics: { latencyMs: 12 } }), ...(usage ? { usage: () => usage } : {}) };
}

function converse(request: Received, model: string, stream: boolean): Answer {
  const body = asObject(request.json);
  if (!/^(arn:|((us|eu|apac|global|jp)\.)?[a-z0-9-]+\.)/.test(model) || /not-exist|nonexist|unknown/.test(model)) return refuse(400, "ValidationException", "The provided model identifier is invalid.");
  const fault = faultOfConverse(body);
  if (fault !== undefined) return refuse(400, "ValidationException", fault);
  const understood = readConverse(model, body);
  const reply = replyTo(understood.conversation, 0);
  const ids = reply.calls.map(() => `tooluse_${request.ids.letters(22)}`);
  const signature = Buffer.from(`sandbox:${request.ids.letters(40)}`).toString("base64");
  const usage = usageOf(request, understood, reply);
  if (stream) return { kind: "stream", headers: { "content-type": "application/vnd.amazon.eventstream" }, frames: frames(reply, ids, signature, usage), pack: packFrame, model };
  const answer = { output: { message: { role: "assistant", content: blocksOf(reply, ids, signature) } }, stopReason: REASONS[reply.ending], ...(usage ? { usage } : {}), metrics: { latencyMs: 12 } };
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer), model, tokens: reply.tokens - reply.thinking.length, ...(usage ? { usage } : {}) };
}

/** CountTokens (SDK: CountTokensCommand): models of Anthropic's, by their own names only; profiles over regions are refused like models that nobody counts. */
function countTokens(request: Received, model: string): Answer {
  const { converse: asked } = asObject(asObject(request.json)["input"]);
  if (!model.startsWith("anthropic.claude-")) return refuse(400, "ValidationException", "The provided model doesn't support counting tokens.");
  const body = asObject(asked);
  const extra = Object.keys(body).find((name) => !["messages", "system", "toolConfig", "additionalModelRequestFields"].includes(name));
  if (asked === undefined || extra !== undefined) return refuse(400, "ValidationException", `The request body is not valid${extra === undefined ? "" : `: ${extra}`}.`);
  const fault = faultOfConverse(body);
  if (fault !== undefined) return refuse(400, "ValidationException", fault);
  return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify({ inputTokens: readConverse(model, body).promptTokens }), model };
}

function answer(request: Received): Answer {
  const given = request.headers.get("authorization") ?? "";
  if (!/^Bearer [\w.+/=-]{6,}$/.test(given)) {
    const fault = faultOfSignature(request, "/bedrock");
    if (fault) return refuse(403, ...fault);
  }
  if (request.method === "GET" && request.path === "/async-invoke") return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: '{"asyncInvokeSummaries":[]}' };
  const found = MODEL.exec(request.path);
  if (request.method !== "POST" || !found) return refuse(404, "UnknownOperationException", "");
  const model = decodePath(found[1] ?? "");
  return found[2] === "count-tokens" ? countTokens(request, model) : converse(request, model, found[2] === "converse-stream");
}

/** AWS Bedrock on its own wire. */
export const bedrock: Vendor = {
  name: "bedrock",
  routes: ["POST /model/{model}/converse", "POST /model/{model}/converse-stream", "POST /model/{model}/count-tokens", "GET /async-invoke"],
  credentialOf,
  answer,
  fail(_request, failure) {
    const [status, type, text] = wordsOf(failure);
    const refusal = refuse(status, type, failure.message ?? text);
    if (failure.retryAfter !== undefined) refusal.headers["retry-after"] = String(failure.retryAfter);
    return refusal;
  },
  errorFrame(_request, failure) {
    const [, type, text] = wordsOf(failure);
    return `!${type.charAt(0).toLowerCase()}${type.slice(1)}\n${JSON.stringify({ message: failure.message ?? text })}`;
  },
};
