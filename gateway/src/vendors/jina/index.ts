import { errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter, vendorSays } from "../_kit/adapter.ts";

/** Jina's rerank and embeddings (https://api.jina.ai/redoc). The base URL may carry the version or not. */
export const jina: VendorAdapter = {
  id: "jina",
  displayName: "Jina",
  dialects: ["rerank", "openai-embeddings"],
  defaultBaseUrl: "https://api.jina.ai",
  environment: { keys: ["JINA_API_KEY"], baseUrl: "JINA_BASE_URL" },
  testPath: "/v1/models",

  /** Jina has one version; OpenAI's paths come without it. */
  address(baseUrl, endpoint) {
    return `${trimSlashes(baseUrl).replace(/\/v1$/, "")}/v1${endpoint.upstreamPath.replace(/^\/v\d/, "")}`;
  },

  authorize(headers, credential) {
    headers["authorization"] = `Bearer ${credential}`;
  },

  /** Errors are FastAPI's `{detail}`: a text, or a list of what is wrong with the body. */
  classify(status, body): UpstreamFault {
    const error = errorObject(body);
    const { detail } = error as { detail?: unknown };
    const text = errorMessage(error, body);
    if (status === 403 && vendorSays(text, /^Insufficient account balance/i)) return { kind: "no_balance", text };
    if (status === 404) return { kind: typeof detail === "string" && !/^(model\b|not found$)/i.test(detail) ? "caller" : "no_model", text };
    return { kind: faultByStatus(status), text };
  },
};
