/**
 * Ids that look like a vendor's and are the same in every run: they derive from the request's bytes and a counter.
 */
const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Makes ids of one answer; each call gives the next part of one endless pseudo-random text. */
export interface IdSource {
  /** Takes a length in characters; gives that many letters and digits. */
  letters(length: number): string;
  /** Takes a length in characters; gives that many lower-case hexadecimal digits. */
  hex(length: number): string;
  /** Takes a length; gives that many decimal digits, the first of them not 0. */
  digits(length: number): string;
  /** Gives 32 hexadecimal digits grouped as a UUID. */
  uuid(): string;
}

/** Takes the request body and its sequence number; gives the source of all ids in its answer. */
export function idSource(body: Uint8Array | string, sequence: number): IdSource {
  let state = BigInt(Bun.hash(body, sequence));
  const next = (alphabet: string, length: number): string => {
    let text = "";
    let pool = 0n;
    for (let index = 0; index < length; index += 1) {
      if (index % 10 === 0) {
        state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
        pool = state ^ (state >> 33n);
      }
      text += alphabet.charAt(Number(pool % BigInt(alphabet.length)));
      pool /= BigInt(alphabet.length);
    }
    return text;
  };
  const hex = (length: number): string => next("0123456789abcdef", length);
  return {
    hex,
    letters: (length) => next(LETTERS, length),
    digits: (length) => next("123456789", 1) + next("0123456789", length - 1),
    uuid: () => hex(32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
  };
}
