import type { AnswerContext } from "../canonical/codec.ts";
import { DroppedFeatures } from "../canonical/dropped-features.ts";
import { answeredTier } from "../canonical/service-tier.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { CanonicalResponse, FinishReason } from "../canonical/response.ts";
import { toolsByName } from "./decode-input.ts";
import { encodeFormat, encodeReasoning } from "./encode-request.ts";
import { ItemMaker, writeItems } from "./encode-items.ts";
import { encodeToolChoice, encodeTools } from "./encode-tools.ts";
import { writeFinish } from "./finish.ts";
import { writeResponsesUsage } from "./usage.ts";

type Wire = Record<string, unknown>;

const NO_TRAITS: ReadonlySet<string> = new Set();
const FAILED_TEXT = "The model's vendor could not complete the answer.";

/** A whole answer as a response (SDK type `Response`). There is one answer only: further choices have no place here. */
export function encodeResponse(response: CanonicalResponse, context: AnswerContext): Wire {
  const [choice] = response.choices;
  const parts = choice?.parts ?? [];
  const finish = choice?.finish ?? "stop";
  const refused = parts.some((part) => part.type === "refusal");
  const output = writeItems(parts, new ItemMaker(context), writeFinish(finish, refused).status === "completed" ? "completed" : "incomplete", choice?.logprobs);
  return {
    ...responseHead(context, response),
    ...responseEnd(finish, refused, context, choice?.finishDetail),
    output,
    usage: response.usage ? writeResponsesUsage(response.usage) : null,
  };
}

/** What is known of a response from its start: its id and the request's own words. */
export function responseHead(context: AnswerContext, start: { id: string; created?: number; serviceTier?: string }): Wire {
  const { request } = context;
  const own = request.own?.dialect === "openai-responses" ? request.own.values : {};
  const tools = encodeTools(request, NO_TRAITS, new DroppedFeatures(request));
  return {
    // Only an id of this kind can be asked for again.
    id: start.id.startsWith("resp_") ? start.id : `resp_${context.id.replaceAll(/[^A-Za-z0-9]/g, "")}`,
    object: "response",
    created_at: start.created ?? context.nowSeconds,
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: instructionsOf(request),
    max_output_tokens: request.maxOutputTokens ?? null,
    model: context.model,
    output: [],
    parallel_tool_calls: request.parallelToolCalls ?? true,
    previous_response_id: own["previous_response_id"] ?? null,
    ...(own["conversation"] === undefined ? {} : { conversation: typeof own["conversation"] === "string" ? { id: own["conversation"] } : own["conversation"] }),
    prompt_cache_key: request.promptCacheKey ?? null,
    reasoning: { effort: null, summary: null, ...(request.reasoning ? encodeReasoning(request.reasoning) : {}) },
    service_tier: answeredTier(start.serviceTier) ?? answeredTier(request.serviceTier) ?? "default",
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: { format: request.format ? encodeFormat(request.format) : { type: "text" }, verbosity: request.verbosity ?? "medium" },
    tool_choice: request.toolChoice ? encodeToolChoice(request.toolChoice, toolsByName(request.tools)) : (own["tool_choice"] ?? "auto"),
    tools,
    top_logprobs: request.logprobs?.top ?? 0,
    top_p: request.topP ?? 1,
    truncation: own["truncation"] ?? "disabled",
    usage: null,
    user: request.user ?? null,
    metadata: request.metadata ?? {},
  };
}

/** What the end of an answer changes in it. */
export function responseEnd(finish: FinishReason, refused: boolean, context: AnswerContext, detail?: string): Wire {
  const { status, reason } = writeFinish(finish, refused);
  return {
    status,
    ...(status === "completed" ? { completed_at: context.nowSeconds } : {}),
    incomplete_details: reason === undefined ? null : { reason },
    error: status === "failed" ? { code: "server_error", message: detail === undefined ? FAILED_TEXT : `${FAILED_TEXT} (${detail})` } : null,
  };
}

function instructionsOf(request: CanonicalRequest): string | null {
  const [first] = request.messages;
  const [only] = first?.parts ?? [];
  return first?.role === "system" && first.parts.length === 1 && only?.type === "text" ? only.text : null;
}
