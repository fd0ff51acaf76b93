import type { DroppedFeatures } from "./dropped-features.ts";
import type { Message } from "./parts.ts";
import type { CanonicalRequest, OutputFormat } from "./request.ts";

/** How a model is asked for JSON where nothing of its vendor's makes it answer so. */
export function formatInstruction(format: OutputFormat): string {
  const wanted = "If you answer with text, answer with one JSON object and nothing else: no words before or behind it, no code fence.";
  return format.type === "json" ? wanted : `${wanted} It must be valid by this JSON Schema:\n${JSON.stringify(format.schema)}`;
}

/** Messages with a system text after the leading ones. */
export function instructed(messages: Message[], text: string): Message[] {
  const first = messages.findIndex((message) => message.role !== "system" && message.role !== "developer");
  const at = first < 0 ? messages.length : first;
  return [...messages.slice(0, at), { role: "system", parts: [{ type: "text", text }] }, ...messages.slice(at)];
}

/** A request whose format is told in words instead, for a target without a mechanism for it. It is reported all the same: the answer keeping to it is a wish, and nothing sees to that. */
export function formatInWords(request: CanonicalRequest, dropped: DroppedFeatures): CanonicalRequest {
  const { format, ...others } = request;
  if (!format) return request;
  dropped.add("format");
  return { ...others, messages: instructed(request.messages, formatInstruction(format)) };
}
