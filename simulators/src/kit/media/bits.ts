/** Bits in the codes of H.264 (ITU-T H.264, 7.2 and 9.1). */

/** Collects bits, the first one the highest of its byte. */
export interface BitWriter {
  /** Takes a value and its length in bits (up to 32). */
  fixed(value: number, length: number): void;
  /** Unsigned Exp-Golomb code. */
  ue(value: number): void;
  /** Signed Exp-Golomb code. */
  se(value: number): void;
  /** Fills the byte with zeros. */
  align(): void;
  /** Gives the bytes; an unfinished one is filled with zeros. */
  bytes(): Uint8Array;
}

/** Gives an empty writer. */
export function bitWriter(): BitWriter {
  const out: number[] = [];
  let [byte, free] = [0, 8];
  const bit = (value: number): void => {
    free -= 1;
    byte |= value << free;
    if (free > 0) return;
    out.push(byte);
    [byte, free] = [0, 8];
  };
  const fixed = (value: number, length: number): void => {
    for (let index = length - 1; index >= 0; index -= 1) bit((value >>> index) & 1);
  };
  const ue = (value: number): void => {
    const length = 32 - Math.clz32(value + 1);
    fixed(0, length - 1);
    fixed(value + 1, length);
  };
  const align = (): void => {
    while (free < 8) bit(0);
  };
  return {
    fixed,
    ue,
    se: (value) => ue(value > 0 ? value * 2 - 1 : -value * 2),
    align,
    bytes() {
      align();
      return Uint8Array.from(out);
    },
  };
}
