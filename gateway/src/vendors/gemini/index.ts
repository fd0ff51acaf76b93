import { trimSlashes, type VendorAdapter } from "../_kit/adapter.ts";
import { classifyGoogle } from "../_kit/google-errors.ts";
import { keptQuery } from "../_kit/query.ts";

/** Google's Gemini API. The caller's version prefix (`/v1beta` or `/v1`) is kept; the base URL carries none. */
export const gemini: VendorAdapter = {
  id: "gemini",
  displayName: "Google Gemini",
  dialects: ["gemini"],
  defaultBaseUrl: "https://generativelanguage.googleapis.com",
  environment: { keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"], baseUrl: "GEMINI_BASE_URL" },
  testPath: "/v1beta/models",

  address(baseUrl, endpoint, upstreamModel, query) {
    const base = trimSlashes(baseUrl).replace(/\/v1(beta)?$/, "");
    return `${base}${endpoint.upstreamPath.replace("{model}", encodeURIComponent(upstreamModel))}${keptQuery(query, { alt: endpoint.stream ? ["sse", "json"] : ["json"] })}`;
  },

  authorize(headers, credential) {
    headers["x-goog-api-key"] = credential;
  },

  classify: classifyGoogle,
};
