import { errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { ideogramMedia } from "./media.ts";

/** Ideogram: https://developer.ideogram.ai/api-reference. */
export const ideogram: VendorAdapter = {
  id: "ideogram",
  displayName: "Ideogram",
  dialects: [],
  media: ideogramMedia,
  defaultBaseUrl: "https://api.ideogram.ai",
  environment: { keys: ["IDEOGRAM_API_KEY"], baseUrl: "IDEOGRAM_BASE_URL" },
  testPath: "/manage/api/subscription",

  address: (baseUrl, endpoint) => `${trimSlashes(baseUrl)}${endpoint.upstreamPath}`,

  authorize(headers, credential) {
    headers["api-key"] = credential;
  },

  /** 422: the prompt or a picture failed the safety check; 400: it was wrong. */
  classify(status, body): UpstreamFault {
    const error = errorObject(body);
    const text = typeof error["detail"] === "string" ? error["detail"] : errorMessage(error, body);
    return status === 422 ? { kind: "caller", text, policy: true } : { kind: faultByStatus(status), text };
  },
};
