import { trimSlashes, type VendorAdapter } from "../_kit/adapter.ts";
import { classifyGoogle } from "../_kit/google-errors.ts";
import { geminiImages } from "./images.ts";
import { geminiMedia } from "./media.ts";
import { geminiSpeech } from "./speech.ts";
import { keptQuery } from "../_kit/query.ts";

const withoutVersion = (baseUrl: string): string => trimSlashes(baseUrl).replace(/\/v1(beta)?$/, "");

/** Google's Gemini API. The caller's version prefix (`/v1beta` or `/v1`) is kept; the base URL carries none. */
export const gemini: VendorAdapter = {
  id: "gemini",
  displayName: "Google Gemini",
  dialects: ["gemini", "gemini-embeddings"],
  speech: geminiSpeech,
  images: geminiImages,
  media: geminiMedia,
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

  classify: classifyGoogle,
};
