/** Log probabilities (openai SDK: ChatCompletionTokenLogprob). Their values are invented, but steady and believable. */
import type { JsonObject } from "../../kit/json.ts";

const one = (token: string, rank: number): JsonObject => ({
  token,
  logprob: -0.01 - (token.length % 5) / 50 - rank * 2,
  bytes: [...Buffer.from(token)],
});

/** Takes an answer's tokens and how many alternatives to list for each (0 to 20); gives the `logprobs` object. */
export function logprobsOf(pieces: string[], alternatives: number): JsonObject {
  const content = pieces.map((token) => ({
    ...one(token, 0),
    top_logprobs: Array.from({ length: alternatives }, (_, rank) =>
      one(rank === 0 ? token : `${token}${rank}`, rank),
    ),
  }));
  return { content, refusal: null };
}
