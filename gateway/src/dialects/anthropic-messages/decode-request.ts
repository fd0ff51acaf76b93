import { GatewayError } from "../../errors/gateway-error.ts";
import { refuseSchema } from "../canonical/depth.ts";
import { objectOf, textOf } from "../canonical/fields.ts";
import type { CanonicalRequest, Effort, OutputFormat, ReasoningWish } from "../canonical/request.ts";
import { defined } from "../canonical/wire-fields.ts";
import { FIELD_NAMES } from "./field-names.ts";
import { readMessages } from "./decode-messages.ts";
import { readTools, readToolChoice } from "./decode-tools.ts";
import { fault, nameAt, objectAt, optionalCount, optionalFlag, optionalNumber, optionalObject, optionalText, optionalTexts, type Words } from "./request-words.ts";
import { table } from "../../table.ts";

/** Larger than any model's answer; more is a mistake. */
const MAX_TOKENS_MAX = 100_000_000;
const STOP_SEQUENCES_MAX = 1_000;
const TOP_K_MAX = 1_000_000;

const READ = new Set([
  "model", "messages", "system", "max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "tools", "tool_choice", "thinking",
  "output_config", "output_format", "metadata", "service_tier",
]);
/** Where the prompt is cached, what is reported beside the answer, who is told: no wish about the answer itself. */
const HARMLESS = new Set(["cache_control", "context_management", "compaction", "diagnostics", "betas", "user_profile_id", "workspace_id", "billing_policy", "fallback_credit_token"]);
const EFFORTS: readonly string[] = ["low", "medium", "high", "xhigh", "max"];

/** A Messages request (SDK: MessageCreateParams of 1.x and 0.x, stable and beta) in the canonical form. Throws GatewayError. */
export function decodeRequest(body: Words): CanonicalRequest {
  const { model } = body;
  if (model === undefined || model === null || model === "") throw new GatewayError("missingModel", { param: "model" });
  const [values, harmless]: [Words, Words] = [table({}), table({})];
  for (const name of Object.keys(body)) {
    if (READ.has(name)) continue;
    const value = body[name];
    if (value === undefined || value === null) continue;
    (HARMLESS.has(name) && !(name === "context_management" && cutsPrompt(value)) ? harmless : values)[name] = value;
  }
  const { toolChoice, serial } = readToolChoice(body["tool_choice"]);
  const config = optionalObject(body["output_config"], "output_config") ?? {};
  if (config["task_budget"] !== undefined && config["task_budget"] !== null) values["output_config.task_budget"] = config["task_budget"];
  // A thread's earlier turns lie at Anthropic: answered without them, a request would be another one.
  if (body["thread"] !== undefined && body["thread"] !== null) throw new GatewayError("threadUnsupported", { param: "thread" });
  const lost = new Set<string>();
  const messages = readMessages(body["system"], body["messages"], lost);
  for (const name of lost) values[name] = true;
  const request = defined<CanonicalRequest>({
    model: nameAt(model, "model"),
    stream: optionalFlag(body["stream"], "stream") ?? false,
    messages,
    tools: readTools(body["tools"], values),
    toolChoice,
    parallelToolCalls: serial ? false : undefined,
    format: readFormat(config["format"] ?? body["output_format"], config["format"] ? "output_config.format" : "output_format"),
    reasoning: readReasoning(body["thinking"], config["effort"], harmless),
    maxOutputTokens: optionalCount(body["max_tokens"], "max_tokens", 1, MAX_TOKENS_MAX),
    temperature: optionalNumber(body["temperature"], "temperature", 0, 1),
    topP: optionalNumber(body["top_p"], "top_p", 0, 1),
    topK: optionalCount(body["top_k"], "top_k", 0, TOP_K_MAX),
    stop: optionalTexts(body["stop_sequences"], "stop_sequences", STOP_SEQUENCES_MAX),
    user: optionalText(optionalObject(body["metadata"], "metadata")?.["user_id"], "metadata.user_id"),
    serviceTier: optionalText(body["service_tier"], "service_tier"),
  });
  if (Object.keys(values).length > 0 || Object.keys(harmless).length > 0)
    request.own = { dialect: "anthropic-messages", values, ...(Object.keys(harmless).length > 0 ? { harmless } : {}) };
  request.fields = fieldsOf(body);
  return request;
}

/** Whether something shall be cut from the prompt or summed up there. Old thinking is not meant: other vendors are not told it anyway. */
function cutsPrompt(management: unknown): boolean {
  const { edits } = objectOf(management);
  return Array.isArray(edits) && edits.some((edit) => !textOf(objectOf(edit)["type"], "").startsWith("clear_thinking"));
}

/** What the caller called the features that are named otherwise here; two have another name in older and in shorter requests. */
function fieldsOf({ output_format: oldFormat, thinking }: Words): Readonly<Record<string, string>> {
  if (!oldFormat && !thinking) return FIELD_NAMES;
  return { ...FIELD_NAMES, ...(oldFormat ? { format: "output_format" } : {}), ...(thinking ? { reasoning: "thinking" } : {}) };
}

/** SDK: JSONOutputFormat. */
function readFormat(value: unknown, at: string): OutputFormat | undefined {
  const format = optionalObject(value, at);
  if (!format) return undefined;
  if (format["type"] !== "json_schema") throw fault(`${at}.type`, "Input should be 'json_schema'");
  const schema = objectAt(format["schema"], `${at}.schema`);
  refuseSchema(schema, `${at}.schema`);
  return { type: "json-schema", schema };
}

/** SDK: ThinkingConfigParam and OutputConfig.effort. */
function readReasoning(value: unknown, effortWord: unknown, harmless: Words): ReasoningWish | undefined {
  const wish: ReasoningWish = {};
  const effort = optionalText(effortWord, "output_config.effort");
  if (effort !== undefined) {
    if (!EFFORTS.includes(effort)) throw fault("output_config.effort", "Input should be 'low', 'medium', 'high', 'xhigh' or 'max'");
    wish.effort = effort as Effort;
  }
  const thinking = optionalObject(value, "thinking");
  if (thinking) {
    const display = optionalText(thinking["display"], "thinking.display");
    if (display !== undefined) wish.show = display === "omitted" ? "none" : "auto";
    readThinkingType(thinking, wish, harmless);
  }
  return Object.keys(wish).length > 0 ? wish : undefined;
}

function readThinkingType(thinking: Words, wish: ReasoningWish, harmless: Words): void {
  switch (thinking["type"]) {
    case "enabled": {
      const budget = optionalCount(thinking["budget_tokens"], "thinking.enabled.budget_tokens", 1_024, MAX_TOKENS_MAX);
      if (budget === undefined) throw fault("thinking.enabled.budget_tokens", "Field required");
      wish.budgetTokens = budget;
      return;
    }
    case "disabled":
      wish.off = true;
      return;
    case "adaptive":
      wish.adaptive = true;
      return;
    case "between_tools":
      // A finer form of thinking as the model sees fit; only Anthropic has it.
      wish.adaptive = true;
      harmless["thinking"] = { type: "between_tools" };
      return;
    default:
      throw fault("thinking.type", "Input should be 'adaptive', 'enabled', 'disabled' or 'between_tools'");
  }
}
