const LF = 10;
const CR = 13;
const COLON = 58;

/** Counts server-sent events in a body cut anywhere. Comments (such as keep-alive pings) are not events. */
export class EventCounter {
  #atLineStart = true;
  #blockHasField = false;

  /** Takes the next bytes and returns how many events they complete. */
  push(bytes: Uint8Array): number {
    let events = 0;
    let at = 0;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (!this.#atLineStart) {
        const next = bytes.indexOf(LF, at);
        if (next < 0) return events;
        this.#atLineStart = true;
        at = next + 1;
        continue;
      }
      if (byte === LF) {
        if (this.#blockHasField) events++;
        this.#blockHasField = false;
      } else if (byte !== CR) {
        if (byte !== COLON) this.#blockHasField = true;
        this.#atLineStart = false;
      }
      at++;
    }
    return events;
  }
}
