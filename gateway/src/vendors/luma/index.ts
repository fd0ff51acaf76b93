import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import { faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { balanceOf } from "../_kit/balance.ts";
import { objectsIn, textIn } from "../_kit/media/fields.ts";
import { bearer } from "../_kit/openai-api.ts";
import { lumaMedia, MODERATION } from "./media.ts";

/** What is said without a code of an account without credits (not documented). */
const NO_CREDITS = "Insufficient credits";

const based = (baseUrl: string): string => `${trimSlashes(baseUrl).replace(/(\/dream-machine)?(\/v1)?$/, "")}/dream-machine/v1`;

/** Luma's Dream Machine: https://docs.lumalabs.ai/docs/api. */
export const luma: VendorAdapter = {
  id: "luma",
  displayName: "Luma",
  dialects: [],
  media: { ...lumaMedia, baseUrl: based },
  defaultBaseUrl: "https://api.lumalabs.ai/dream-machine/v1",
  environment: { keys: ["LUMAAI_API_KEY", "LUMA_API_KEY"], baseUrl: "LUMAAI_BASE_URL" },
  testPath: "/credits",
  // US cents
  balance: { address: (baseUrl) => `${based(baseUrl)}/credits`, read: ({ credit_balance: cents }) => (typeof cents === "number" ? balanceOf((cents / 100).toFixed(4), "USD") : []) },

  address: (baseUrl, endpoint) => `${based(baseUrl)}${endpoint.upstreamPath}`,

  authorize: bearer,

  /** `{detail}`: a text, or a list of what is wrong with the body. */
  classify(status, body): UpstreamFault {
    const error = objectOf(parseJson(body));
    const list = objectsIn(error, "detail");
    const text = list.length > 0 ? list.map((one) => `${Array.isArray(one["loc"]) ? one["loc"].slice(1).join(".") : ""}: ${textIn(one, "msg")}`).join("; ") : textIn(error, "detail") || body.slice(0, 500);
    if (status === 400 && text === NO_CREDITS) return { kind: "no_balance", text };
    const kind = faultByStatus(status);
    // What is not found is a generation that the caller named.
    if (status === 404 && textIn(error, "detail").startsWith("Generation ")) return { kind: "caller", text };
    return { kind, text, ...(kind === "caller" && list.length === 0 && MODERATION.test(text) ? { policy: true } : {}) };
  },
};
