import { AwsEventStreamFramer } from "../dialects/bedrock-converse/event-stream.ts";
import type { Framing, VendorSide } from "../dialects/canonical/dialect.ts";
import { ByteFramer, type Framer, JsonArrayFramer, SseFramer } from "../dialects/canonical/framer.ts";

/** AWS's binary frames; their framer gives them out as server-sent events. */
const isAwsStream = (contentType: string): boolean => contentType.startsWith("application/vnd.amazon.eventstream");

/** How a vendor's stream is cut, by its content type; undefined for what the dialect cannot be answered with. */
export function framingOfAnswer(contentType: string, dialect: VendorSide): Framing | undefined {
  if (contentType.includes("event-stream") || isAwsStream(contentType)) return "sse";
  if (dialect.flows) return /^(audio|video)\/|^application\/octet-stream/.test(contentType) ? "bytes" : undefined;
  return contentType.includes("json") ? "json-array" : undefined;
}

export function framerOf(contentType: string, framing: Framing): Framer {
  if (isAwsStream(contentType)) return new AwsEventStreamFramer();
  return framing === "sse" ? new SseFramer() : framing === "bytes" ? new ByteFramer() : new JsonArrayFramer();
}
