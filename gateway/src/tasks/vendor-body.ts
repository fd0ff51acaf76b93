import { type BodyPiece, BodyPieces } from "../dialects/canonical/body-pieces.ts";
import type { StandIns } from "../dialects/canonical/stand-ins.ts";
import type { OutgoingPart, VendorCall } from "../vendors/_kit/media/adapter.ts";

/** A body up to this size is one run of bytes: it goes out with its head in one write. */
const JOINED_BYTES_MAX = 64 * 1024;

/** The body of a call of an adapter's, and its type. `files`: what the stand-ins in it stand for. Large files are parts of what was read, and become bytes or base64 while they are sent. */
export function bodyOf({ json, form }: Pick<VendorCall, "json" | "form">, files?: StandIns): { body?: Buffer | BodyPieces; type?: string } {
  const filled = (text: string): BodyPiece[] => (files ? files.filled(Buffer.from(text)) : [Buffer.from(text)]);
  if (json !== undefined) return { body: joined(filled(JSON.stringify(json))), type: "application/json" };
  if (!form) return {};
  const boundary = `----yescale${Bun.randomUUIDv7("hex")}`;
  const content = (part: OutgoingPart): BodyPiece[] => {
    if ("value" in part) return filled(part.value);
    return ["bytes" in part ? part.bytes : (files?.decoded(part.base64) ?? Buffer.from(part.base64, "base64"))];
  };
  const pieces = form.flatMap((part): BodyPiece[] => [Buffer.from(`--${boundary}\r\n${partHead(part)}\r\n\r\n`), ...content(part), Buffer.from("\r\n")]);
  return { body: joined([...pieces, Buffer.from(`--${boundary}--\r\n`)]), type: `multipart/form-data; boundary=${boundary}` };
}

function joined(pieces: readonly BodyPiece[]): Buffer | BodyPieces {
  const [first] = pieces;
  if (pieces.length === 1 && Buffer.isBuffer(first)) return first;
  const body = new BodyPieces(pieces);
  return body.length <= JOINED_BYTES_MAX ? Buffer.concat([...bytesIn(body)]) : body;
}

function* bytesIn(body: BodyPieces): Generator<Buffer> {
  // Each piece is good until the next is asked for.
  for (const piece of body.pieces()) yield Buffer.from(piece);
}

/** RFC 7578, with the escapes of the HTML standard's forms, which every server knows. */
function partHead(part: OutgoingPart): string {
  const escaped = (text: string): string => text.replaceAll(/[\r\n"]/g, (char) => encodeURIComponent(char));
  const name = `content-disposition: form-data; name="${escaped(part.name)}"`;
  return "value" in part ? name : `${name}; filename="${escaped(part.filename)}"\r\ncontent-type: ${/^[\w.+-]+\/[\w.+-]+$/.test(part.type) ? part.type : "application/octet-stream"}`;
}
