/** Runs of equally wide characters kept per text: some 200 kB. Positions beyond are not told rather than told wrongly. */
const RUNS_MAX = 8_192;

/**
 * Positions in a growing text, in UTF-16 units (the canonical form) and in UTF-8 bytes (Gemini's segments). Keeps runs of characters of the same width,
 * not the text itself. A surrogate counts two bytes, so that a pair makes the four it has.
 */
export class TextOffsets {
  units = 0;
  bytes = 0;
  private readonly starts: { unit: number; byte: number; width: number }[] = [];
  private full = false;

  add(text: string): void {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      const width = code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xd800 && code <= 0xdfff ? 2 : 3;
      if (this.starts.at(-1)?.width !== width && !this.full) {
        this.full = this.starts.length >= RUNS_MAX;
        this.starts.push({ unit: this.units, byte: this.bytes, width: this.full ? 0 : width });
      }
      this.units += 1;
      this.bytes += width;
    }
  }

  /** UTF-8 position of a UTF-16 position; positions beyond the end are the end; undefined where it is not known. */
  byteOf(unit: number): number | undefined {
    if (unit >= this.units) return this.bytes;
    return this.convert(Math.max(0, unit), "unit", "byte");
  }

  /** UTF-16 position of a UTF-8 position. */
  unitOf(byte: number): number | undefined {
    if (byte >= this.bytes) return this.units;
    return this.convert(Math.max(0, byte), "byte", "unit");
  }

  private convert(position: number, from: "unit" | "byte", to: "unit" | "byte"): number | undefined {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle]?.[from] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    const run = this.starts[low];
    if (!run || run.width === 0) return run ? undefined : 0;
    const into = position - run[from];
    return run[to] + (to === "byte" ? into * run.width : Math.floor(into / run.width));
  }
}
