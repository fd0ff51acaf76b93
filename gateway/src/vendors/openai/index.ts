import { CHAT_DIALECTS } from "../../dialects/canonical/dialect.ts";
import type { VendorAdapter } from "../_kit/adapter.ts";
import { bearer, classifyOpenAI, OPENAI_CODES, versioned } from "../_kit/openai-api.ts";
import { openaiMedia } from "./media.ts";
import { openaiModelTraits, openaiTranslated } from "../_kit/openai-models.ts";

/** Models of `/completions` alone, and fine-tuned ones of them (https://platform.openai.com/docs/models). */
const PROMPT_MODEL = /^(ft:)?(gpt-3\.5-turbo-instruct|davinci-002|babbage-002)/;

/** OpenAI, and servers that speak its chat completions. The base URL carries the version, as OPENAI_BASE_URL does by custom. */
export const openai: VendorAdapter = {
  id: "openai",
  displayName: "OpenAI",
  dialects: ["openai-chat", "openai-responses", "openai-completions", "openai-embeddings", "openai-moderations", "openai-speech", "openai-transcriptions", "openai-images"],
  translated: openaiTranslated,
  media: openaiMedia,
  defaultBaseUrl: "https://api.openai.com/v1",
  environment: { keys: ["OPENAI_API_KEY"], baseUrl: "OPENAI_BASE_URL" },
  testPath: "/models",
  traits: openaiModelTraits,

  /** Each model takes one of conversation and plain prompts; what is not known as a model of prompts is taken for one of chat. */
  speaks(dialect, upstreamModel) {
    return !CHAT_DIALECTS.has(dialect) || (dialect === "openai-completions") === PROMPT_MODEL.test(upstreamModel);
  },

  /** No parameter of a query means anything to these endpoints, so none goes on. */
  address: (baseUrl, endpoint) => `${versioned(baseUrl, "/v1")}${endpoint.upstreamPath}`,

  /** https://platform.openai.com/docs/guides/realtime-websocket */
  session: {
    dialect: "openai-realtime",
    address: (baseUrl, upstreamModel) => `${versioned(baseUrl, "/v1")}/realtime?model=${encodeURIComponent(upstreamModel)}`,
  },

  authorize: bearer,

  classify: (status, body) => classifyOpenAI(status, body, { codes: OPENAI_CODES }),
};
