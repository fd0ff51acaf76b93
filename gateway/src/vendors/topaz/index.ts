import { trimSlashes, type VendorAdapter } from "../_kit/adapter.ts";
import { topazFault } from "./errors.ts";
import { topazMedia } from "./media.ts";

/** Topaz' video API: https://developer.topazlabs.com/video-api. */
export const topaz: VendorAdapter = {
  id: "topaz",
  displayName: "Topaz",
  dialects: [],
  media: topazMedia,
  defaultBaseUrl: "https://api.topazlabs.com",
  environment: { keys: ["TOPAZ_API_KEY"], baseUrl: "TOPAZ_BASE_URL" },
  // Free and without an account's work: it tells whether the service is up, not whether the key is good (none such is documented).
  testPath: "/video/status",

  address: (baseUrl, endpoint) => `${trimSlashes(baseUrl)}${endpoint.upstreamPath}`,

  authorize(headers, credential) {
    headers["x-api-key"] = credential;
  },

  classify: (status, body) => topazFault(status, body),
};
