import { errorField, errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";

/** OpenAI, and servers that speak its chat completions. The base URL carries the version, as OPENAI_BASE_URL does by custom. */
export const openai: VendorAdapter = {
  id: "openai",
  dialect: "openai-chat",
  defaultBaseUrl: "https://api.openai.com/v1",
  environment: { keys: ["OPENAI_API_KEY"], baseUrl: "OPENAI_BASE_URL" },
  testPath: "/models",

  address(baseUrl, endpoint, _upstreamModel, query) {
    const base = trimSlashes(baseUrl);
    return `${/\/v\d+[a-z0-9]*$/.test(base) ? base : `${base}/v1`}${endpoint.upstreamPath}${query}`;
  },

  authorize(headers, credential) {
    headers["authorization"] = `Bearer ${credential}`;
  },

  /** Codes: https://platform.openai.com/docs/guides/error-codes */
  classify(status, body): UpstreamFault {
    const error = errorObject(body);
    const text = errorMessage(error, body);
    const code = errorField(error, "code");
    const type = errorField(error, "type");
    if (code === "insufficient_quota" || type === "insufficient_quota" || code === "billing_hard_limit_reached") return { kind: "no_balance", text };
    if (code === "invalid_api_key" || code === "account_deactivated") return { kind: "auth", text };
    if (code === "model_not_found") return { kind: "no_model", text };
    // A 403 that names a code speaks of the request (region, policy, verified organisation), not of the key.
    if (status === 403 && code === "unsupported_country_region_territory") return { kind: "auth", text };
    if (status === 404 && code !== "") return { kind: "caller", text };
    return { kind: faultByStatus(status), text };
  },
};
