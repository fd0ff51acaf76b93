import { errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";

/** Google's Gemini API. The caller's version prefix (`/v1beta` or `/v1`) is kept; the base URL carries none. */
export const gemini: VendorAdapter = {
  id: "gemini",
  dialect: "gemini",
  defaultBaseUrl: "https://generativelanguage.googleapis.com",
  environment: { keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"], baseUrl: "GEMINI_BASE_URL" },
  testPath: "/v1beta/models",

  address(baseUrl, endpoint, upstreamModel, query) {
    const base = trimSlashes(baseUrl).replace(/\/v1(beta)?$/, "");
    return `${base}${endpoint.upstreamPath.replace("{model}", encodeURIComponent(upstreamModel))}${query}`;
  },

  authorize(headers, credential) {
    headers["x-goog-api-key"] = credential;
  },

  /** Google's error model: https://google.aip.dev/193. A bad key is a 400 with reason API_KEY_INVALID. */
  classify(status, body): UpstreamFault {
    const error = errorObject(body);
    const text = errorMessage(error, body);
    if (body.includes("API_KEY_INVALID") || /api key (not valid|expired)/i.test(text)) return { kind: "auth", text };
    // An ordinary 429 speaks of "plan and billing details" too: only the depleted account counts as one without money.
    if (/credits? (is|are) depleted/i.test(text) || (status === 403 && /billing/i.test(text))) return { kind: "no_balance", text };
    if (status === 404) return { kind: /model/i.test(text) ? "no_model" : "caller", text };
    return { kind: faultByStatus(status), text };
  },
};
