import { errorField, errorMessage, errorObject, faultByStatus, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { balanceOf } from "../_kit/balance.ts";
import { bearer, versioned } from "../_kit/openai-api.ts";
import { recraftImages } from "./images.ts";
import { recraftMedia } from "./media.ts";

/** Recraft: https://www.recraft.ai/docs/api-reference. Its base URL carries the version. */
export const recraft: VendorAdapter = {
  id: "recraft",
  displayName: "Recraft",
  dialects: [],
  images: recraftImages,
  media: recraftMedia,
  defaultBaseUrl: "https://external.api.recraft.ai/v1",
  environment: { keys: ["RECRAFT_API_TOKEN", "RECRAFT_API_KEY"], baseUrl: "RECRAFT_BASE_URL" },
  testPath: "/users/me",
  balance: { address: (baseUrl) => `${versioned(baseUrl, "/v1")}/users/me`, read: ({ credits }) => balanceOf(credits, "credits") },

  address: (baseUrl, endpoint) => `${versioned(baseUrl, "/v1")}${endpoint.upstreamPath}`,

  authorize: bearer,

  /** `{code, message}` with JSON, a bare sentence otherwise (401 "request unauthorized"). */
  classify(status, body): UpstreamFault {
    const error = errorObject(body);
    const text = errorMessage(error, body);
    if (errorField(error, "code") === "not_enough_credits") return { kind: "no_balance", text };
    // A JSON answer speaks of what the caller named (a style of an account's own), a bare one of the address.
    if (status === 404 && body.trimStart().startsWith("{")) return { kind: "caller", text };
    return { kind: faultByStatus(status), text };
  },
};
