import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import { faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { objectsIn, textIn } from "../_kit/media/fields.ts";
import { pikaMedia } from "./media.ts";

/** Pika's former direct API, as third parties describe it. Pika itself sends developers to fal: this is for whoever still has a key, or a server of the same form. */
export const pika: VendorAdapter = {
  id: "pika",
  displayName: "Pika",
  dialects: [],
  media: pikaMedia,
  defaultBaseUrl: "https://devapi.pika.art",
  environment: { keys: ["PIKA_API_KEY"], baseUrl: "PIKA_BASE_URL" },
  testPath: "/videos/00000000-0000-4000-8000-000000000000",

  address: (baseUrl, endpoint) => `${trimSlashes(baseUrl)}${endpoint.upstreamPath}`,

  authorize(headers, credential) {
    headers["x-api-key"] = credential;
  },

  /** `{detail}`: a text, or a list of what is wrong with the form. */
  classify(status, body): UpstreamFault {
    const error = objectOf(parseJson(body));
    const list = objectsIn(error, "detail");
    const text = list.map((one) => `${Array.isArray(one["loc"]) ? one["loc"].slice(1).join(".") : ""}: ${textIn(one, "msg")}`).join("; ");
    return { kind: faultByStatus(status), text: text || textIn(error, "detail") || body.slice(0, 500) };
  },
};
