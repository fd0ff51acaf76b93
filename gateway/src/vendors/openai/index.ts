import { CHAT_DIALECTS } from "../../dialects/canonical/dialect.ts";
import { errorField, errorMessage, errorObject, faultByStatus, trimSlashes, type UpstreamFault, type VendorAdapter } from "../_kit/adapter.ts";
import { openaiModelTraits } from "../_kit/openai-models.ts";

/** Codes or types of an account without money; `exceeded_current_quota_error` is Moonshot's, which speaks this API. */
const NO_MONEY = new Set(["insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "exceeded_current_quota_error"]);
const BAD_CREDENTIAL = new Set(["invalid_api_key", "account_deactivated", "unsupported_country_region_territory"]);

/**
 * OpenAI's reasoning models. Chat completions refuses them function tools ("Function tools with reasoning_effort are not supported for gpt-5.5 in /v1/chat/completions.
 * Please use /v1/responses instead") and shows and takes back no reasoning; Responses does all of it.
 */
const REASONING = /^(o\d|gpt-([5-9]|\d\d)|codex-)(?!.*-chat)/;
/** Models of `/completions` alone, and fine-tuned ones of them (https://platform.openai.com/docs/models). */
const PROMPT_MODEL = /^(ft:)?(gpt-3\.5-turbo-instruct|davinci-002|babbage-002)/;
function withVersion(baseUrl: string): string {
  const base = trimSlashes(baseUrl);
  return /\/v\d+[a-z0-9]*$/.test(base) ? base : `${base}/v1`;
}

/** OpenAI, and servers that speak its chat completions. The base URL carries the version, as OPENAI_BASE_URL does by custom. */
export const openai: VendorAdapter = {
  id: "openai",
  dialects: ["openai-chat", "openai-responses", "openai-completions", "openai-embeddings", "openai-moderations"],
  translated: (upstreamModel) => (REASONING.test(upstreamModel) ? "openai-responses" : "openai-chat"),
  defaultBaseUrl: "https://api.openai.com/v1",
  environment: { keys: ["OPENAI_API_KEY"], baseUrl: "OPENAI_BASE_URL" },
  testPath: "/models",
  traits: openaiModelTraits,

  /** Each model takes one of conversation and plain prompts; what is not known as a model of prompts is taken for one of chat. */
  speaks(dialect, upstreamModel) {
    return !CHAT_DIALECTS.has(dialect) || (dialect === "openai-completions") === PROMPT_MODEL.test(upstreamModel);
  },

  /** No parameter of a query means anything to these endpoints, so none goes on. */
  address(baseUrl, endpoint) {
    return `${withVersion(baseUrl)}${endpoint.upstreamPath}`;
  },

  /** https://platform.openai.com/docs/guides/realtime-websocket */
  session: {
    dialect: "openai-realtime",
    address: (baseUrl, upstreamModel) => `${withVersion(baseUrl)}/realtime?model=${encodeURIComponent(upstreamModel)}`,
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
    if (NO_MONEY.has(code) || NO_MONEY.has(type)) return { kind: "no_balance", text };
    if (BAD_CREDENTIAL.has(code)) return { kind: "auth", text };
    if (code === "model_not_found") return { kind: "no_model", text };
    // A restricted key that lacks the right to ask models.
    if (status === 403 && text.startsWith("You have insufficient permissions for this operation")) return { kind: "auth", text };
    if (status === 404) return { kind: saysNoModel(error) ? "no_model" : "caller", text };
    return { kind: faultByStatus(status), text };
  },
};

/** A 404 of the model, or of a server that lacks the whole route; others speak of files and the like, which the caller names. */
function saysNoModel(error: Record<string, unknown>): boolean {
  const message = errorField(error, "message");
  return message === "" || error["param"] === "model" || /^(the |this |requested )*model\b/i.test(message) || message.startsWith("Invalid URL");
}
