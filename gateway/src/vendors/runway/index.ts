import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import { faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter, vendorSays } from "../_kit/adapter.ts";
import { balanceOf } from "../_kit/balance.ts";
import { objectsIn, textIn } from "../_kit/media/fields.ts";
import { runwayMedia } from "./media.ts";

/** The only version there is (https://docs.dev.runwayml.com/api-details/versioning). */
const VERSION = "2024-11-06";
/** Out of credits is a 400 without a code; the sentence is not documented (https://docs.dev.runwayml.com/errors/errors). */
const NO_CREDITS = /^You do not have enough credits\b/;

const bare = (baseUrl: string): string => trimSlashes(baseUrl).replace(/\/v1$/, "");

/** Runway: https://docs.dev.runwayml.com/api. */
export const runway: VendorAdapter = {
  id: "runway",
  displayName: "Runway",
  dialects: [],
  media: { ...runwayMedia, baseUrl: bare },
  defaultBaseUrl: "https://api.dev.runwayml.com",
  environment: { keys: ["RUNWAYML_API_SECRET", "RUNWAY_API_KEY"], baseUrl: "RUNWAYML_BASE_URL" },
  testPath: "/v1/organization",
  balance: { address: (baseUrl) => `${bare(baseUrl)}/v1/organization`, read: ({ creditBalance }) => balanceOf(creditBalance, "credits") },

  address: (baseUrl, endpoint) => `${bare(baseUrl)}${endpoint.upstreamPath}`,

  authorize(headers, credential) {
    headers["authorization"] = `Bearer ${credential}`;
    headers["x-runway-version"] = VERSION;
  },

  /** `{error, issues?: [{path, message}]}`. */
  classify(status, body): UpstreamFault {
    const error = objectOf(parseJson(body));
    const issues = objectsIn(error, "issues");
    const told = issues.map((issue) => `${Array.isArray(issue["path"]) ? issue["path"].join(".") : ""}: ${textIn(issue, "message")}`).join("; ");
    const text = told === "" ? textIn(error, "error") || body.slice(0, 500) : `${textIn(error, "error")}: ${told}`;
    if (status === 400 && vendorSays(textIn(error, "error"), NO_CREDITS)) return { kind: "no_balance", text };
    // The route does not know the model: the vendor took it away.
    if (status === 400 && issues.some(({ code, path }) => code === "invalid_union_discriminator" && Array.isArray(path) && path[0] === "model")) return { kind: "no_model", text };
    return { kind: faultByStatus(status), text };
  },
};
