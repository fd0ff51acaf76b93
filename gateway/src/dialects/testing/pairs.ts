import type { AnswerContext, Codec, RequestTarget } from "../canonical/codec.ts";
import { collectStream } from "../canonical/collect-stream.ts";
import { JsonArrayFramer, SseFramer } from "../canonical/framer.ts";
import type { Part } from "../canonical/parts.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { wireEvent } from "../canonical/wire-event.ts";
import { anthropicMessagesCodec } from "../anthropic-messages/codec.ts";
import { geminiCodec } from "../gemini/codec.ts";
import { openaiChatCodec } from "../openai-chat/codec.ts";
import { openaiResponsesCodec } from "../openai-responses/codec.ts";

const CODECS = { "openai-chat": openaiChatCodec, "openai-responses": openaiResponsesCodec, "anthropic-messages": anthropicMessagesCodec, gemini: geminiCodec };

/** The dialects of conversation with tools, which all pairs are made of. */
export type PairedId = keyof typeof CODECS;
/** Every dialect with every other: what a caller speaks, and what the vendor does. */
export const IDS = Object.keys(CODECS) as PairedId[];
export const PAIRS: [caller: PairedId, vendor: PairedId][] = IDS.flatMap((caller) => IDS.map((vendor): [PairedId, PairedId] => [caller, vendor]));

export const codecOf = (id: PairedId): Codec => CODECS[id];

export const contextOf = (request: Partial<CanonicalRequest> = {}): AnswerContext => ({
  id: "0197c2a8-0000-7000-8000-000000000001",
  model: "m",
  nowSeconds: 1_790_000_000,
  request: { model: "m", stream: true, messages: [], includeUsage: true, reasoning: { show: "auto" }, ...request },
});

/** A model of each dialect that can all that its vendor offers. */
export const TARGETS: Record<PairedId, RequestTarget> = {
  "openai-chat": { model: "gpt-5", maxOutputTokens: 64_000, reasons: true, traits: new Set(["reasoning-details"]) },
  "openai-responses": { model: "gpt-5", maxOutputTokens: 64_000, reasons: true, traits: new Set() },
  "anthropic-messages": { model: "claude-sonnet-4-5", maxOutputTokens: 64_000, reasons: true, traits: new Set() },
  gemini: { model: "gemini-3.1-flash", maxOutputTokens: 64_000, reasons: true, traits: new Set() },
};

/** A value as it comes off the wire. */
export const wired = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** An answer as a decoder would stream it: texts and arguments in pieces of `size` UTF-16 units, seals at the end of what they seal. */
export function* partsOf(response: CanonicalResponse, size: number): Generator<StreamPart> {
  yield { type: "start", id: response.id, model: response.model };
  for (const choice of response.choices) {
    for (const [index, part] of choice.parts.entries()) {
      const place = { choice: choice.index, index };
      yield { type: "part-start", ...place, part: begun(part) };
      if (part.type === "text" || part.type === "reasoning" || part.type === "refusal") for (const text of pieces(part.text, size)) yield { type: "text-delta", ...place, text };
      if (part.type === "tool-call") for (const text of pieces(part.arguments, size)) yield { type: "arguments-delta", ...place, text };
      if (part.type === "reasoning" && part.signature !== undefined) yield { type: "signature-delta", ...place, signature: part.signature };
      yield part.type === "reasoning" && part.encrypted !== undefined ? { type: "part-end", ...place, part } : { type: "part-end", ...place };
    }
    yield { type: "finish", choice: choice.index, reason: choice.finish };
  }
  if (response.usage) yield { type: "usage", usage: response.usage };
  yield { type: "end" };
}

function begun(part: Part): Part {
  if (part.type === "text" || part.type === "refusal") return { ...part, text: "" };
  if (part.type === "tool-call") return { ...part, arguments: "" };
  if (part.type !== "reasoning") return part;
  const { signature: _late, encrypted: _end, ...head } = part;
  return { ...head, text: "" };
}

const pieces = (text: string, size: number): string[] => text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];

/** An answer as a vendor of that dialect streams it. */
export function streamOf(vendor: PairedId, response: CanonicalResponse, context = contextOf(), size = 3): string {
  const encoder = codecOf(vendor).streamEncoder(context, "sse");
  let text = "";
  for (const part of partsOf(response, size)) text += encoder.push(part);
  return text + encoder.flush();
}

/** The parts of a stream given as bytes, cut anywhere. `cuts`: lengths of the chunks, over and over. */
export function readBytes(dialect: PairedId, bytes: Buffer, cuts: readonly number[] = [1_000], framing: "sse" | "json-array" = "sse"): StreamPart[] {
  const framer = framing === "sse" ? new SseFramer() : new JsonArrayFramer();
  const decoder = codecOf(dialect).streamDecoder();
  const parts: StreamPart[] = [];
  let turn = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = Math.max(1, cuts[turn % cuts.length] ?? 1);
    turn += 1;
    const { bytes: held, ends } = framer.push(bytes.subarray(at, at + size));
    at += size;
    let from = 0;
    for (const to of ends) {
      const event = wireEvent(held.toString("utf8", from, to));
      if (event) parts.push(...decoder.push(event));
      from = to;
    }
  }
  return [...parts, ...decoder.flush()];
}

/** What a caller gets of a vendor's stream. */
export function translate(caller: PairedId, vendor: PairedId, bytes: Buffer, context: AnswerContext, cuts?: readonly number[], framing: "sse" | "json-array" = "sse"): string {
  const encoder = codecOf(caller).streamEncoder(context, framing);
  let text = "";
  for (const part of readBytes(vendor, bytes, cuts)) text += encoder.push(part);
  return text + encoder.flush();
}

/** What a client of the dialect makes of a stream. */
export const understood = (dialect: PairedId, text: string, framing: "sse" | "json-array" = "sse"): CanonicalResponse => collectStream(readBytes(dialect, Buffer.from(text), undefined, framing));
