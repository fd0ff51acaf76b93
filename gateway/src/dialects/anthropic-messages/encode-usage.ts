import { cachedTokens, completionTokens, type Usage } from "../canonical/usage.ts";

type Words = Record<string, unknown>;

/** SDK: Usage.service_tier. */
const TIERS = new Set(["standard", "priority", "batch"]);

/**
 * Usage as Anthropic tells it (SDK: Usage): cached tokens beside `input_tokens`, thinking within `output_tokens`. Where the vendor reported none there are zeros, since the
 * SDKs read the counts without asking whether they are there.
 */
export function writeUsage(usage: Usage | undefined, serviceTier: string | undefined): Words {
  return {
    ...deltaUsage(usage),
    cache_creation: cacheCreation(usage),
    service_tier: serviceTier !== undefined && TIERS.has(serviceTier) ? serviceTier : "standard",
    inference_geo: null,
    speed: null,
  };
}

const cacheCreation = (usage: Usage | undefined): Words => ({
  ephemeral_5m_input_tokens: usage?.cacheWrite ?? 0,
  ephemeral_1h_input_tokens: usage?.cacheWriteHour ?? 0,
});

/**
 * The same for `message_delta` (SDK: MessageDeltaUsage): cumulative counts of the whole message. The SDK's type has no breakdown of cache writes; where the long life was
 * written it is told all the same, because it costs more and message_start came too early for it.
 */
export function deltaUsage(usage: Usage | undefined): Words {
  const of = usage ?? {};
  return {
    input_tokens: (of.input ?? 0) + (of.inputAudio ?? 0) + (of.inputImage ?? 0),
    cache_creation_input_tokens: (of.cacheWrite ?? 0) + (of.cacheWriteHour ?? 0),
    cache_read_input_tokens: cachedTokens(of),
    output_tokens: completionTokens(of),
    output_tokens_details: of.reasoning ? { thinking_tokens: of.reasoning } : null,
    server_tool_use: of.webSearch ? { web_search_requests: of.webSearch, web_fetch_requests: 0 } : null,
    ...(of.cacheWriteHour ? { cache_creation: cacheCreation(of) } : {}),
  };
}
