/** Smaller ones cost the collector nothing worth the care. */
const BYTES_MIN = 256 * 1024;
/** Larger ones are too rare to be kept. */
const BYTES_MAX = 16 * 1024 * 1024;
/** What lies unused is bounded. */
const KEPT_BYTES_MAX = 48 * 1024 * 1024;

/**
 * Buffers of large request bodies, used one after the other. A buffer of its own for each body would outlive a young collection and fill the old generation: at 100 pictures of 10 MB a second that was
 * a full collection every 400 ms, each of which slows everybody for 50 ms (measured).
 */
export class LargeBuffers {
  private readonly free = new Map<number, ArrayBuffer[]>();
  private readonly lent = new WeakSet<ArrayBufferLike>();
  private keptBytes = 0;

  /** A buffer of `length` bytes with anything in it: all of it must be written before it is read. Who does not give it back leaves it to the collector. */
  take(length: number): Buffer {
    if (length < BYTES_MIN || length > BYTES_MAX) return Buffer.allocUnsafeSlow(length);
    const size = 2 ** Math.ceil(Math.log2(length));
    let room = this.free.get(size)?.pop();
    if (room) this.keptBytes -= size;
    else room = new ArrayBuffer(size);
    this.lent.add(room);
    return Buffer.from(room, 0, length);
  }

  /** Takes back what `take` gave, once; nobody may look at it, or at a part of it, any more. What is not from here is left alone. */
  giveBack(bytes: Buffer): void {
    const { buffer } = bytes;
    if (!(buffer instanceof ArrayBuffer) || !this.lent.delete(buffer)) return;
    if (this.keptBytes + buffer.byteLength > KEPT_BYTES_MAX) return;
    this.keptBytes += buffer.byteLength;
    const kept = this.free.get(buffer.byteLength);
    if (kept) kept.push(buffer);
    else this.free.set(buffer.byteLength, [buffer]);
  }

  /** Leaves all that lies unused to the collector. */
  drop(): void {
    this.free.clear();
    this.keptBytes = 0;
  }
}
