import type { AnswerContext } from "../canonical/codec.ts";
import type { AudioPart, Part, TextPart, ToolCallPart } from "../canonical/parts.ts";
import type { CanonicalResponse, Choice } from "../canonical/response.ts";
import { writeAnnotation } from "./annotations.ts";
import { wantsFunctionCall } from "./decode-request.ts";
import { heldBy, writeFinish } from "./finish.ts";
import { textOfHosted } from "./hosted-text.ts";
import { markdownOf, writeImage } from "./images.ts";
import { writeLogprobs } from "./logprobs.ts";
import { isSealed, writeDetails } from "./reasoning-details.ts";
import { writeOpenAIUsage } from "../canonical/openai-usage.ts";
import { answeredTier } from "../canonical/service-tier.ts";

type Json = Record<string, unknown>;

/** The vendor's id, or one made from the request's. */
export const answerId = (vendorId: string, context: AnswerContext): string => vendorId || `chatcmpl-${context.id.replaceAll("-", "")}`;

/** An id of a spoken answer that the vendor gave none. */
export const audioId = (context: AnswerContext, choice: number): string => `audio_${context.id.replaceAll("-", "")}_${choice}`;

/**
 * An answer as chat completion. Thinking is `reasoning_content` (DeepSeek's word, which most clients read), sealed thinking `reasoning_details` besides;
 * code that the vendor ran is text; images are Markdown in `content` and `images`; citations are `annotations`.
 */
export function encodeResponse(response: CanonicalResponse, context: AnswerContext): Json {
  return {
    id: answerId(response.id, context),
    object: "chat.completion",
    created: response.created ?? context.nowSeconds,
    model: context.model,
    choices: response.choices.map((choice) => encodeChoice(choice, context)),
    ...(response.usage ? { usage: writeOpenAIUsage(response.usage) } : {}),
    ...tierOf(response),
  };
}

/** `service_tier` of an answer, where it has one of OpenAI's. */
export function tierOf({ serviceTier }: { serviceTier?: string }): Json {
  const tier = answeredTier(serviceTier);
  return tier === undefined ? {} : { service_tier: tier };
}

function encodeChoice(choice: Choice, context: AnswerContext): Json {
  const legacy = wantsFunctionCall(context.request);
  const held = heldBy(choice.parts);
  const tokens = choice.logprobs ? writeLogprobs(choice.logprobs) : undefined;
  return {
    index: choice.index,
    message: message(choice, context, legacy),
    logprobs: tokens ? { content: held.refusal ? null : tokens, refusal: held.refusal ? tokens : null } : null,
    finish_reason: writeFinish(choice.finish, held, legacy),
  };
}

/** Everything of one message that stands in its `content`, with the images and annotations that go along. */
function contentOf(parts: Part[]): { content: string; images: Json[]; annotations: Json[] } {
  let content = "";
  const images: Json[] = [];
  const annotations: Json[] = [];
  for (const part of parts) {
    if (part.type === "text") {
      annotations.push(...annotationsOf(part, content.length));
      content += part.text;
    } else if (part.type === "image") {
      const image = writeImage(part, images.length);
      if (!image) continue;
      images.push(image.entry);
      content += markdownOf(image.url);
    } else if (part.type === "hosted-call" || part.type === "hosted-result") content += textOfHosted(part);
  }
  if (annotations.length === 0) annotations.push(...sourcesOf(parts, content.length));
  return { content, images, annotations };
}

function annotationsOf(part: TextPart, offset: number): Json[] {
  return (part.citations ?? []).map((citation) => writeAnnotation(citation, offset, part.text.length)).filter((found) => found !== undefined);
}

/** The pages that a search found, for an answer that cites none of them itself. */
export function sourcesOf(parts: Part[], length: number): Json[] {
  return parts
    .flatMap((part) => (part.type === "hosted-result" ? (part.sources ?? []) : []))
    .map(({ url, title }) => writeAnnotation(title === undefined ? { url } : { url, title }, 0, length))
    .filter((found) => found !== undefined);
}

/** Parts that may come without any text beside them. */
const standsAlone = (part: Part): boolean => part.type === "tool-call" || part.type === "refusal" || part.type === "audio";

function message({ parts, index }: Choice, context: AnswerContext, legacy: boolean): Json {
  const { content, images, annotations } = contentOf(parts);
  const joined = (type: "reasoning" | "refusal"): string => parts.map((part) => (part.type === type ? part.text : "")).join("");
  const [refusal, reasoning] = [joined("refusal"), joined("reasoning")];
  const wire: Json = { role: "assistant", content: content || (parts.some(standsAlone) ? null : ""), refusal: refusal || null };
  if (reasoning) wire["reasoning_content"] = reasoning;
  const thoughts = parts.filter((part) => part.type === "reasoning");
  if (thoughts.some(isSealed)) wire["reasoning_details"] = thoughts.flatMap((part, at) => writeDetails(part, at));
  if (annotations.length > 0) wire["annotations"] = annotations;
  if (images.length > 0) wire["images"] = images;
  const audio = parts.find((part) => part.type === "audio");
  if (audio) wire["audio"] = spoken(audio, context, index);
  const calls = parts.filter((part) => part.type === "tool-call");
  // The legacy form knows one call an answer; the model asks again for the others.
  if (calls[0] && legacy) wire["function_call"] = { name: calls[0].name, arguments: calls[0].arguments || "{}" };
  else if (calls.length > 0) wire["tool_calls"] = calls.map(toolCall);
  return wire;
}

/** Members of a call beside its type, name and arguments: Gemini's signature, which must come back with it (as Google's OpenAI-compatible endpoint gives it). */
export const extraOf = (call: ToolCallPart): Json => (call.signature === undefined ? {} : { extra_content: { google: { thought_signature: call.signature } } });

function toolCall(call: ToolCallPart): Json {
  if (call.custom) return { id: call.id, type: "custom", custom: { name: call.name, input: call.arguments } };
  return { id: call.id, type: "function", function: { name: call.name, arguments: call.arguments || "{}" }, ...extraOf(call) };
}

function spoken(part: AudioPart, context: AnswerContext, index: number): Json {
  return {
    id: part.id ?? audioId(context, index),
    data: part.source.kind === "base64" ? part.source.data : "",
    expires_at: part.expiresAt ?? context.nowSeconds,
    transcript: part.transcript ?? "",
  };
}
