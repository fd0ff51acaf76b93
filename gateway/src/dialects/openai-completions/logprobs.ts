import { objectOf } from "../canonical/fields.ts";
import type { TokenLogprob } from "../canonical/response.ts";
import { listIn, numberIn, textIn } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

/** `logprobs` of a choice (SDK, CompletionChoice.Logprobs): four lists side by side. What is no token is passed over. */
export function readLogprobs(value: unknown): TokenLogprob[] {
  const { tokens, token_logprobs: logprobs, top_logprobs: tops } = objectOf(value);
  return listIn(tokens).flatMap((token, index): TokenLogprob[] => {
    const [text, logprob] = [textIn(token), numberIn(listIn(logprobs)[index])];
    if (text === undefined || logprob === undefined) return [];
    const top = Object.entries(objectOf(listIn(tops)[index])).flatMap(([other, weight]) => (typeof weight === "number" ? [{ token: other, logprob: weight }] : []));
    return [{ token: text, logprob, ...(top.length > 0 ? { top } : {}) }];
  });
}

/** Bytes that go on with a character (UTF-8). */
const goesOn = (byte: number): boolean => byte >= 0x80 && byte < 0xc0;
const bytesOf = ({ token, bytes }: TokenLogprob): readonly number[] => bytes ?? [...Buffer.from(token)];

/** Unicode characters of a text. */
export const charactersIn = (text: string): number => Array.from(text).length;

/** Characters that tokens begin: one may hold only the end of a character, and then stands as an escape in `token`. */
export const charactersOf = (tokens: readonly TokenLogprob[]): number => tokens.reduce((count, token) => count + bytesOf(token).filter((byte) => !goesOn(byte)).length, 0);

/** Tokens as a caller reads them. `offset`: characters of the completion before the first one; `tops`: whether others beside them were asked for. */
export function writeLogprobs(tokens: readonly TokenLogprob[], offset: number, tops: boolean): Json {
  let at = offset;
  const offsets = tokens.map((token) => {
    const inside = goesOn(bytesOf(token)[0] ?? 0);
    const from = inside ? Math.max(0, at - 1) : at;
    at += charactersOf([token]);
    return from;
  });
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tops ? tokens.map(({ top }) => Object.fromEntries((top ?? []).map((other) => [other.token, other.logprob]))) : null,
    text_offset: offsets,
  };
}
