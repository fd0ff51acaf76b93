import { crc32 } from "node:zlib";
import { EVENT_BYTES_MAX, EventTooLargeError, type Framer } from "../canonical/framer.ts";

/** Total length, headers' length, CRC of these two; then headers, payload, CRC of all before. All big-endian. */
const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
/** Type of a header's value: the only one that events carry here is text. */
const STRING_HEADER = 7;
/** Lengths of the values of all other types; 6 has its length before it, as 7 has. */
const VALUE_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };

/**
 * The binary event stream of AWS (https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html, "Event stream encoding"), given out as
 * server-sent events: `event: <:event-type>` and the JSON payload as data, so that all that comes after reads one form of stream. Exceptions and errors become
 * `event: exception` with `type` and `message`. A frame whose checksum is wrong is told as such an event, and nothing is read after it.
 * Unlike other framers it changes the bytes: its stream is only ever translated.
 */
export class AwsEventStreamFramer implements Framer {
  private carry: Buffer = Buffer.alloc(0);
  private corrupt = false;

  push(chunk: Buffer): { bytes: Buffer; ends: number[] } {
    let bytes = this.carry.length > 0 ? Buffer.concat([this.carry, chunk]) : chunk;
    const events: Buffer[] = [];
    const ends: number[] = [];
    let length = 0;
    while (!this.corrupt && bytes.length >= PRELUDE_BYTES) {
      const total = bytes.readUInt32BE(0);
      const preludeIntact = crc32(bytes.subarray(0, 8)) === bytes.readUInt32BE(8);
      if (preludeIntact && total > EVENT_BYTES_MAX) throw new EventTooLargeError(`an event of more than ${EVENT_BYTES_MAX} bytes`);
      if (preludeIntact && bytes.length < total) break;
      const event = preludeIntact ? readFrame(bytes.subarray(0, total)) : undefined;
      this.corrupt = event === undefined;
      const text = Buffer.from(event ?? asEvent("exception", JSON.stringify({ type: "corruptFrame", message: "A frame of the event stream has a wrong checksum." })));
      events.push(text);
      ends.push((length += text.length));
      bytes = bytes.subarray(event === undefined ? bytes.length : total);
    }
    this.carry = this.corrupt ? Buffer.alloc(0) : bytes;
    return { bytes: Buffer.concat(events), ends };
  }

  rest(): Buffer {
    return this.carry;
  }
}

/** One whole frame as a server-sent event; undefined when it is broken. */
function readFrame(frame: Buffer): string | undefined {
  const headersEnd = PRELUDE_BYTES + frame.readUInt32BE(4);
  const payloadEnd = frame.length - CRC_BYTES;
  if (payloadEnd < headersEnd || crc32(frame.subarray(0, payloadEnd)) !== frame.readUInt32BE(payloadEnd)) return undefined;
  const headers = readHeaders(frame.subarray(PRELUDE_BYTES, headersEnd));
  const payload = frame.toString("utf8", headersEnd, payloadEnd);
  const kind = headers.get(":message-type");
  if (kind === "event") return asEvent(headers.get(":event-type") ?? "", payload);
  const type = headers.get(":exception-type") ?? headers.get(":error-code") ?? "error";
  return asEvent("exception", JSON.stringify({ type, message: messageOf(payload) ?? headers.get(":error-message") ?? type }));
}

function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] ?? 0);
    const name = bytes.toString("utf8", at + 1, nameEnd);
    const type = bytes[nameEnd] ?? STRING_HEADER;
    const sized = type === STRING_HEADER || type === 6;
    const start = nameEnd + 1 + (sized ? 2 : 0);
    const length = sized && bytes.length >= nameEnd + 3 ? bytes.readUInt16BE(nameEnd + 1) : (VALUE_BYTES[type] ?? bytes.length);
    if (type === STRING_HEADER) headers.set(name, bytes.toString("utf8", start, start + length));
    at = start + length;
  }
  return headers;
}

function messageOf(payload: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(payload);
    const text: unknown = typeof parsed === "object" && parsed !== null ? (Reflect.get(parsed, "message") ?? Reflect.get(parsed, "Message")) : undefined;
    return typeof text === "string" ? text : undefined;
  } catch {
    return payload === "" ? undefined : payload.slice(0, 500);
  }
}

/** Line breaks in a payload stand between its members only, where JSON takes any white space. */
const asEvent = (name: string, payload: string): string => `event: ${name.replace(/[\r\n]/g, "")}\ndata: ${payload.replace(/[\r\n]+/g, " ")}\n\n`;
