/** Usage with Anthropic's prompt cache (SDK: Usage, CacheCreation, MessageDeltaUsage; prompt caching guide). */
import type { JsonObject } from "../../kit/json.ts";
import type { Received } from "../../kit/vendor.ts";
import type { MessagesRequest, Segment } from "./read.ts";

/** Shortest prompt that is cached (tokens). The guide names 1,024 to 4,096 by model; here 1,024 for all. */
const CACHE_MIN = 1024;
const LIFE = { "5m": 300_000, "1h": 3_600_000 };

/** Input tokens by how they are billed. */
export interface InputTokens {
  input: number;
  read: number;
  created5m: number;
  created1h: number;
}

/** Takes segments; gives all their tokens together. */
export const inputTokens = (segments: Segment[]): number =>
  segments.reduce((sum, segment) => sum + segment.tokens, 0);

/** Takes a request and its segments; gives its input tokens, and remembers what it asked to have cached. */
export function cacheInput(request: Received, owner: string, segments: Segment[]): InputTokens {
  const total = inputTokens(segments);
  const last = segments.findLastIndex((segment) => segment.cache !== undefined);
  let chain = Bun.hash(owner);
  let [reach, read] = [0, 0];
  const ends: { key: string; tokens: number; cache: Segment["cache"] }[] = [];
  for (const segment of segments.slice(0, last + 1)) {
    chain = Bun.hash(`${chain}\0${segment.text}`);
    reach += segment.tokens;
    const key = `anthropic:${chain}`;
    if (reach >= CACHE_MIN && request.cache.has(key, request.now)) read = reach;
    ends.push({ key, tokens: reach, cache: segment.cache });
  }
  const created = { "5m": 0, "1h": 0 };
  let from = read;
  for (const { key, tokens, cache } of ends) {
    if (cache === undefined || tokens <= from || tokens < CACHE_MIN) continue;
    created[cache] += tokens - from;
    from = tokens;
    request.cache.put(key, request.now, LIFE[cache]);
  }
  return { input: total - from, read, created5m: created["5m"], created1h: created["1h"] };
}

/** Takes input tokens, output tokens and how many of them were thought, whether to report zeroes, and how many searches were run; gives the usage object. */
export function usageOf(tokens: InputTokens, output: number, thought: number, zero: boolean, searches = 0): JsonObject {
  const count = (value: number): number => (zero ? 0 : value);
  return {
    input_tokens: count(tokens.input),
    cache_creation_input_tokens: count(tokens.created5m + tokens.created1h),
    cache_read_input_tokens: count(tokens.read),
    cache_creation: {
      ephemeral_5m_input_tokens: count(tokens.created5m),
      ephemeral_1h_input_tokens: count(tokens.created1h),
    },
    output_tokens: count(output),
    output_tokens_details: thought > 0 ? { thinking_tokens: count(thought) } : null,
    server_tool_use: searches > 0 ? { web_search_requests: count(searches), web_fetch_requests: 0 } : null,
    service_tier: "standard",
    inference_geo: "not_available",
    speed: "standard",
  };
}

/** Takes a whole usage object; gives what `message_delta` repeats of it (SDK: MessageDeltaUsage). */
export function deltaUsage(usage: JsonObject): JsonObject {
  const {
    input_tokens,
    cache_creation_input_tokens,
    cache_read_input_tokens,
    output_tokens,
    output_tokens_details,
    server_tool_use,
  } = usage;
  return {
    input_tokens,
    cache_creation_input_tokens,
    cache_read_input_tokens,
    output_tokens,
    output_tokens_details,
    server_tool_use,
  };
}

/** Takes a request; tells what the answer to it is called in the cache: entries are not shared between accounts or models. */
export const cacheOwner = (
  request: Received,
  credential: string,
  { conversation }: MessagesRequest,
): string => `${credential} ${conversation.model}`;
