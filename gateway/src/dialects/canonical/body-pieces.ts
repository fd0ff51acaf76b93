/** A piece of a body: bytes as they are; bytes that go out as their base64 (RFC 4648, section 4, padded); or base64 letters that go out as the bytes they stand for (padding at their end only, no white space). */
export type BodyPiece = Buffer | { base64Of: Buffer } | { bytesOf: Buffer };

/** So much of a file is turned into base64 at once: a multiple of 3, so that pieces join without padding. */
const ENCODED_BYTES = 192 * 1024;
/** The same of base64 that becomes a file: a multiple of 4. */
const DECODED_LETTERS = 256 * 1024;
const PADDING = 0x3d;

/** Bytes that a piece has on the wire. */
export function pieceLength(piece: BodyPiece): number {
  if (Buffer.isBuffer(piece)) return piece.length;
  return "base64Of" in piece ? Math.ceil(piece.base64Of.length / 3) * 4 : Math.floor((lettersIn(piece.bytesOf) * 3) / 4);
}

function lettersIn(base64: Buffer): number {
  let end = base64.length;
  while (base64[end - 1] === PADDING) end -= 1;
  return end;
}

/** A request's body in pieces, most of which are parts of what the caller sent: nothing is copied, and base64 is made while it goes out. */
export class BodyPieces {
  readonly length: number;

  constructor(private readonly list: readonly BodyPiece[]) {
    this.length = list.reduce((sum, piece) => sum + pieceLength(piece), 0);
  }

  /** The bytes in their order, made as they are asked for: each good until the next is. */
  *pieces(): Generator<Buffer, undefined> {
    let room: Buffer | undefined;
    for (const piece of this.list) {
      if (Buffer.isBuffer(piece)) {
        yield piece;
        continue;
      }
      if ("bytesOf" in piece) {
        for (let at = 0; at < piece.bytesOf.length; at += DECODED_LETTERS) yield Buffer.from(piece.bytesOf.toString("latin1", at, Math.min(at + DECODED_LETTERS, piece.bytesOf.length)), "base64");
        continue;
      }
      room ??= Buffer.allocUnsafe((ENCODED_BYTES / 3) * 4);
      for (let at = 0; at < piece.base64Of.length; at += ENCODED_BYTES) yield room.subarray(0, room.write(piece.base64Of.toString("base64", at, at + ENCODED_BYTES), "latin1"));
    }
    return undefined;
  }
}
