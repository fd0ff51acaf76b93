import { faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { falFault } from "./errors.ts";
import { falMedia } from "./media.ts";

/** fal: https://docs.fal.ai/model-endpoints/queue. Its base URL is the queue's. */
export const fal: VendorAdapter = {
  id: "fal",
  displayName: "fal",
  dialects: [],
  media: falMedia,
  defaultBaseUrl: "https://queue.fal.run",
  environment: { keys: ["FAL_KEY"], baseUrl: "FAL_BASE_URL" },
  testPath: "/",

  address: (baseUrl, endpoint) => `${trimSlashes(baseUrl)}${endpoint.upstreamPath}`,

  authorize(headers, credential) {
    headers["authorization"] = `Key ${credential}`;
  },

  classify(status, body): UpstreamFault {
    return falFault(body, status) ?? { kind: faultByStatus(status), text: body.slice(0, 500) };
  },
};
