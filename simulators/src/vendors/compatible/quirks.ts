/** How each vendor of the OpenAI-compatible family differs from OpenAI on the wire; written from their documentation and, where marked, from memory. */
import { ark } from "../ark/index.ts";
import type { Vendor } from "../../kit/vendor.ts";
import { dashscope } from "../dashscope/index.ts";
import { xai } from "../xai/index.ts";
import type { Beside } from "./beside.ts";

/** One played vendor. */
export interface Quirks {
  name: string;
  /** what stands before `/chat/completions` and `/models`, one or several spellings */
  prefixes: string[];
  /** no credential is asked for */
  keyless?: true;
  /** models that exist here */
  models: RegExp;
  /** shape of an error's body */
  error: "openai" | "xai" | "mistral";
  /** status and words for a key that is not accepted, and for an empty account */
  badKey: [number, string, string];
  noMoney: [number, string, string];
  /** members of a request that are refused, by their path ("messages.role=developer" for a value) */
  refuses: string[];
  /** members that a message may have; undefined: any */
  messageMembers?: readonly string[];
  /** ids of calls are nine letters and digits, and no user speaks right after a tool (its API's errors 3280 and 3230) */
  mistralTurns?: true;
  /** the member that holds the thinking; undefined: none is shown */
  thinking?: "reasoning_content" | "reasoning";
  /** which models think, and what switches it */
  thinks?: RegExp;
  toggle?: "thinking" | "enable_thinking" | "reasoning_object" | "effort";
  /** an assistant's turn with tool calls must bring its thinking back */
  wantsThinkingBack?: true;
  /** how usage is told */
  usage: "openai" | "deepseek" | "moonshot" | "xai" | "flat";
  /** when a stream reports it: if asked for, or always in its last chunk */
  streamUsage: "asked" | "always";
  /** a comment before the first event, as a keep-alive */
  comment?: string;
  beside?: Beside;
  /** another API of the same house at the same host: what stands before its paths, and who plays it */
  house?: { prefix: string; vendor: Vendor };
  /** pages that the answer cites */
  cites?: true;
  /** where the account is told what it has left, whole path, and the answer */
  balance?: { path: string; answer: object };
}

const OPENAI_ONLY = ["messages.role=developer"];
const KEY_401: Quirks["badKey"] = [401, "invalid_api_key", "Incorrect API key provided."];
const LOCAL: Pick<Quirks, "prefixes" | "keyless" | "models" | "error" | "badKey" | "noMoney" | "refuses" | "usage" | "streamUsage"> = {
  prefixes: ["/v1"],
  keyless: true,
  models: /./,
  error: "openai",
  badKey: KEY_401,
  noMoney: [402, "payment_required", "Payment required"],
  refuses: [],
  usage: "flat",
  streamUsage: "asked",
};

/** The family. */
export const FAMILY: Quirks[] = [
  {
    name: "deepseek",
    balance: { path: "/user/balance", answer: { is_available: true, balance_infos: [{ currency: "USD", total_balance: "110.00", granted_balance: "10.00", topped_up_balance: "100.00" }] } },
    prefixes: ["", "/v1", "/beta"],
    models: /^deepseek-/,
    error: "openai",
    badKey: [401, "invalid_request_error", "Authentication Fails, Your api key: ****-key is invalid"],
    noMoney: [402, "invalid_request_error", "Insufficient Balance"],
    refuses: [...OPENAI_ONLY, "response_format.type=json_schema"],
    thinking: "reasoning_content",
    thinks: /^deepseek-(reasoner|v|flash|pro)/,
    toggle: "thinking",
    wantsThinkingBack: true,
    usage: "deepseek",
    streamUsage: "asked",
    comment: ": keep-alive\n\n",
  },
  {
    name: "xai",
    prefixes: ["/v1"],
    beside: xai,
    models: /^grok-/,
    error: "xai",
    badKey: [400, "Client specified an invalid argument", "Incorrect API key provided: xa***st. You can obtain an API key from https://console.x.ai."],
    noMoney: [403, "The caller does not have permission to execute the specified operation", "Your newly created team doesn't have any credits yet. You can purchase credits on https://console.x.ai."],
    refuses: ["stop~grok-4", "presence_penalty~grok-4", "frequency_penalty~grok-4"],
    thinking: "reasoning_content",
    thinks: /^grok-(3-mini|4)(?!.*non-reasoning)/,
    toggle: "effort",
    usage: "xai",
    streamUsage: "always",
  },
  {
    name: "qwen",
    prefixes: ["/v1", "/compatible-mode/v1"],
    house: { prefix: "/api/v1/", vendor: dashscope },
    models: /^(qwen|qwq|qvq)/,
    error: "openai",
    badKey: KEY_401,
    noMoney: [400, "Arrearage", "Access denied, please make sure your account is in good standing."],
    refuses: OPENAI_ONLY,
    thinking: "reasoning_content",
    thinks: /^(qwen3|qwen-(plus|flash|turbo)|qwq)/,
    toggle: "enable_thinking",
    usage: "openai",
    streamUsage: "asked",
  },
  {
    name: "moonshot",
    balance: { path: "/v1/users/me/balance", answer: { code: 0, data: { available_balance: 49.58894, voucher_balance: 46.58893, cash_balance: 3.00001 }, scode: "0x0", status: true } },
    prefixes: ["/v1"],
    models: /^(kimi-|moonshot-)/,
    error: "openai",
    badKey: [401, "invalid_authentication_error", "Invalid Authentication"],
    noMoney: [429, "exceeded_current_quota_error", "Your account is suspended due to insufficient balance, please recharge your account or check your plan and billing details"],
    refuses: [...OPENAI_ONLY, "temperature~kimi-k"],
    thinking: "reasoning_content",
    thinks: /^kimi-k(2\.[5-9]|[3-9])|thinking/,
    toggle: "thinking",
    wantsThinkingBack: true,
    usage: "moonshot",
    streamUsage: "always",
  },
  {
    name: "doubao",
    prefixes: ["/api/v3"],
    beside: ark,
    models: /^(doubao-|ep-|deepseek-|kimi-)/,
    error: "openai",
    badKey: [401, "AuthenticationError", "The API key in the request is missing or invalid."],
    noMoney: [403, "AccountOverdueError", "The request failed because your account has an overdue balance."],
    refuses: OPENAI_ONLY,
    thinking: "reasoning_content",
    thinks: /seed|thinking/,
    toggle: "thinking",
    usage: "openai",
    streamUsage: "asked",
  },
  {
    name: "mistral",
    prefixes: ["/v1"],
    models: /(mi[sx]tral|codestral|pixtral|voxtral)/,
    error: "mistral",
    badKey: [401, "unauthorized", "Unauthorized"],
    noMoney: [402, "payment_required", "Payment required"],
    refuses: [...OPENAI_ONLY, "stream_options", "seed", "max_completion_tokens", "logit_bias", "user", "store", "functions", "function_call"],
    messageMembers: ["role", "content", "tool_calls", "tool_call_id", "name", "prefix"],
    mistralTurns: true,
    usage: "flat",
    streamUsage: "always",
  },
  {
    name: "groq",
    prefixes: ["/openai/v1"],
    models: /./,
    error: "openai",
    badKey: [401, "invalid_api_key", "Invalid API Key"],
    noMoney: [400, "blocked_api_access", "API access is blocked: the organization reached its spend limit."],
    refuses: ["logprobs", "logit_bias", "n=2", "messages.name"],
    messageMembers: ["role", "content", "tool_calls", "tool_call_id", "name", "reasoning", "function_call"],
    thinking: "reasoning",
    thinks: /gpt-oss|qwen3/,
    toggle: "effort",
    usage: "openai",
    streamUsage: "asked",
  },
  {
    name: "openrouter",
    balance: { path: "/api/v1/credits", answer: { data: { total_credits: 100.5, total_usage: 25.75 } } },
    prefixes: ["/api/v1"],
    models: /\//,
    error: "openai",
    badKey: [401, "401", "No auth credentials found"],
    noMoney: [402, "402", "Insufficient credits. Add more using https://openrouter.ai/settings/credits"],
    refuses: [],
    thinking: "reasoning",
    thinks: /r1|gpt-5|claude|thinking|gemini/,
    toggle: "reasoning_object",
    usage: "openai",
    streamUsage: "always",
    comment: ": OPENROUTER PROCESSING\n\n",
  },
  {
    name: "together",
    prefixes: ["/v1"],
    models: /./,
    error: "openai",
    badKey: [401, "invalid_api_key", "Invalid API key provided. You can find your API key at https://api.together.xyz/settings/api-keys."],
    noMoney: [402, "credit_limit", "Credit limit exceeded, please visit https://api.together.xyz/settings/billing"],
    refuses: OPENAI_ONLY,
    usage: "flat",
    streamUsage: "always",
  },
  {
    name: "fireworks",
    prefixes: ["/inference/v1"],
    models: /./,
    error: "openai",
    badKey: [401, "UNAUTHORIZED", "The API key you provided is invalid."],
    noMoney: [412, "PRECONDITION_FAILED", "Account is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices."],
    refuses: OPENAI_ONLY,
    thinking: "reasoning_content",
    thinks: /gpt-oss|glm|kimi-k3/,
    toggle: "effort",
    usage: "openai",
    streamUsage: "always",
  },
  {
    name: "perplexity",
    prefixes: ["", "/v1"],
    models: /^(sonar|r1-1776)/,
    error: "openai",
    badKey: [401, "unauthorized", "Invalid API key provided."],
    noMoney: [401, "insufficient_quota", "You exceeded your current quota, please check your plan and billing details."],
    refuses: ["tools", ...OPENAI_ONLY],
    usage: "flat",
    streamUsage: "always",
    cites: true,
  },
  { ...LOCAL, name: "ollama", refuses: [], thinking: "reasoning", thinks: /^(gpt-oss|qwen3|deepseek-r1)/, toggle: "effort" },
  { ...LOCAL, name: "vllm", thinking: "reasoning", thinks: /qwen3|r1|gpt-oss/, toggle: "effort", usage: "openai" },
  { ...LOCAL, name: "lmstudio" },
  { ...LOCAL, name: "llamacpp", thinking: "reasoning_content", thinks: /qwen3|r1|gpt-oss/, usage: "openai" },
];
