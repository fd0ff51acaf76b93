import type { VendorAdapter } from "../_kit/adapter.ts";
import { bearer, classifyOpenAI, OPENAI_CODES, versioned } from "../_kit/openai-api.ts";
import { openaiModelTraits } from "../_kit/openai-models.ts";

/** OpenAI, and servers that speak its chat completions. The base URL carries the version, as OPENAI_BASE_URL does by custom. */
export const openai: VendorAdapter = {
  id: "openai",
  displayName: "OpenAI",
  dialects: ["openai-chat", "openai-responses"],
  defaultBaseUrl: "https://api.openai.com/v1",
  environment: { keys: ["OPENAI_API_KEY"], baseUrl: "OPENAI_BASE_URL" },
  testPath: "/models",
  traits: openaiModelTraits,

  /** No parameter of a query means anything to these endpoints, so none goes on. */
  address: (baseUrl, endpoint) => `${versioned(baseUrl, "/v1")}${endpoint.upstreamPath}`,

  authorize: bearer,

  classify: (status, body) => classifyOpenAI(status, body, { codes: OPENAI_CODES }),
};
