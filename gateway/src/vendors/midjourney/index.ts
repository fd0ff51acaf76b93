import { errorMessage, errorObject, faultByStatus, trimSlashes, type VendorAdapter } from "../_kit/adapter.ts";
import { midjourneyMedia } from "./media.ts";

/**
 * Midjourney through midjourney-proxy, which the operator runs: https://github.com/novicezk/midjourney-proxy (docs/api.md) and the plus proxies of its kind. Midjourney itself sells no API. The base URL ends with
 * `/mj`, as the proxy's context path does.
 */
export const midjourney: VendorAdapter = {
  id: "midjourney",
  displayName: "Midjourney (midjourney-proxy)",
  dialects: [],
  media: midjourneyMedia,
  defaultBaseUrl: "",
  environment: { keys: ["MJ_API_SECRET", "MIDJOURNEY_API_SECRET"], baseUrl: "MJ_BASE_URL" },
  testPath: "/task/queue",

  address: (baseUrl, endpoint) => `${trimSlashes(baseUrl)}${endpoint.upstreamPath}`,

  authorize(headers, credential) {
    headers["mj-api-secret"] = credential;
  },

  /** What the proxy says itself is a 200 with a code (`media.ts`); other statuses are the server's around it. */
  classify: (status, body) => ({ kind: faultByStatus(status), text: errorMessage(errorObject(body), body) }),
};
