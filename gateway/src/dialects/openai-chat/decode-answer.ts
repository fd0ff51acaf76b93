import { objectOf } from "../canonical/fields.ts";
import { madeUpId } from "../canonical/made-up-id.ts";
import { sniffSound } from "../canonical/media-types.ts";
import { urlOfMedia } from "../canonical/media.ts";
import type { AudioPart, Citation, Part, TextPart, ToolCallPart } from "../canonical/parts.ts";
import type { CanonicalResponse, Choice } from "../canonical/response.ts";
import { type ContentPlace, placeCitation, readAnnotations, readSources } from "./annotations.ts";
import { heldBy, readFinish } from "./finish.ts";
import { readImages, splitImages } from "./images.ts";
import { readLogprobs } from "./logprobs.ts";
import { readReasoning } from "./reasoning-details.ts";
import { readOpenAIUsage } from "../canonical/openai-usage.ts";
import { defined, foundIn, listIn, numberIn, textIn } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

/** More calls or choices than any answer has: a vendor's mistake must not become ours. */
export const CALLS_MAX = 1_024;
export const CHOICES_MAX = 128;

/** A whole chat completion (SDK type ChatCompletion, and what its family adds). Takes the parsed body; never throws, passes over what it does not know. */
export function decodeResponse(body: Json): CanonicalResponse {
  const id = textIn(body["id"]) ?? "";
  const sources = readSources(body);
  const report = readOpenAIUsage(body["usage"]) ?? readOpenAIUsage(objectOf(body["x_groq"])["usage"]);
  return defined<CanonicalResponse>({
    id,
    model: textIn(body["model"]) ?? "",
    created: numberIn(body["created"]),
    choices: foundIn(body["choices"], (item, position) => choiceOf(objectOf(item), position, id, sources), CHOICES_MAX),
    usage: report?.usage,
    anomaly: report?.anomaly,
    serviceTier: textIn(body["service_tier"]),
  });
}

function choiceOf(wire: Json, position: number, id: string, sources: TextPart["citations"]): Choice {
  const message = objectOf(wire["message"]);
  const index = numberIn(wire["index"]) ?? position;
  const parts = partsOf(message, (at) => madeUpId("call", `${index}_${at}`, id));
  const annotations = readAnnotations(message["annotations"]);
  const citations = annotations.length > 0 ? annotations : (sources ?? []);
  if (citations.length > 0) cite(parts, textIn(message["content"]) ?? "", citations);
  const ending = readFinish(textIn(wire["finish_reason"]) ?? "stop", heldBy(parts));
  const logprobs = objectOf(wire["logprobs"]);
  const tokens = readLogprobs(logprobs["content"] ?? logprobs["refusal"]);
  // vLLM and SGLang name the stop sequence that was met.
  const met = ending.finish === "stop" ? textIn(wire["stop_reason"]) : undefined;
  return defined<Choice>({
    index,
    parts,
    finish: met === undefined ? ending.finish : "stop-sequence",
    finishDetail: ending.detail,
    stopSequence: met,
    logprobs: tokens.length > 0 ? tokens : undefined,
  });
}

/** Gives each citation to the text that it is about. */
function cite(parts: Part[], content: string, citations: Citation[]): void {
  const texts: TextPart[] = [];
  const places: ContentPlace[] = [];
  let at = 0;
  for (const part of parts)
    if (part.type === "text") {
      texts.push(part);
      places.push({ from: at, length: part.text.length });
      at += part.text.length;
    } else if (part.type === "image") {
      const url = urlOfMedia(part.source) ?? "";
      const found = url === "" ? -1 : content.indexOf(url, at);
      if (found >= 0) at = found + url.length + 1;
    }
  for (const citation of citations) {
    const placed = placeCitation(citation, places);
    const text = placed && texts[placed.text];
    if (text) (text.citations ??= []).push(placed.citation);
  }
}

function partsOf(message: Json, makeId: (at: number) => string): Part[] {
  const parts: Part[] = readReasoning(message);
  const images = readImages(message["images"]);
  const { content } = message;
  if (typeof content === "string") parts.push(...splitImages(content, images));
  else parts.push(...contentParts(content), ...splitImages("", images));
  const refusal = textIn(message["refusal"]);
  if (refusal) parts.push({ type: "refusal", text: refusal });
  const audio = objectOf(message["audio"]);
  if (textIn(audio["data"]) || textIn(audio["transcript"])) parts.push(audioPart(audio));
  for (const [at, call] of listIn(message["tool_calls"]).slice(0, CALLS_MAX).entries()) {
    const part = toolCall(objectOf(call), makeId(at));
    if (part) parts.push(part);
  }
  const legacy = objectOf(message["function_call"]);
  if (textIn(legacy["name"])) parts.push({ type: "tool-call", id: makeId(0), name: textIn(legacy["name"]) ?? "", arguments: argumentsText(legacy["arguments"]) || "{}" });
  return parts;
}

/** Mistral's `content` as a list: texts, and thinking as `{type:"thinking", thinking:[{type:"text", text}]}`. */
function contentParts(content: unknown): Part[] {
  return foundIn(content, (item): Part | undefined => {
    const part = objectOf(item);
    const text = textIn(part["text"]);
    if (part["type"] === "thinking") {
      const thought = textIn(part["thinking"]) ?? listIn(part["thinking"]).map((piece) => textIn(objectOf(piece)["text"]) ?? "").join("");
      return thought ? { type: "reasoning", text: thought } : undefined;
    }
    return text ? { type: "text", text } : undefined;
  });
}

/** Arguments as text; Ollama and others send them as the object itself. */
export function argumentsText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
}

function toolCall(call: Json, otherwise: string): ToolCallPart | undefined {
  const custom = objectOf(call["custom"]);
  const isCustom = textIn(custom["name"]) !== undefined;
  const inner = isCustom ? custom : objectOf(call["function"]);
  const name = textIn(inner["name"]);
  if (!name) return undefined;
  const text = argumentsText(inner[isCustom ? "input" : "arguments"]);
  const signature = textIn(objectOf(objectOf(call["extra_content"])["google"])["thought_signature"]);
  return defined<ToolCallPart>({
    type: "tool-call",
    id: textIn(call["id"]) || otherwise,
    name,
    arguments: isCustom ? text : text || "{}",
    custom: isCustom || undefined,
    signature: signature || undefined,
  });
}

function audioPart(audio: Json): AudioPart {
  const data = textIn(audio["data"]) ?? "";
  return defined<AudioPart>({
    type: "audio",
    source: { kind: "base64", mediaType: sniffSound(data), data },
    id: textIn(audio["id"]),
    transcript: textIn(audio["transcript"]),
    expiresAt: numberIn(audio["expires_at"]),
  });
}
