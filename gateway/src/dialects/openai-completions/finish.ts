import type { FinishReason } from "../canonical/response.ts";
import { table } from "../../table.ts";

const READ: Record<string, FinishReason> = table({ stop: "stop", length: "length", content_filter: "content-filter" });

/** A vendor's `finish_reason` (SDK, CompletionChoice); words of others' mean that the model stopped. */
export const readFinish = (word: string): FinishReason => READ[word] ?? "stop";

/** The word for a caller: this dialect has three. */
export function writeFinish(finish: FinishReason): "stop" | "length" | "content_filter" {
  if (finish === "length" || finish === "context-length") return "length";
  return finish === "content-filter" || finish === "refusal" ? "content_filter" : "stop";
}
