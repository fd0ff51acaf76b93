/** A body that goes out in pieces, so that it need not lie in memory in one: made anew each time it is sent. */
export interface WireBody {
  /** bytes of all pieces together */
  readonly length: number;
  /** each piece is good until the next is asked for */
  pieces(): Iterator<Buffer>;
}

/** The whole of a body as one run of bytes, copied where it is in pieces. */
export function wholeBody(body: Buffer | WireBody): Buffer {
  if (Buffer.isBuffer(body)) return body;
  const whole = Buffer.allocUnsafe(body.length);
  let at = 0;
  for (const walk = body.pieces(); ; ) {
    const next = walk.next();
    if (next.done) return whole;
    at += next.value.copy(whole, at);
  }
}
