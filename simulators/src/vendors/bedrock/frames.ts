/** AWS's binary event stream (Smithy, "Amazon Event Stream Specification"): one frame per event. */
import { crc32 } from "node:zlib";

/** A header of type 7 (text). */
function header(name: string, value: string): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const sizes = Buffer.from([7, valueBytes.length >> 8, valueBytes.length & 0xff]);
  return Buffer.concat([Buffer.from([nameBytes.length]), nameBytes, sizes, valueBytes]);
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** Takes `<event type>\n<JSON>`, or `!<exception type>\n<JSON>`; gives the frame. */
export function packFrame(text: string): Uint8Array {
  const line = text.indexOf("\n");
  const [name, payload] = [text.slice(0, line), Buffer.from(text.slice(line + 1))];
  const failed = name.startsWith("!");
  const headers = Buffer.concat([
    header(failed ? ":exception-type" : ":event-type", failed ? name.slice(1) : name),
    header(":content-type", "application/json"),
    header(":message-type", failed ? "exception" : "event"),
  ]);
  const lengths = Buffer.concat([uint32(16 + headers.length + payload.length), uint32(headers.length)]);
  const before = Buffer.concat([lengths, uint32(crc32(lengths)), headers, payload]);
  return Buffer.concat([before, uint32(crc32(before))]);
}
