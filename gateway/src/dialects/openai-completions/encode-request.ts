import { GatewayError } from "../../errors/gateway-error.ts";
import type { EncodedRequest, RequestTarget } from "../canonical/codec.ts";
import { DroppedFeatures } from "../canonical/dropped-features.ts";
import { outputLimit } from "../canonical/output-limit.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { defined } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

const LOGPROBS_MAX = 5;
/** Features that a plain prompt has no place for. */
const NOWHERE = [
  "tools", "toolChoice", "parallelToolCalls", "format", "reasoning", "topK", "minP", "modalities", "audio", "image", "verbosity", "metadata", "serviceTier", "promptCacheKey", "store",
] as const satisfies readonly (keyof CanonicalRequest)[];

/** A conversation of one text of the user's as a prompt. Throws GatewayError for a longer one: a model of this endpoint knows no turns. */
export function encodeRequest(request: CanonicalRequest, target: RequestTarget): EncodedRequest {
  const dropped = new DroppedFeatures(request);
  const { own } = request;
  if (own && own.dialect !== "openai-completions") for (const name of Object.keys(own.values)) dropped.add(name);
  for (const feature of NOWHERE) if (request[feature] !== undefined) dropped.add(feature);
  return {
    body: defined<Json>({
      ...(own?.dialect === "openai-completions" ? own.values : {}),
      model: target.model,
      prompt: promptOf(request),
      max_tokens: outputLimit(request, target, dropped) ?? target.maxOutputTokens,
      temperature: request.temperature,
      top_p: request.topP,
      n: request.choices,
      stop: request.stop,
      presence_penalty: request.presencePenalty,
      frequency_penalty: request.frequencyPenalty,
      logit_bias: request.logitBias,
      logprobs: request.logprobs ? Math.min(request.logprobs.top, LOGPROBS_MAX) : undefined,
      seed: request.seed,
      user: request.user,
      stream: request.stream || undefined,
      stream_options: request.stream ? { include_usage: true } : undefined,
    }),
    dropped: dropped.list(),
  };
}

function promptOf({ messages }: CanonicalRequest): string {
  const [message] = messages;
  const parts = message?.parts ?? [];
  if (messages.length !== 1 || message?.role !== "user" || !parts.every((part) => part.type === "text"))
    throw new GatewayError("invalidRequest", { publicText: "This model completes one plain text: send a single user message that holds nothing else.", param: "messages" });
  return parts.map((part) => part.text).join("");
}
