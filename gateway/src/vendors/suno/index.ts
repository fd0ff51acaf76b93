import { errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { sunoMedia } from "./media.ts";

/** Suno through Suno-API, which the operator runs: https://github.com/Suno-API/Suno-API. Suno itself sells no API. The base URL is the server's; `/suno` follows. */
export const suno: VendorAdapter = {
  id: "suno",
  displayName: "Suno (Suno-API)",
  dialects: [],
  media: sunoMedia,
  defaultBaseUrl: "",
  environment: { keys: ["SUNO_API_KEY", "SUNO_SECRET_TOKEN"], baseUrl: "SUNO_BASE_URL" },
  testPath: "/suno/account",

  address: (baseUrl, endpoint) => `${trimSlashes(baseUrl)}${endpoint.upstreamPath}`,

  authorize(headers, credential) {
    headers["authorization"] = `Bearer ${credential}`;
  },

  /** `{code: "invalid_request" | "internal_error", message, data: null}`. */
  classify(status, body): UpstreamFault {
    return { kind: faultByStatus(status), text: errorMessage(errorObject(body), body) };
  },
};
