import { membersOf, type TokenCounting, tokensOf } from "../canonical/token-counting.ts";

/** What counts (SDK type `ConverseTokensRequest`). */
const TAKEN = ["messages", "system", "toolConfig", "additionalModelRequestFields"];

/** `POST /model/{model}/count-tokens` (SDK: CountTokensCommand). No caller asks in this dialect. */
export const bedrockTokenCounting: TokenCounting = {
  path: "/model/{model}/count-tokens",
  conversation: (body) => body,
  question: (body) => ({ input: { converse: membersOf(body, TAKEN) } }),
  read: (answer) => tokensOf(answer["inputTokens"]),
  answer: (tokens) => ({ inputTokens: tokens }),
};
