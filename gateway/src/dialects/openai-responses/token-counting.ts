import { membersOf, type TokenCounting, tokensOf } from "../canonical/token-counting.ts";

/** What counts (SDK type `InputTokenCountParams`). */
const TAKEN = ["model", "input", "instructions", "tools", "tool_choice", "text", "reasoning", "parallel_tool_calls", "truncation"];

/** `POST /v1/responses/input_tokens` (SDK type `InputTokenCountResponse`). */
export const responsesTokenCounting: TokenCounting = {
  path: "/responses/input_tokens",
  conversation: (body) => body,
  question: (body) => membersOf(body, TAKEN),
  read: (answer) => tokensOf(answer["input_tokens"]),
  answer: (tokens) => ({ object: "response.input_tokens", input_tokens: tokens }),
};
