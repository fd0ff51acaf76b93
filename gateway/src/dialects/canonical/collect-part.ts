import type { Part } from "./parts.ts";
import type { StreamPart } from "./stream.ts";

type Delta = Extract<StreamPart, { type: "text-delta" | "arguments-delta" | "audio-delta" | "signature-delta" | "citation" }>;

/** Adds one delta of a stream to the part it belongs to, in place. A delta that does not fit the part's type is passed over. */
export function appendPart(part: Part, delta: Delta): void {
  switch (delta.type) {
    case "text-delta":
      if (part.type === "text" || part.type === "reasoning" || part.type === "refusal") part.text += delta.text;
      return;
    case "arguments-delta":
      if (part.type === "tool-call") part.arguments += delta.text;
      else if (part.type === "hosted-call") part.input += delta.text;
      return;
    case "signature-delta":
      if (part.type === "reasoning" || part.type === "tool-call") part.signature = (part.signature ?? "") + delta.signature;
      return;
    case "citation":
      if (part.type === "text") part.citations = [...(part.citations ?? []), delta.citation];
      return;
    case "audio-delta":
      if (part.type !== "audio") return;
      if (delta.data !== undefined && part.source.kind === "base64") part.source.data += delta.data;
      if (delta.transcript !== undefined) part.transcript = (part.transcript ?? "") + delta.transcript;
      if (delta.id !== undefined) part.id = delta.id;
      if (delta.expiresAt !== undefined) part.expiresAt = delta.expiresAt;
      return;
    default:
      return;
  }
}
