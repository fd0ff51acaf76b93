/** A generated answer before it is put on the wire, whole or as a stream. */
import type { Reply, ToolCall } from "../../kit/brain.ts";
import type { JsonObject } from "../../kit/json.ts";
import { groundingOf } from "./grounding.ts";

/** Everything both forms of the answer are made from. */
export interface GenerateAnswer {
  model: string;
  replies: Reply[];
  responseId: string;
  callIds: string[];
  /** stands in for the encrypted thinking */
  signature: string;
  showThoughts: boolean;
  /** what was searched for */
  search: string | undefined;
  /** takes the tokens thought and said so far; gives usageMetadata. `undefined` when a fault hides usage */
  usage: ((thought: number, said: number) => JsonObject) | undefined;
}

/** Takes a reply; gives its finishReason (SDK: FinishReason). Calls and stop texts end with STOP as well. */
export const finishReason = (reply: Reply): string => (reply.ending === "length" ? "MAX_TOKENS" : "STOP");

/** Takes a reply; gives the calls that were not cut by the token limit: half a call is not sent. */
export const wholeCalls = (reply: Reply): ToolCall[] =>
  reply.calls.filter((call) => call.pieces.join("") === JSON.stringify(call.input));

/** Takes an answer, a call and its place; gives its part. The first one carries the thought signature when the model thought. */
export function callPart(answer: GenerateAnswer, reply: Reply, call: ToolCall, index: number): JsonObject {
  const signed = index === 0 && reply.thinking.length > 0 ? { thoughtSignature: answer.signature } : {};
  return { functionCall: { id: answer.callIds[index], name: call.name, args: call.input }, ...signed };
}

/** Takes an answer and one of its replies; gives what its text rests on, to stand beside its finishReason. Empty when nothing was searched. */
export function groundedIn({ search, showThoughts }: GenerateAnswer, reply: Reply): JsonObject {
  if (search === undefined || reply.calls.length > 0) return {};
  return { groundingMetadata: groundingOf(search, reply.text.join(""), showThoughts && reply.thinking.length > 0 ? 1 : 0) };
}

/** Takes an answer and one of its replies; gives the parts: thought (if wanted), text, calls. */
export function partsOf(answer: GenerateAnswer, reply: Reply): JsonObject[] {
  const parts: JsonObject[] = [];
  if (answer.showThoughts && reply.thinking.length > 0)
    parts.push({ text: reply.thinking.join(""), thought: true });
  if (reply.text.length > 0) parts.push({ text: reply.text.join("") });
  for (const [index, call] of wholeCalls(reply).entries()) parts.push(callPart(answer, reply, call, index));
  return parts;
}
