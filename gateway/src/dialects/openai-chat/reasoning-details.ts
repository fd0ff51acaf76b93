import { objectOf } from "../canonical/fields.ts";
import { unpackSeal } from "../canonical/foreign-seal.ts";
import type { CodecId } from "../canonical/codec.ts";
import type { ReasoningPart } from "../canonical/parts.ts";
import { foundIn, numberIn, textIn } from "../canonical/wire-fields.ts";

/**
 * OpenRouter's `reasoning_details` (its guide "Reasoning tokens"): entries `reasoning.text{text,signature}`, `reasoning.summary{summary}` and
 * `reasoning.encrypted{data}`, each with `id`, `format` and `index`; entries of one index belong together. It is the only form in chat completions that
 * carries sealed reasoning, so we speak it to callers too: who sends it back keeps thinking across turns with any vendor.
 */
const FORMATS: [string, CodecId][] = [
  ["anthropic-claude-v1", "anthropic-messages"],
  ["google-gemini-v1", "gemini"],
  ["openai-responses-v1", "openai-responses"],
];
const FOREIGN_FORMAT = "unknown";

/** One entry, read. */
export interface ReasoningDetail {
  index: number | undefined;
  id: string | undefined;
  /** undefined: nobody sealed it */
  sealedBy: CodecId | undefined;
  text: string | undefined;
  summary: boolean;
  signature: string | undefined;
  encrypted: string | undefined;
}

/** Entries out of whatever was sent; what is none is passed over. */
export function readDetails(value: unknown): ReasoningDetail[] {
  return foundIn(value, (item): ReasoningDetail | undefined => {
    const entry = objectOf(item);
    const kind = entry["type"];
    const text = kind === "reasoning.text" ? textIn(entry["text"]) : kind === "reasoning.summary" ? textIn(entry["summary"]) : undefined;
    const signature = kind === "reasoning.text" ? textIn(entry["signature"]) || undefined : undefined;
    const encrypted = kind === "reasoning.encrypted" ? textIn(entry["data"]) || undefined : undefined;
    if (!text && !signature && !encrypted) return undefined;
    const format = textIn(entry["format"]);
    const place = { index: numberIn(entry["index"]), text, summary: kind === "reasoning.summary" };
    // Our envelope out of a conversation that was led in another dialect.
    const foreign = unpackSeal(signature ?? encrypted ?? "");
    if (foreign) return { ...place, id: foreign.id, sealedBy: foreign.sealedBy, signature: foreign.signature, encrypted: foreign.encrypted };
    return { ...place, id: textIn(entry["id"]) || undefined, sealedBy: FORMATS.find(([name]) => name === format)?.[1] ?? "openai-chat", signature, encrypted };
  });
}

/** Whether an entry continues the part begun by an earlier one, of that index: same numeric index, and nothing that the part has already ended with. */
export function continues(part: ReasoningPart, index: number | undefined, entry: ReasoningDetail): boolean {
  if (index === undefined || index !== entry.index) return false;
  if (part.encrypted !== undefined) return false;
  return entry.text === undefined || (part.summary ?? false) === entry.summary;
}

/** Adds an entry to its part. */
export function mergeDetail(part: ReasoningPart, entry: ReasoningDetail): void {
  if (entry.text) part.text += entry.text;
  if (entry.signature) part.signature = (part.signature ?? "") + entry.signature;
  if (entry.encrypted) part.encrypted = entry.encrypted;
  if (entry.id && part.id === undefined) part.id = entry.id;
}

/** The part that an entry begins. */
export function partOfDetail(entry: ReasoningDetail): ReasoningPart {
  const part: ReasoningPart = { type: "reasoning", text: "", ...(entry.sealedBy === undefined ? {} : { sealedBy: entry.sealedBy }) };
  if (entry.summary) part.summary = true;
  mergeDetail(part, entry);
  return part;
}

/** The reasoning of one message. `reasoning_details` say it best; else `reasoning_content` (DeepSeek and most others) or `reasoning` (OpenRouter, Groq, vLLM). */
export function readReasoning(message: Record<string, unknown>): ReasoningPart[] {
  const plain = textIn(message["reasoning_content"]) || textIn(message["reasoning"]) || "";
  const found: ReasoningPart[] = [];
  let index: number | undefined;
  for (const entry of readDetails(message["reasoning_details"])) {
    const last = found.at(-1);
    if (last && continues(last, index, entry)) mergeDetail(last, entry);
    else found.push(partOfDetail(entry));
    index = entry.index;
  }
  // Details that are all sealed do not hold the text that was shown beside them.
  if (plain && !found.some((part) => part.text)) return [{ type: "reasoning", text: plain }, ...found];
  return found;
}

/** Whether a part holds something that only `reasoning_details` can carry. */
export const isSealed = (part: ReasoningPart): boolean => part.signature !== undefined || part.encrypted !== undefined;

/** A part as entries; `index` tells the parts of one message apart. */
export function writeDetails(part: ReasoningPart, index: number): Record<string, unknown>[] {
  const common = {
    ...(part.id === undefined ? {} : { id: part.id }),
    format: FORMATS.find(([, dialect]) => dialect === part.sealedBy)?.[0] ?? FOREIGN_FORMAT,
    index,
  };
  const entries: Record<string, unknown>[] = [];
  if (part.summary && part.text) entries.push({ type: "reasoning.summary", summary: part.text, ...common });
  else if (part.text || part.signature !== undefined)
    entries.push({ type: "reasoning.text", text: part.text, ...(part.signature === undefined ? {} : { signature: part.signature }), ...common });
  if (part.encrypted !== undefined) entries.push({ type: "reasoning.encrypted", data: part.encrypted, ...common });
  return entries;
}
