/** A piece of a body: bytes as they are, or bytes that go out as their base64 (RFC 4648, section 4, padded). */
export type BodyPiece = Buffer | { base64Of: Buffer };

/** So much of a file is turned into base64 at once: a multiple of 3, so that pieces join without padding. */
const ENCODED_BYTES = 192 * 1024;

/** Bytes that a piece has on the wire. */
export const pieceLength = (piece: BodyPiece): number => (Buffer.isBuffer(piece) ? piece.length : Math.ceil(piece.base64Of.length / 3) * 4);

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
      room ??= Buffer.allocUnsafe((ENCODED_BYTES / 3) * 4);
      for (let at = 0; at < piece.base64Of.length; at += ENCODED_BYTES) yield room.subarray(0, room.write(piece.base64Of.toString("base64", at, at + ENCODED_BYTES), "latin1"));
    }
    return undefined;
  }
}
