import type { AnswerContext } from "../canonical/codec.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import { writeUsage } from "./encode-usage.ts";
import { stopDetailsOf, stopReasonOf } from "./finish.ts";
import { writeAnswerBlocks } from "./write-block.ts";

/** Anthropic's ids are kept; others become one made from the request's. */
export function messageId(id: string, context: AnswerContext): string {
  return id.startsWith("msg_") ? id : `msg_${context.id.replaceAll("-", "")}`;
}

/** An answer as a message (SDK: Message). Anthropic gives one answer: the first choice. */
export function encodeResponse(response: CanonicalResponse, context: AnswerContext): Record<string, unknown> {
  const choice = response.choices[0];
  const hosted = new Map<string, string>();
  const finish = choice?.finish ?? "error";
  const calls = choice?.parts.some((part) => part.type === "tool-call") ?? false;
  return {
    id: messageId(response.id, context),
    type: "message",
    role: "assistant",
    model: context.model,
    content: (choice?.parts ?? []).flatMap((part) => writeAnswerBlocks(part, hosted)),
    stop_reason: stopReasonOf(finish, calls),
    stop_sequence: choice?.stopSequence ?? null,
    stop_details: stopDetailsOf(finish, choice?.finishDetail),
    container: null,
    diagnostics: null,
    usage: writeUsage(response.usage, response.serviceTier),
  };
}
