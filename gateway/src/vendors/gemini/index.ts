import { errorField, errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { keptQuery } from "../_kit/query.ts";

/** Reasons of google.rpc.ErrorInfo (google/api/error_reason.proto) that speak of the key or its project. */
const BAD_CREDENTIAL = new Set([
  "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED", "API_KEY_ANDROID_APP_BLOCKED",
  "API_KEY_IOS_APP_BLOCKED", "SERVICE_DISABLED", "CONSUMER_INVALID", "CONSUMER_SUSPENDED", "ACCOUNT_STATE_INVALID",
]);
/** The same where a text is all there is. */
const BAD_CREDENTIAL_TEXT = /^(API key (not valid|expired|not found)|Your API key was reported as leaked|User location is not supported|Your project has been denied access)/i;

const withoutVersion = (baseUrl: string): string => trimSlashes(baseUrl).replace(/\/v1(beta)?$/, "");

/** Google's Gemini API. The caller's version prefix (`/v1beta` or `/v1`) is kept; the base URL carries none. */
export const gemini: VendorAdapter = {
  id: "gemini",
  dialects: ["gemini", "gemini-embeddings"],
  defaultBaseUrl: "https://generativelanguage.googleapis.com",
  environment: { keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"], baseUrl: "GEMINI_BASE_URL" },
  testPath: "/v1beta/models",

  address(baseUrl, endpoint, upstreamModel, query) {
    return `${withoutVersion(baseUrl)}${endpoint.upstreamPath.replace("{model}", encodeURIComponent(upstreamModel))}${keptQuery(query, { alt: endpoint.stream ? ["sse", "json"] : ["json"] })}`;
  },

  /** https://ai.google.dev/api/live: the model stands in the first message. */
  session: {
    dialect: "gemini-live",
    address: (baseUrl) => `${withoutVersion(baseUrl)}/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent`,
  },

  authorize(headers, credential) {
    headers["x-goog-api-key"] = credential;
  },

  /** Google's error model: https://google.aip.dev/193. A bad key is a 400 with reason API_KEY_INVALID. */
  classify(status, body): UpstreamFault {
    const error = errorObject(body);
    const text = errorMessage(error, body);
    const reason = reasonOf(error);
    if (BAD_CREDENTIAL.has(reason) || BAD_CREDENTIAL_TEXT.test(text)) return { kind: "auth", text };
    // Files, caches and tuned models belong to the account that made them: their names are the caller's, and so is the fault.
    if (status === 403 && /^You do not have permission to access |^CachedContent not found/i.test(text)) return { kind: "caller", text };
    // An ordinary 429 speaks of "plan and billing details" too: only the depleted account counts as one without money.
    if (reason === "BILLING_DISABLED" || /^[^"':]*credits? (is|are) depleted/i.test(text) || (status === 403 && /^This API method requires billing/i.test(text)))
      return { kind: "no_balance", text };
    if (status === 404) return { kind: errorField(error, "message") === "" || /^(this |the )?models?\b/i.test(text) ? "no_model" : "caller", text };
    return { kind: faultByStatus(status), text };
  },
};

/** The reason of the error's ErrorInfo; empty when it has none. */
function reasonOf(error: Record<string, unknown>): string {
  const details: unknown[] = Array.isArray(error["details"]) ? error["details"] : [];
  for (const detail of details) {
    const reason: unknown = typeof detail === "object" && detail !== null ? Reflect.get(detail, "reason") : undefined;
    if (typeof reason === "string") return reason;
  }
  return "";
}
