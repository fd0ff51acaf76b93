import { objectOf } from "../canonical/fields.ts";
import type { FinishReason } from "../canonical/response.ts";

/** What an answer held, as far as it decides why the model stopped. */
export interface Held {
  text: boolean;
  calls: boolean;
  refusal: boolean;
}

/**
 * Why the model stopped, out of a response's `status` and `incomplete_details.reason` (SDK types `ResponseStatus`, `Response.IncompleteDetails`). Responses has no
 * word for tool calls, refusals and stop sequences: what the answer holds tells the first two.
 */
export function readFinish(response: Record<string, unknown>, held: Held): { finish: FinishReason; finishDetail?: string } {
  const status = response["status"];
  if (status === "failed" || status === "cancelled") {
    const code = objectOf(response["error"])["code"];
    return { finish: "error", finishDetail: typeof code === "string" ? code : status };
  }
  if (status === "incomplete") {
    const reason = objectOf(response["incomplete_details"])["reason"];
    if (reason === "content_filter") return { finish: "content-filter" };
    return { finish: "length", ...(typeof reason === "string" && reason !== "max_output_tokens" ? { finishDetail: reason } : {}) };
  }
  if (held.calls) return { finish: "tool-calls" };
  return { finish: held.refusal && !held.text ? "refusal" : "stop" };
}

/** The status of an answer that ended so. A refusal that came as no words of the model's (a vendor's stop reason alone) is a filter's. */
export function writeFinish(finish: FinishReason, refused: boolean): { status: "completed" | "incomplete" | "failed"; reason: string | undefined } {
  switch (finish) {
    case "length":
    case "context-length":
      return { status: "incomplete", reason: "max_output_tokens" };
    case "content-filter":
      return { status: "incomplete", reason: "content_filter" };
    case "refusal":
      return refused ? { status: "completed", reason: undefined } : { status: "incomplete", reason: "content_filter" };
    case "error":
      return { status: "failed", reason: undefined };
    case "stop":
    case "tool-calls":
    case "stop-sequence":
    case "pause":
      return { status: "completed", reason: undefined };
  }
}
