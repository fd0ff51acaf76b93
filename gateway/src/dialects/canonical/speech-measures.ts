/** Characters spoken in a second at normal speed: about 150 English words a minute. */
const CHARACTERS_A_SECOND = 15;
/** Sound tokens of speech by the second: what $0.015 a minute at $12 a million tokens comes to (OpenAI's price page, gpt-4o-mini-tts). */
export const SPOKEN_TOKENS_A_SECOND = 21;
/** Slow voices and long pauses. */
const SLOWEST = 3;

/** Characters of a text as vendors of speech count them: code points. */
export function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** How long it takes to say that many characters, in seconds; `speed` 1 is normal. An estimate. */
export const spokenSeconds = (characters: number, speed: number): number => characters / CHARACTERS_A_SECOND / speed;

/** Tokens of speech: expected, and at most. */
export function spokenTokens(seconds: number): { expected: number; worst: number } {
  const expected = Math.ceil(seconds * SPOKEN_TOKENS_A_SECOND);
  return { expected, worst: expected * SLOWEST };
}
