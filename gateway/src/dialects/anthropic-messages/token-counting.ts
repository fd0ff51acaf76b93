import { membersOf, type TokenCounting, tokensOf } from "../canonical/token-counting.ts";

/** What counts (SDK type `MessageCountTokensParams`); the answer's limits and sampling do not. */
const TAKEN = ["model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control", "mcp_servers", "context_management"];

/** `POST /v1/messages/count_tokens` (SDK type `MessageTokensCount`). */
export const anthropicTokenCounting: TokenCounting = {
  path: "/v1/messages/count_tokens",
  conversation: (body) => body,
  question: (body) => membersOf(body, TAKEN),
  read: (answer) => tokensOf(answer["input_tokens"]),
  answer: (tokens) => ({ input_tokens: tokens }),
};
