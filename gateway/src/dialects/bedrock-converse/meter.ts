import { believedUsage } from "../canonical/believed-usage.ts";
import type { EventKind, StreamMeter } from "../canonical/dialect.ts";
import { eachString, eventData } from "../canonical/event-text.ts";
import { objectOf, parseJson, textOf } from "../canonical/fields.ts";
import { TokenEstimate } from "../canonical/token-estimate.ts";
import type { MeteredUsage } from "../canonical/usage.ts";
import { readConverseUsage } from "./usage.ts";

/** Members whose text the model produced. */
const TEXT_MEMBERS = ['"text"', '"input"'];

/** Meters a ConverseStream, its frames as AwsEventStreamFramer gives them; `metadata` comes last and has the usage. */
export class ConverseMeter implements StreamMeter {
  private readonly estimate = new TokenEstimate();
  private reported: ReturnType<typeof readConverseUsage>;
  private error: string | undefined;
  private sawContent = false;
  private sawStop = false;

  event(text: string): EventKind {
    const name = /^event: ?(\w+)/.exec(text)?.[1];
    switch (name) {
      case "messageStart":
        return "opening";
      case "contentBlockDelta":
        for (const member of TEXT_MEMBERS) eachString(text, member, (from, to) => this.estimate.add(text, from, to));
        this.sawContent = true;
        return "content";
      case "messageStop":
        this.sawStop = true;
        this.sawContent = true;
        return "content";
      case "contentBlockStart":
      case "contentBlockStop":
        this.sawContent = true;
        return "content";
      case "metadata":
        this.reported = readConverseUsage(this.data(text)["usage"]) ?? this.reported;
        return "end";
      case "exception":
        this.error = textOf(this.data(text)["message"], "exception");
        return "error";
      default:
        return "noise";
    }
  }

  private data(text: string): Record<string, unknown> {
    return objectOf(parseJson(eventData(text) ?? ""));
  }

  finished(): boolean {
    return this.sawStop;
  }

  errorText(): string | undefined {
    return this.error;
  }

  delivered(): boolean {
    return this.sawContent;
  }

  usage(promptTokens: number): MeteredUsage {
    return believedUsage({ report: this.reported, deliveredTokens: this.estimate.tokens, delivered: this.sawContent, promptTokens });
  }
}
