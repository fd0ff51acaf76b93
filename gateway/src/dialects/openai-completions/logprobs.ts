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

/** Tokens as a caller reads them. `offset`: characters of the completion before the first one. */
export function writeLogprobs(tokens: readonly TokenLogprob[], offset: number): Json {
  let at = offset;
  const offsets = tokens.map(({ token }) => {
    const from = at;
    at += token.length;
    return from;
  });
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.some(({ top }) => top) ? tokens.map(({ top }) => Object.fromEntries((top ?? []).map((other) => [other.token, other.logprob]))) : null,
    text_offset: offsets,
  };
}
