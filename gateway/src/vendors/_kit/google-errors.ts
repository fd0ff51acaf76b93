import { errorField, errorMessage, errorObject, faultByStatus, type UpstreamFault } from "./adapter.ts";

/** Reasons of google.rpc.ErrorInfo (google/api/error_reason.proto) that speak of the key or its project. */
const BAD_CREDENTIAL = new Set([
  "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED", "API_KEY_ANDROID_APP_BLOCKED",
  "API_KEY_IOS_APP_BLOCKED", "SERVICE_DISABLED", "CONSUMER_INVALID", "CONSUMER_SUSPENDED", "ACCOUNT_STATE_INVALID",
]);
/** The same where a text is all there is. */
const BAD_CREDENTIAL_TEXT = /^(API key (not valid|expired|not found)|Your API key was reported as leaked|User location is not supported|Your project has been denied access)/i;

/** What a refusal of a Google API means. Google's error model: https://google.aip.dev/193. A bad key is a 400 with reason API_KEY_INVALID. */
export function classifyGoogle(status: number, body: string): UpstreamFault {
  const error = errorObject(body);
  const text = errorMessage(error, body);
  const reason = reasonOf(error);
  if (BAD_CREDENTIAL.has(reason) || BAD_CREDENTIAL_TEXT.test(text)) return { kind: "auth", text };
  // Files, caches and tuned models belong to the account that made them: their names are the caller's, and so is the fault.
  if (status === 403 && /^You do not have permission to access |^CachedContent not found/i.test(text)) return { kind: "caller", text };
  // An ordinary 429 speaks of "plan and billing details" too: only the depleted account counts as one without money.
  if (reason === "BILLING_DISABLED" || /^[^"':]*credits? (is|are) depleted/i.test(text) || (status === 403 && /^This API method requires billing/i.test(text)))
    return { kind: "no_balance", text };
  if (status === 404) return { kind: errorField(error, "message") === "" || /^(this |the |publisher )?models?\b/i.test(text) ? "no_model" : "caller", text };
  return { kind: faultByStatus(status), text };
}

/** The reason of the error's ErrorInfo; empty when it has none. */
function reasonOf(error: Record<string, unknown>): string {
  const details: unknown[] = Array.isArray(error["details"]) ? error["details"] : [];
  for (const detail of details) {
    const reason: unknown = typeof detail === "object" && detail !== null ? Reflect.get(detail, "reason") : undefined;
    if (typeof reason === "string") return reason;
  }
  return "";
}
