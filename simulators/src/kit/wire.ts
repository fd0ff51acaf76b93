/** The last step before the socket: content encoding, odd chunk borders, bursts, and honest back-pressure. */
import { streamEncoder, type StreamEncoder } from "./encode.ts";
import { faultNumber, type FaultValues } from "./fault-spec.ts";
import type { Track } from "./track.ts";
import { breathe, settled } from "./waiting.ts";

/** Events between two breaths: few enough that others wait under a millisecond. */
const EVENTS_PER_BREATH = 16;

/** Writes one answer's bytes. */
export interface Wire {
  /** Takes text or bytes; writes and flushes them, waiting while the client does not read. */
  put(text: string | Uint8Array): Promise<void>;
  /** Writes what is still held back and the closing bytes of an encoding. */
  end(): Promise<void>;
}

/** Takes Bun's stream controller, the faults, the coding, the track and the request's signal; gives the wire. */
export function wireTo(
  controller: ReadableStreamDirectController,
  faults: FaultValues,
  coding: Parameters<typeof streamEncoder>[0] | undefined,
  track: Track,
  signal: AbortSignal,
): Wire {
  const encoder: StreamEncoder | undefined = coding && streamEncoder(coding);
  const size = faultNumber(faults, "split");
  const burst = faults.has("burst");
  let held: Uint8Array[] = [];
  let events = 0;

  async function flush(bytes: Uint8Array | string): Promise<void> {
    // breathing comes first: after the last event nothing may stand between "sent" and "finished"
    if (events % EVENTS_PER_BREATH === EVENTS_PER_BREATH - 1) await breathe();
    if (signal.aborted || bytes.length === 0) return;
    // Bun gives a promise instead of a number while the socket is full
    const written: unknown = controller.write(bytes);
    if (written instanceof Promise) await settled(written, signal);
    const flushed: unknown = controller.flush();
    if (flushed instanceof Promise) await settled(flushed, signal);
    if (signal.aborted) return;
    track.wrote(bytes);
    events += 1;
  }

  async function splitOff(all: boolean): Promise<void> {
    const bytes = Buffer.concat(held);
    let from = 0;
    const piece = size ?? bytes.length;
    for (; from + piece <= bytes.length && piece > 0; from += piece) {
      await flush(bytes.subarray(from, from + piece));
      await breathe();
    }
    if (all) await flush(bytes.subarray(from));
    held = all ? [] : [bytes.subarray(from)];
  }

  return {
    async put(text) {
      if (!encoder && size === undefined && !burst) return flush(text);
      const bytes = encoder ? await encoder.push(text) : Buffer.from(text);
      if (size === undefined && !burst) return flush(bytes);
      held.push(bytes);
      if (!burst) await splitOff(false);
    },
    async end() {
      if (encoder) {
        const bytes = await encoder.end();
        if (size === undefined && !burst) return flush(bytes);
        held.push(bytes);
      }
      await splitOff(true);
    },
  };
}
