/** A chat completion before it is put on the wire, whole or as a stream. */
import type { Reply } from "../../kit/brain.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { ChatRequest } from "./read.ts";

/** Everything both forms of the answer are made from. */
export interface ChatAnswer {
  chat: ChatRequest;
  body: JsonObject;
  replies: Reply[];
  id: string;
  /** Unix seconds */
  created: number;
  fingerprint: string;
  /** `undefined` when a fault hides it */
  usage: JsonObject | undefined;
  /** id of the n-th tool call */
  callIds: string[];
  /** the spoken answer's fields beside its transcript, when sound is wanted */
  sound: { id: string; data: string; expires_at: number } | undefined;
}

/**
 * Takes a reply and how tools were asked for; gives the finish_reason. A call forced by name ends with "stop", a legacy one with
 * "function_call" (function calling guide).
 */
export function finishReason(reply: Reply, chat: ChatRequest): string {
  if (reply.ending === "length") return "length";
  if (reply.ending !== "tool_calls" || chat.named) return "stop";
  return chat.legacy ? "function_call" : "tool_calls";
}
