import type { EventKind, StreamMeter } from "../canonical/dialect.ts";
import { eachString, eventData } from "../canonical/event-text.ts";
import { objectOf, parseJson, textOf } from "../canonical/fields.ts";
import { TokenEstimate } from "../canonical/token-estimate.ts";
import type { MeteredUsage } from "../canonical/usage.ts";
import { AnthropicUsage } from "./usage.ts";

/** Meters a messages stream: message_start, content_block_*, ping, message_delta, message_stop; `error` at any time. */
export class AnthropicMeter implements StreamMeter {
  private readonly estimate = new TokenEstimate();
  private readonly reported = new AnthropicUsage();
  private error: string | undefined;
  private sawContent = false;
  private sawStopReason = false;
  private sawFinalUsage = false;

  event(text: string): EventKind {
    switch (eventType(text)) {
      case "content_block_delta":
        for (const member of ['"text"', '"thinking"', '"partial_json"']) eachString(text, member, (from, to) => this.estimate.add(text, from, to));
        this.sawContent = true;
        return "content";
      case "content_block_start":
      case "content_block_stop":
        this.sawContent = true;
        return "content";
      case "message_start":
        this.reported.merge(objectOf(objectOf(this.data(text))["message"])["usage"]);
        return "opening";
      case "message_delta": {
        const data = objectOf(this.data(text));
        this.reported.merge(data["usage"]);
        if (typeof objectOf(data["usage"])["output_tokens"] === "number") this.sawFinalUsage = true;
        if (typeof objectOf(data["delta"])["stop_reason"] === "string") this.sawStopReason = true;
        this.sawContent = true;
        return "content";
      }
      case "message_stop":
        return "end";
      case "error":
        this.error = textOf(objectOf(objectOf(this.data(text))["error"])["message"], "error event");
        return "error";
      case "ping":
        return "opening";
      default:
        return "noise";
    }
  }

  private data(text: string): unknown {
    return parseJson(eventData(text) ?? "");
  }

  finished(): boolean {
    return this.sawStopReason;
  }

  errorText(): string | undefined {
    return this.error;
  }

  delivered(): boolean {
    return this.sawContent;
  }

  usage(promptTokens: number): MeteredUsage {
    if (!this.sawContent) return { usage: this.reported.hasInput ? this.reported.classes() : {}, estimated: false };
    if (this.sawFinalUsage && !(this.reported.outputTokens === 0 && this.estimate.tokens > 0))
      return { usage: this.reported.classes(), estimated: false };
    // The prompt side came with message_start; the output is what was delivered.
    const usage = this.reported.classes(this.estimate.tokens);
    return { usage: this.reported.hasInput ? usage : { ...usage, input: promptTokens }, estimated: true };
  }
}

/** The event's type: from its `event:` line, else from the `type` of its data. */
function eventType(text: string): string {
  const line = /^event: ?([a-z_]+)/m.exec(text);
  if (line?.[1]) return line[1];
  const type = /^data: ?\{\s*"type" ?: ?"([a-z_]+)"/m.exec(text);
  return type?.[1] ?? "";
}
