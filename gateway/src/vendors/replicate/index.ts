import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import { faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { textIn } from "../_kit/media/fields.ts";
import { bearer } from "../_kit/openai-api.ts";
import { replicateMedia } from "./media.ts";

/** Replicate: https://replicate.com/docs/reference/http. Its base URL carries the version. */
export const replicate: VendorAdapter = {
  id: "replicate",
  displayName: "Replicate",
  dialects: [],
  media: replicateMedia,
  defaultBaseUrl: "https://api.replicate.com/v1",
  environment: { keys: ["REPLICATE_API_TOKEN"], baseUrl: "REPLICATE_BASE_URL" },
  testPath: "/account",

  address: (baseUrl, endpoint) => `${trimSlashes(baseUrl)}${endpoint.upstreamPath}`,

  authorize: bearer,

  /** `{title, detail, status}`; 422 names what is wrong with the input. */
  classify(status, body): UpstreamFault {
    const error = objectOf(parseJson(body));
    return { kind: faultByStatus(status), text: textIn(error, "detail") || textIn(error, "title") || body.slice(0, 500) };
  },
};
