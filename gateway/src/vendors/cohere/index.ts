import { errorField, errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter, vendorSays } from "../_kit/adapter.ts";

/** Cohere's rerank, by its first and second API. The base URL carries no version; one that does is taken as well. */
export const cohere: VendorAdapter = {
  id: "cohere",
  displayName: "Cohere",
  dialects: ["rerank"],
  defaultBaseUrl: "https://api.cohere.com",
  environment: { keys: ["COHERE_API_KEY", "CO_API_KEY"], baseUrl: "COHERE_BASE_URL" },
  testPath: "/v1/models",

  address(baseUrl, endpoint) {
    return `${trimSlashes(baseUrl).replace(/\/v[12]$/, "")}${endpoint.upstreamPath}`;
  },

  authorize(headers, credential) {
    headers["authorization"] = `Bearer ${credential}`;
  },

  /** Errors are `{message}` (https://docs.cohere.com/reference/errors); a trial key's monthly end is a 429 like any other, so its sentence is looked for. */
  classify(status, body): UpstreamFault {
    const error = errorObject(body);
    const text = errorMessage(error, body);
    if (status === 429 && vendorSays(text, /^You are using a Trial key, which is limited to \d+ API calls \/ month/i)) return { kind: "no_balance", text };
    if (status === 404) return { kind: errorField(error, "message") === "" || /^model\b/i.test(text) ? "no_model" : "caller", text };
    return { kind: faultByStatus(status), text };
  },
};
