import type { MediaReading, VendorAnswer } from "../_kit/media/adapter.ts";
import { errorField, errorMessage, errorObject } from "../_kit/adapter.ts";

/** Codes of OpenAI's content policy, as its clients see them. */
const CODES = new Set(["moderation_blocked", "content_policy_violation"]);

/** A refusal by the content policy; undefined for all others, which their status tells. */
export function refused(answer: VendorAnswer): MediaReading | undefined {
  const body = answer.body.toString("utf8");
  const error = errorObject(body);
  return CODES.has(errorField(error, "code")) ? { state: "FAILURE", fault: { kind: "caller", policy: true, text: errorMessage(error, body) } } : undefined;
}
