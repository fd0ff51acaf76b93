import type { AnswerContext } from "../canonical/codec.ts";
import { writeOpenAIUsage } from "../canonical/openai-usage.ts";
import type { CanonicalResponse, Choice } from "../canonical/response.ts";
import { writeFinish } from "./finish.ts";
import { writeLogprobs } from "./logprobs.ts";

type Json = Record<string, unknown>;

/** The vendor's id, or one made from the request's. */
export const completionId = (vendorId: string, context: AnswerContext): string => vendorId || `cmpl-${context.id.replaceAll("-", "")}`;

/** An answer as a completion (SDK type Completion): its text and refusals; thinking and all else that is no text of the answer is left out. */
export function encodeResponse(response: CanonicalResponse, context: AnswerContext): Json {
  return {
    id: completionId(response.id, context),
    object: "text_completion",
    created: response.created ?? context.nowSeconds,
    model: context.model,
    choices: response.choices.map((choice) => choiceOf(choice, wantsTops(context))),
    ...(response.usage ? { usage: writeOpenAIUsage(response.usage) } : {}),
  };
}

/** Whether other tokens beside the chosen ones were asked for. */
export const wantsTops = ({ request }: AnswerContext): boolean => (request.logprobs?.top ?? 0) > 0;

function choiceOf({ index, parts, finish, logprobs }: Choice, tops: boolean): Json {
  const text = parts.map((part) => (part.type === "text" || part.type === "refusal" ? part.text : "")).join("");
  return { text, index, logprobs: logprobs ? writeLogprobs(logprobs, 0, tops) : null, finish_reason: writeFinish(finish) };
}
