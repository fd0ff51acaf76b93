import { errorField, errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter, vendorSays } from "../_kit/adapter.ts";
import { keptQuery } from "../_kit/query.ts";

/** Since this generation Anthropic's SDK sends the key as a bearer token; before, as `x-api-key`. */
const BEARER_SINCE_VERSION = "2026-10-21";
/** What a caller without a version gets: the version that every older client means. */
const DEFAULT_VERSION = "2023-06-01";

export const anthropic: VendorAdapter = {
  id: "anthropic",
  displayName: "Anthropic",
  dialects: ["anthropic-messages"],
  defaultBaseUrl: "https://api.anthropic.com",
  environment: { keys: ["ANTHROPIC_API_KEY"], baseUrl: "ANTHROPIC_BASE_URL" },
  testPath: "/v1/models",

  address(baseUrl, endpoint, _upstreamModel, query) {
    return `${trimSlashes(baseUrl).replace(/\/v1$/, "")}${endpoint.upstreamPath}${keptQuery(query, { beta: ["true"] })}`;
  },

  authorize(headers, credential) {
    const version = (headers["anthropic-version"] ??= DEFAULT_VERSION);
    if (version >= BEARER_SINCE_VERSION) headers["authorization"] = `Bearer ${credential}`;
    else headers["x-api-key"] = credential;
  },

  /** Types: https://docs.anthropic.com/en/api/errors. "No money" and "disabled" are a 400 with a sentence. */
  classify(status, body): UpstreamFault {
    const error = errorObject(body);
    const text = errorMessage(error, body);
    const type = errorField(error, "type");
    if (type === "billing_error" || vendorSays(text, /^Your credit balance is too low|^You have reached your specified API usage limits/)) return { kind: "no_balance", text };
    // `forbidden` is the word for a place from which nobody may ask: ours, not the caller's.
    if (type === "forbidden" || vendorSays(text, /^This organization has been disabled/)) return { kind: "auth", text };
    if (type === "not_found_error") return { kind: /^model\b/i.test(text) ? "no_model" : "caller", text };
    if (type === "overloaded_error") return { kind: "overloaded", text };
    return { kind: faultByStatus(status), text };
  },
};
