import { balanceOf, memberOf } from "../_kit/balance.ts";
import type { Traits } from "../_kit/openai-models.ts";
import type { CompatibleVendor } from "./entry.ts";
import { ark } from "./ark.ts";
import { ARK_CODES } from "./ark-errors.ts";
import { dashscope } from "./dashscope.ts";
import { xaiMedia } from "./xai.ts";
import { isArkPolicy, seedream } from "./seedream.ts";

/** What hardly any server but OpenAI's own has. */
const NOT_OPENAI: Traits = ["no-developer-role", "no-allowed-tools", "no-openai-extras", "no-functions"];
const PLAIN: Traits = ["max-tokens", ...NOT_OPENAI, "no-web-search", "no-files", "many-stops"];
/** Servers of open models on one's own machine (llama.cpp, vLLM and what is built on them) take nearly everything and more. */
const OPEN_SERVER: Traits = ["max-tokens", ...NOT_OPENAI, "no-web-search", "no-files", "many-stops", "top-k", "min-p"];

/**
 * Vendors with an API of their own in OpenAI's format. [docs]: read in the vendor's documentation, [memory]: known and not looked up. Where a
 * trait is wrong, a wish of the caller's is reported as dropped though the vendor would have taken it, or refused by the vendor; nothing else follows from it.
 */
export const HOSTED: readonly CompatibleVendor[] = [
  {
    // [docs] api-docs.deepseek.com: thinking_mode (toggle, effort low/high/max, reasoning_content comes back in tool turns), error codes by status; the rest [memory].
    id: "deepseek",
    displayName: "DeepSeek",
    baseUrl: "https://api.deepseek.com/v1",
    keys: ["DEEPSEEK_API_KEY"],
    baseUrlVariable: "DEEPSEEK_BASE_URL",
    traits: [...PLAIN, "no-strict", "no-json-schema", "no-parallel-tool-calls", "no-n", "no-seed", "no-images", "string-content"],
    models: [
      [/^deepseek-reasoner/, ["reasoning-content", "no-reasoning-effort", "no-logprobs", "no-sampling"]],
      [/^deepseek-(v[4-9]|flash|pro)/, ["reasoning-content", "thinking-toggle", "effort:low", "effort:high", "effort:max"]],
      [/^deepseek-v3/, ["reasoning-content", "thinking-toggle", "no-reasoning-effort"]],
    ],
    sentences: [[/^Model Not Exist$/, "no_model"], [/^Insufficient Balance$/, "no_balance"]],
    // [docs] api-docs.deepseek.com/api/get-user-balance: one entry per currency.
    balance: { path: "/user/balance", bare: true, read: (answer) => (Array.isArray(answer["balance_infos"]) ? answer["balance_infos"].flatMap((info: Record<string, unknown>) => balanceOf(info["total_balance"], String(info["currency"]))) : []) },
  },
  {
    // [docs] docs.x.ai: penalties and stop refused by reasoning models, efforts of grok-4.3 (none..high); grok-4.20 and grok-build refuse reasoning_effort. Errors [memory].
    id: "xai",
    displayName: "xAI",
    baseUrl: "https://api.x.ai/v1",
    keys: ["XAI_API_KEY"],
    baseUrlVariable: "XAI_BASE_URL",
    traits: [...NOT_OPENAI, "no-web-search", "no-files", "no-strict"],
    models: [
      [/non-reasoning|^grok-(2|3)(-|$)(?!mini)/, ["no-reasoning-effort"]],
      [/^grok-3-mini/, ["no-sampling", "no-stop", "effort:low", "effort:high"]],
      [/^grok-(4\.[3-9]|[5-9])/, ["no-sampling", "no-stop", "effort:none", "effort:low", "effort:medium", "effort:high"]],
      [/^grok-/, ["no-sampling", "no-stop", "no-reasoning-effort"]],
    ],
    sentences: [
      [/^Incorrect API key provided: \S+\. You can obtain an API key from /, "auth"],
      [/^Your (newly created )?team (\S+ )?(doesn't have any credits|has either used all available credits)/, "no_balance"],
      [/^The model \S+ does not exist or your team /, "no_model"],
    ],
    media: xaiMedia,
  },
  {
    // [docs] help.aliyun.com/model-studio/error-code (Arrearage, thinking models in streams only); base URL of the Singapore site and insufficient_quota as a rate [memory].
    id: "qwen",
    displayName: "Alibaba Qwen (Model Studio)",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    keys: ["DASHSCOPE_API_KEY", "QWEN_API_KEY"],
    baseUrlVariable: "DASHSCOPE_BASE_URL",
    traits: [...PLAIN, "no-strict", "no-n", "top-k", "cache-control", "no-forced-tools", "video-url"],
    models: [[/^(qwen3|qwen-(plus|flash|turbo|max)|qwq)/, ["enable-thinking"]]],
    codes: {
      Arrearage: "no_balance",
      "AllocationQuota.FreeTierOnly": "no_balance",
      // Here it means: more tokens a minute than allotted.
      insufficient_quota: "rate_limited",
      limit_requests: "rate_limited",
      limit_burst_rate: "rate_limited",
      data_inspection_failed: "caller",
      DataInspectionFailed: "caller",
    },
    media: dashscope,
  },
  {
    // [docs, third party] kimi-* fix their sampling; kimi-k3 takes efforts low/high/max; k2.5 and k2.6 toggle thinking; strict is unknown. Error types [memory].
    id: "moonshot",
    displayName: "Moonshot AI (Kimi)",
    baseUrl: "https://api.moonshot.ai/v1",
    keys: ["MOONSHOT_API_KEY", "KIMI_API_KEY"],
    baseUrlVariable: "MOONSHOT_BASE_URL",
    traits: [...NOT_OPENAI, "no-web-search", "no-files", "no-strict", "no-logprobs", "no-seed"],
    models: [
      [/^kimi-k3/, ["no-sampling", "no-n", "reasoning-content", "effort:low", "effort:high", "effort:max"]],
      [/^kimi-k2\.7/, ["no-sampling", "no-n", "reasoning-content", "no-reasoning-effort"]],
      [/^kimi-k2\.[56]/, ["no-sampling", "no-n", "reasoning-content", "thinking-toggle", "no-reasoning-effort"]],
      [/^kimi-.*thinking/, ["reasoning-content", "no-reasoning-effort"]],
    ],
    codes: {
      exceeded_current_quota_error: "no_balance",
      engine_overloaded_error: "overloaded",
      invalid_authentication_error: "auth",
      incorrect_api_key_error: "auth",
      access_terminated_error: "auth",
    },
    sentences: [[/^Not found the model /, "no_model"]],
    // [docs] platform.moonshot.ai/docs/api/balance: dollars at this address.
    balance: { path: "/users/me/balance", read: (answer) => balanceOf(memberOf(answer, "data")["available_balance"], "USD") },
  },
  {
    // [memory] volcengine.com/docs/82379. A model is a model id or an endpoint `ep-...`.
    id: "doubao",
    displayName: "ByteDance Doubao (Volcengine Ark)",
    baseUrl: "https://ark.cn-beijing.volces.com/api/v3",
    keys: ["ARK_API_KEY", "DOUBAO_API_KEY"],
    baseUrlVariable: "ARK_BASE_URL",
    version: "/api/v3",
    traits: [...PLAIN, "no-strict", "no-n", "no-seed", "video-url"],
    models: [[/(seed|thinking)/, ["thinking-toggle", "reasoning-content", "effort:minimal", "effort:low", "effort:medium", "effort:high"]]],
    codes: ARK_CODES,
    images: seedream,
    media: ark,
    isPolicy: isArkPolicy,
  },
  {
    // [memory] docs.mistral.ai: random_seed in place of seed; `reasoning_effort` with the models of 2026. Errors 3280 (ids of tool calls), 3230 (order of roles) and 422 extra_forbidden as its clients' issues quote them.
    id: "mistral",
    displayName: "Mistral AI",
    baseUrl: "https://api.mistral.ai/v1",
    keys: ["MISTRAL_API_KEY"],
    baseUrlVariable: "MISTRAL_BASE_URL",
    traits: [...PLAIN, "no-seed", "no-logprobs", "no-logit-bias", "no-stream-options", "no-reasoning-effort", "plain-messages", "nine-letter-ids", "no-user-after-tool", "prefix"],
    codes: { invalid_model: "no_model" },
    sentences: [[/^Unauthorized$/, "auth"], [/^Invalid model: [\w.:/-]+$/, "no_model"]],
  },
  {
    // [memory] console.groq.com/docs/openai, /docs/errors; efforts of gpt-oss and qwen3 from /docs/reasoning.
    id: "groq",
    displayName: "Groq",
    baseUrl: "https://api.groq.com/openai/v1",
    keys: ["GROQ_API_KEY"],
    baseUrlVariable: "GROQ_BASE_URL",
    version: "/openai/v1",
    traits: [...NOT_OPENAI, "no-web-search", "no-files", "no-logprobs", "no-logit-bias", "no-n", "no-strict", "no-names", "plain-messages"],
    models: [
      [/gpt-oss/, ["effort:low", "effort:medium", "effort:high"]],
      [/qwen3/, ["effort:none"]],
    ],
    codes: {
      organization_restricted: "auth",
      blocked_api_access: "no_balance",
      model_decommissioned: "no_model",
      model_terms_required: "no_model",
      // Also with a 413: more tokens than the account may send in a minute.
      rate_limit_exceeded: "rate_limited",
    },
  },
  {
    // [memory] openrouter.ai/docs. The status stands in the error's code as a number. A 403 speaks of moderated input.
    id: "openrouter",
    displayName: "OpenRouter",
    baseUrl: "https://openrouter.ai/api/v1",
    keys: ["OPENROUTER_API_KEY"],
    baseUrlVariable: "OPENROUTER_BASE_URL",
    version: "/api/v1",
    traits: ["max-tokens", ...NOT_OPENAI, "many-stops", "top-k", "min-p", "file-url", "image-output", "cache-control", "reasoning-details", "reasoning-object"],
    sentences: [[/^No endpoints found/, "no_model"], [/^Insufficient credits\b/, "no_balance"], [/^No auth credentials found|^User not found\.$/, "auth"]],
    testPath: "/key",
    // [docs] openrouter.ai/docs/api-reference/credits: for management keys only; others are refused, and told so.
    balance: {
      path: "/credits",
      read: (answer) => {
        const { total_credits: bought, total_usage: used } = memberOf(answer, "data");
        return typeof bought === "number" && typeof used === "number" ? balanceOf((bought - used).toFixed(6), "USD") : [];
      },
    },
  },
  {
    // [memory] docs.together.ai
    id: "together",
    displayName: "Together AI",
    baseUrl: "https://api.together.xyz/v1",
    keys: ["TOGETHER_API_KEY"],
    baseUrlVariable: "TOGETHER_BASE_URL",
    traits: [...PLAIN, "no-strict", "top-k", "min-p"],
    models: [[/gpt-oss/, ["effort:low", "effort:medium", "effort:high"]], [/./, ["no-reasoning-effort"]]],
    codes: { model_not_available: "no_model", credit_limit: "no_balance" },
  },
  {
    // [memory] docs.fireworks.ai: 412 for a suspended account.
    id: "fireworks",
    displayName: "Fireworks AI",
    baseUrl: "https://api.fireworks.ai/inference/v1",
    keys: ["FIREWORKS_API_KEY"],
    baseUrlVariable: "FIREWORKS_BASE_URL",
    version: "/inference/v1",
    traits: [...PLAIN, "no-strict", "top-k", "min-p"],
    models: [[/gpt-oss|glm|kimi-k3|deepseek-v4/, ["effort:low", "effort:medium", "effort:high"]]],
    codes: { PRECONDITION_FAILED: "no_balance", NOT_FOUND: "no_model" },
  },
  {
    // [memory] docs.perplexity.ai: no tools of the caller's; searches by itself; the path has no version.
    id: "perplexity",
    displayName: "Perplexity",
    baseUrl: "https://api.perplexity.ai",
    keys: ["PERPLEXITY_API_KEY"],
    baseUrlVariable: "PERPLEXITY_BASE_URL",
    version: "",
    traits: ["max-tokens", ...NOT_OPENAI, "no-strict", "no-files", "no-n", "no-seed", "no-logprobs", "no-tools", "top-k"],
    models: [[/deep-research/, ["effort:low", "effort:medium", "effort:high"]], [/./, ["no-reasoning-effort"]]],
    codes: { invalid_model: "no_model" },
    testPath: "/async/chat/completions",
  },
];

/** Servers on one's own machine or network: no key, no address until the operator names one, no catalog entries (`yescale.config.json` names the models). */
export const LOCAL: readonly CompatibleVendor[] = [
  {
    // [memory] docs.ollama.com/openai: tool_choice is not supported, reasoning_effort is.
    id: "ollama",
    displayName: "Ollama",
    baseUrl: "",
    keys: ["OLLAMA_API_KEY"],
    baseUrlVariable: "OLLAMA_BASE_URL",
    keyless: true,
    traits: [...OPEN_SERVER.filter((trait) => trait !== "top-k" && trait !== "min-p"), "no-strict", "no-n", "no-logprobs", "no-forced-tools", "no-parallel-tool-calls", "effort:none", "effort:low", "effort:medium", "effort:high"],
  },
  {
    // [memory] docs.vllm.ai: OpenAI-compatible server; thinking is chosen by the chat template.
    id: "vllm",
    displayName: "vLLM",
    baseUrl: "",
    keys: ["VLLM_API_KEY"],
    baseUrlVariable: "VLLM_BASE_URL",
    keyless: true,
    traits: [...OPEN_SERVER, "no-strict", "video-url", "effort:low", "effort:medium", "effort:high"],
  },
  {
    // [memory] lmstudio.ai/docs/developer/openai-compat
    id: "lmstudio",
    displayName: "LM Studio",
    baseUrl: "",
    keys: ["LMSTUDIO_API_KEY", "LM_API_TOKEN"],
    baseUrlVariable: "LMSTUDIO_BASE_URL",
    keyless: true,
    traits: [...OPEN_SERVER, "no-strict", "no-n", "no-logprobs", "no-forced-tools", "no-parallel-tool-calls", "no-reasoning-effort"],
  },
  {
    // [memory] ggml-org/llama.cpp tools/server/README.md; 503 while the model is loaded.
    id: "llamacpp",
    displayName: "llama.cpp",
    baseUrl: "",
    keys: ["LLAMACPP_API_KEY", "LLAMA_API_KEY"],
    baseUrlVariable: "LLAMACPP_BASE_URL",
    keyless: true,
    traits: [...OPEN_SERVER, "no-strict", "no-n", "no-reasoning-effort"],
  },
];
