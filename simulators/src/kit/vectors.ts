/** Embeddings without a model: the same text always gives the same vector, texts that share words give near ones, and every vector has length 1. */
import { tokenize } from "./tokens.ts";

/** Places of the vector that one word moves: enough that two words rarely share many. */
const PLACES = 32;
/** Longest vector any played vendor gives. */
export const LENGTH = 3072;

/** Takes a text, a length and a vendor's name (another vendor, other vectors); gives the vector. A shorter one is the beginning of the longer one, brought to length 1 again. */
export function vectorOf(text: string, length: number, vendor: string): number[] {
  const vector = new Float32Array(LENGTH);
  const words = tokenize(text.toLowerCase()).map((token) => token.trim());
  // The text as a whole moves a few places too, so that the same words in another order are near but not the same.
  for (const word of [`whole:${text}`, ...words.flatMap((each) => [each, each, each])]) {
    let state = Bun.hash.xxHash32(word, vendor.length);
    for (let step = 0; step < PLACES; step += 1) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const place = (state >>> 8) % LENGTH;
      vector[place] = (vector[place] ?? 0) + ((state & 1) === 0 ? 1 : -1) * (state % 7 === 0 ? 2 : 1);
    }
  }
  // Every place holds something, so that the beginning of a vector is never empty.
  for (let place = 0; place < LENGTH; place += 1) vector[place] = (vector[place] ?? 0) + (place % 2 === 0 ? 0.01 : -0.01);
  return unit(vector.subarray(0, length));
}

function unit(vector: Float32Array): number[] {
  const size = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) || 1;
  return Array.from(vector, (value) => Math.fround(value / size));
}

/** Takes two vectors of length 1; gives how near they are, from -1 to 1. */
export const nearness = (one: number[], other: number[]): number => one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
