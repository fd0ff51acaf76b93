/** An event larger than this is no event of any vendor: about four times the largest image part seen. */
export const EVENT_BYTES_MAX = 32 * 1024 * 1024;

const LF = 0x0a, CR = 0x0d, COLON = 0x3a, QUOTE = 0x22, BACKSLASH = 0x5c, OPEN = 0x7b, CLOSE = 0x7d;

/**
 * Cuts a byte stream into whole events, whatever the borders of its chunks. `push` gives the bytes at hand and the ends of the whole events in them;
 * what is left over waits for the next chunk. Bytes are never changed, so all events together are the stream.
 */
export interface Framer {
  push(chunk: Buffer): { bytes: Buffer; ends: number[] };
  /** what has come after the last whole event */
  rest(): Buffer;
}

/** A stream that brings more than this without one event is none: a vendor that thinks for an hour says `: waiting` ten times a second within a tenth of it. */
export const SILENT_BYTES_MAX = 4 * 1024 * 1024;

/** No block of fewer bytes says anything: the shortest that does is `data:1` with its two line ends. */
const SPEAKING_BYTES_MIN = 8;

export class EventTooLargeError extends Error {}

/** From this size on what is carried lies in room that grows by doubling: copied anew with each chunk, a picture of 20 MB would be copied hundreds of times. */
const DOUBLED_BYTES_MIN = 64 * 1024;

abstract class CarryingFramer implements Framer {
  private carry: Buffer | undefined;
  /** begins with what is carried, and no event in it has been given out */
  private room: Buffer | undefined;
  /** position in the carried bytes up to which nothing need be looked at again */
  protected scanned = 0;

  push(chunk: Buffer): { bytes: Buffer; ends: number[] } {
    const bytes = this.carry ? this.joined(this.carry, chunk) : chunk;
    const ends = this.find(bytes);
    const last = ends.at(-1) ?? 0;
    this.scanned -= last;
    if (last > 0) this.room = undefined;
    this.carry = last === bytes.length ? undefined : bytes.subarray(last);
    if (this.carry && this.carry.length > EVENT_BYTES_MAX) throw new EventTooLargeError(`an event of more than ${EVENT_BYTES_MAX} bytes`);
    return { bytes, ends };
  }

  rest(): Buffer {
    return this.carry ?? Buffer.alloc(0);
  }

  private joined(carry: Buffer, chunk: Buffer): Buffer {
    const length = carry.length + chunk.length;
    if (length < DOUBLED_BYTES_MIN) return Buffer.concat([carry, chunk]);
    if (!this.room || this.room.length < length) {
      this.room = Buffer.allocUnsafeSlow(length * 2);
      carry.copy(this.room);
    }
    chunk.copy(this.room, carry.length);
    return this.room.subarray(0, length);
  }

  /** Ends (exclusive) of the whole events in `bytes`, looking from `scanned` on and moving it. */
  protected abstract find(bytes: Buffer): number[];
}

/**
 * Server-sent events: blocks of lines ended by an empty line; LF or CRLF (WHATWG HTML, 9.2.5). What dispatches no event (empty lines, comments, blocks too short to say anything) is
 * given out as one piece as far as it is at hand, so that a flood of it costs no more than its bytes. Throws EventTooLargeError after SILENT_BYTES_MAX of it in a row.
 */
export class SseFramer extends CarryingFramer {
  /** bytes given out since the last block that may be an event */
  private silentBytes = 0;

  protected find(bytes: Buffer): number[] {
    const ends: number[] = [];
    let start = 0;
    let lastWasSilent = false;
    const endBlock = (end: number, silent: boolean): void => {
      this.silentBytes = silent ? this.silentBytes + end - start : 0;
      if (this.silentBytes > SILENT_BYTES_MAX) throw new EventTooLargeError(`more than ${SILENT_BYTES_MAX} bytes without an event`);
      if (silent && lastWasSilent) ends[ends.length - 1] = end;
      else ends.push(end);
      lastWasSilent = silent;
      start = end;
    };
    const skipEmptyLines = (): number => {
      const end = emptyLinesEnd(bytes, start);
      if (end > start) endBlock(end, true);
      return end;
    };
    let at = Math.max(skipEmptyLines(), this.scanned);
    for (;;) {
      const lf = bytes.indexOf(LF, at);
      if (lf < 0) {
        this.scanned = bytes.length;
        return ends;
      }
      const next = bytes[lf + 1];
      const end = next === LF ? lf + 2 : next === CR && bytes[lf + 2] === LF ? lf + 3 : undefined;
      if (end !== undefined) {
        endBlock(end, end - start < SPEAKING_BYTES_MIN || isComment(bytes, start, end));
        at = skipEmptyLines();
      } else if (next === undefined || (next === CR && bytes[lf + 2] === undefined)) {
        // The empty line may come with the next chunk: look at this line end again.
        this.scanned = lf;
        return ends;
      } else at = lf + 1;
    }
  }
}

/** End of the empty lines that begin at `from`, which is the beginning of a line. */
function emptyLinesEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    if (bytes[at] === LF) at += 1;
    else if (bytes[at] === CR && bytes[at + 1] === LF) at += 2;
    else return at;
  }
}

/** Whether all lines of a block begin with a colon. */
function isComment(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at = bytes.indexOf(LF, at) + 1) {
    const first = bytes[at];
    if (first === LF || first === CR) return true;
    if (first !== COLON) return false;
  }
  return true;
}

/** The elements of one JSON array (Gemini's stream without `alt=sse`); brackets and commas before an element belong to it. */
export class JsonArrayFramer extends CarryingFramer {
  private depth = 0;
  private inString = false;

  protected find(bytes: Buffer): number[] {
    const ends: number[] = [];
    let at = this.scanned;
    while (at < bytes.length) {
      if (this.inString) {
        const quote = bytes.indexOf(QUOTE, at);
        if (quote < 0) {
          // Start again just before the backslashes that may belong to a quote still to come.
          let end = bytes.length;
          while (end > at && bytes[end - 1] === BACKSLASH) end -= 1;
          at = end;
          break;
        }
        let slashes = 0;
        while (quote - 1 - slashes >= at && bytes[quote - 1 - slashes] === BACKSLASH) slashes += 1;
        this.inString = slashes % 2 === 1;
        at = quote + 1;
        continue;
      }
      const byte = bytes[at] as number;
      at += 1;
      if (byte === QUOTE) this.inString = true;
      else if (byte === OPEN) this.depth += 1;
      else if (byte === CLOSE) {
        this.depth -= 1;
        if (this.depth === 0) ends.push(at);
      }
    }
    this.scanned = at;
    return ends;
  }
}

/** Sound and other bytes without events: each piece as it comes. */
export class ByteFramer implements Framer {
  push(chunk: Buffer): { bytes: Buffer; ends: number[] } {
    return { bytes: chunk, ends: [chunk.length] };
  }

  rest(): Buffer {
    return Buffer.alloc(0);
  }
}
