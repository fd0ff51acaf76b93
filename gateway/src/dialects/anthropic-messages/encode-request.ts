import type { EncodedRequest, RequestTarget } from "../canonical/codec.ts";
import type { CanonicalRequest, Effort } from "../canonical/request.ts";
import { DroppedFeatures } from "../canonical/dropped-features.ts";
import { formatInWords } from "../canonical/format-in-words.ts";
import { dropOpenAIWishes } from "../canonical/openai-wishes.ts";
import { outputLimit } from "../canonical/output-limit.ts";
import { encodeMessages } from "./encode-messages.ts";
import { encodeSampling, encodeThinking } from "./encode-thinking.ts";
import { encodeTools } from "./encode-tools.ts";
import { modelTraits } from "./model-traits.ts";
import { outputSchema } from "./output-schema.ts";

type Words = Record<string, unknown>;

/** Members of the request that are no member of the body by themselves; they return where they came from. */
const PLACED_ELSEWHERE = new Set(["web_fetch", "output_config.task_budget", "search_result.citations", "document.citations"]);

/** A request as Anthropic's Messages API takes it (SDK: MessageCreateParams), and what of it could not be said there. Throws GatewayError (see encodeMessages). */
export function encodeRequest(given: CanonicalRequest, target: RequestTarget): EncodedRequest {
  const dropped = new DroppedFeatures(given);
  const traits = modelTraits(target);
  // There is no JSON mode: a format needs a schema, and an object without members would be empty. A forced tool would keep the model from thinking and from the caller's tools.
  const request = given.format?.type === "json" || !traits.jsonSchema ? formatInWords(given, dropped) : given;
  const { system, messages, unthought } = encodeMessages(request.messages, traits.systemMessages, dropped);
  const { tools, tool_choice, forced } = encodeTools(request, traits, dropped);
  const maxTokens = Math.max(1, outputLimit(request, target, dropped) ?? target.maxOutputTokens);
  const thinking = encodeThinking(request.reasoning, { traits, reasons: target.reasons, maxTokens, forced, unthought }, dropped);
  const [only] = system;
  const body: Words = {
    ...restoreOwn(request, dropped),
    model: target.model,
    max_tokens: maxTokens,
    ...(system.length === 0 ? {} : { system: system.length === 1 && only && Object.keys(only).length === 2 ? only["text"] : system }),
    messages,
    ...(tools ? { tools } : {}),
    ...(tool_choice ? { tool_choice } : {}),
    ...encodeSampling(request, traits, thinking.on, dropped),
    ...encodeStop(request, dropped),
    ...encodeServiceTier(request, dropped),
    ...encodeOutputConfig(request, thinking.effort, dropped),
    ...encodeUser(request, dropped),
    ...(request.stream ? { stream: true } : {}),
  };
  // A finer form of thinking that only this dialect has stands as it was told.
  if (thinking.thinking && !(thinking.on && body["thinking"] !== undefined)) body["thinking"] = thinking.thinking;
  else if (!thinking.on) delete body["thinking"];
  dropOpenAIWishes(request, dropped);
  return { body, dropped: dropped.list() };
}

function restoreOwn(request: CanonicalRequest, dropped: DroppedFeatures): Words {
  const { own } = request;
  if (!own) return {};
  if (own.dialect === "anthropic-messages") return Object.fromEntries(Object.entries({ ...own.harmless, ...own.values }).filter(([name]) => !PLACED_ELSEWHERE.has(name)));
  for (const name of Object.keys(own.values)) dropped.add(name);
  return {};
}

/** A stop sequence must hold something beside spaces, or the vendor refuses the request. */
function encodeStop({ stop }: CanonicalRequest, dropped: DroppedFeatures): Words {
  const taken = (stop ?? []).filter((text) => text.trim() !== "");
  if (taken.length < (stop ?? []).length) dropped.add("stop");
  return taken.length > 0 ? { stop_sequences: taken } : {};
}

/** SDK: service_tier is "auto" or "standard_only". OpenAI's "default" is the standard tier. */
function encodeServiceTier({ serviceTier }: CanonicalRequest, dropped: DroppedFeatures): Words {
  if (serviceTier === undefined) return {};
  if (serviceTier === "auto") return { service_tier: "auto" };
  if (["default", "standard", "standard_only"].includes(serviceTier)) return { service_tier: "standard_only" };
  dropped.add("serviceTier");
  return {};
}

function encodeOutputConfig(request: CanonicalRequest, effort: Effort | undefined, dropped: DroppedFeatures): Words {
  const config: Words = {};
  if (effort !== undefined) config["effort"] = effort;
  const { format, own } = request;
  if (format?.type === "json-schema" && typeof format.schema === "object") {
    const { schema, narrowed } = outputSchema(format.schema);
    if (narrowed) dropped.add("format");
    if (format.description !== undefined && schema["description"] === undefined) schema["description"] = format.description;
    config["format"] = { type: "json_schema", schema };
  } else if (format) dropped.add("format");
  const budget = own?.dialect === "anthropic-messages" ? own.values["output_config.task_budget"] : undefined;
  if (budget !== undefined) config["task_budget"] = budget;
  return Object.keys(config).length > 0 ? { output_config: config } : {};
}

/** SDK: Metadata.user_id. There is no place for other metadata. */
function encodeUser(request: CanonicalRequest, dropped: DroppedFeatures): Words {
  if (Object.keys(request.metadata ?? {}).some((name) => name !== "user_id" || request.user !== undefined)) dropped.add("metadata");
  const user = request.user ?? request.metadata?.["user_id"];
  return user === undefined ? {} : { metadata: { user_id: user } };
}
