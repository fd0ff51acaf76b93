import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import { type FaultKind, faultByStatus, type UpstreamFault } from "../_kit/adapter.ts";
import { textIn } from "../_kit/media/fields.ts";
import { table } from "../../table.ts";

/** What `errorCode` means, of a refusal as of a request that failed at work. */
const KINDS: Readonly<Record<string, FaultKind>> = table({
  INSUFFICIENT_CREDITS: "no_balance", INVALID_INPUT: "caller", UNAUTHORIZED: "auth", FORBIDDEN: "denied",
  // The source could not be had from where the caller said it lies.
  TIMEOUT_UPLOAD_SOURCE: "caller",
  TIMEOUT_QUEUE: "overloaded", SERVER_MAINTENANCE: "overloaded",
  CREDIT_DIFFERENCE: "server", TIMEOUT_PROCESSING: "server", PROCESSING_FAILURE: "server", SERVER_ERROR: "server", HARDWARE_FAILURE: "server", UNKNOWN: "server",
});

/** What `{message, errorCode}` means; by the status where there is no code. */
export function topazFault(status: number, body: string): UpstreamFault {
  const error = objectOf(parseJson(body));
  const code = textIn(error, "errorCode");
  return { kind: KINDS[code] ?? faultByStatus(status), text: textIn(error, "message") || body.slice(0, 500) };
}
