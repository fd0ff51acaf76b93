import { trimSlashes, type VendorAdapter } from "../_kit/adapter.ts";
import { classifyMinimax } from "./errors.ts";
import { minimaxMedia } from "./media.ts";
import { minimaxSpeech } from "./speech.ts";

/** MiniMax: https://platform.minimax.io/docs/api-reference. Its base URL carries the version. */
export const minimax: VendorAdapter = {
  id: "minimax",
  displayName: "MiniMax",
  dialects: [],
  speech: minimaxSpeech,
  media: minimaxMedia,
  defaultBaseUrl: "https://api.minimax.io",
  environment: { keys: ["MINIMAX_API_KEY"], baseUrl: "MINIMAX_BASE_URL" },
  testPath: "/v1/get_voice",

  address: (baseUrl, endpoint) => `${trimSlashes(baseUrl).replace(/\/v1$/, "")}${endpoint.upstreamPath}`,

  authorize(headers, credential) {
    headers["authorization"] = `Bearer ${credential}`;
  },

  classify: classifyMinimax,
};
