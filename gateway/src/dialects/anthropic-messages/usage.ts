import { objectOf } from "../canonical/fields.ts";
import { tokenCount, type Usage } from "../canonical/usage.ts";

/**
 * Anthropic's usage as it accumulates: `message_start` brings the prompt side, `message_delta` cumulative values that may repeat or
 * change any field (server tools do): the last value of each field counts, nothing is added up. Cache counts stand beside `input_tokens`.
 */
export class AnthropicUsage {
  private readonly last: Record<string, number> = {};
  reported = false;

  /** Takes a `usage` object; fields that are absent or null keep their last value. */
  merge(value: unknown): void {
    const report = objectOf(value);
    const take = (name: string, from: unknown): void => {
      if (typeof from === "number") {
        this.last[name] = tokenCount(from);
        this.reported = true;
      }
    };
    take("input", report["input_tokens"]);
    take("output", report["output_tokens"]);
    take("cacheRead", report["cache_read_input_tokens"]);
    take("cacheCreation", report["cache_creation_input_tokens"]);
    const creation = objectOf(report["cache_creation"]);
    take("cache5m", creation["ephemeral_5m_input_tokens"]);
    take("cache1h", creation["ephemeral_1h_input_tokens"]);
    take("webSearch", objectOf(report["server_tool_use"])["web_search_requests"]);
    take("thinking", objectOf(report["output_tokens_details"])["thinking_tokens"]);
  }

  get outputTokens(): number {
    return this.last["output"] ?? 0;
  }

  /** The prompt side was reported. */
  get hasInput(): boolean {
    return this.last["input"] !== undefined;
  }

  /** The usage in classes; `output` overrides the vendor's count when it never came. */
  classes(output = this.outputTokens): Usage {
    const { last } = this;
    const hour = last["cache1h"] ?? 0;
    const reasoning = Math.min(last["thinking"] ?? 0, output);
    return {
      input: last["input"] ?? 0,
      cacheRead: last["cacheRead"] ?? 0,
      cacheWrite: Math.max(0, (last["cacheCreation"] ?? (last["cache5m"] ?? 0) + hour) - hour),
      cacheWriteHour: hour,
      output: output - reasoning,
      reasoning,
      webSearch: last["webSearch"] ?? 0,
    };
  }
}
