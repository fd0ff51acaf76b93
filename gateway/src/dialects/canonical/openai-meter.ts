import { believedUsage } from "./believed-usage.ts";
import type { EventKind, StreamMeter } from "./dialect.ts";
import { eachString, eventData, memberAt } from "./event-text.ts";
import { objectOf, parseJson, textOf } from "./fields.ts";
import { TokenEstimate } from "./token-estimate.ts";
import type { MeteredUsage, Usage } from "./usage.ts";
import { readOpenAIUsage } from "./openai-usage.ts";

/** Meters a stream of completions, of chat or of plain prompts: `data: {chunk}` events, a usage chunk with empty `choices`, then `data: [DONE]`. */
export class OpenAIMeter implements StreamMeter {
  private readonly estimate = new TokenEstimate();
  private reported: { usage: Usage; anomaly?: string } | undefined;
  private error: string | undefined;
  private sawContent = false;
  private sawFinish = false;

  /** `searches`: what every answer takes of them, where the vendor reports none; `textMembers`: the quoted names of a chunk's members whose text the model produced */
  constructor(
    private readonly textMembers: readonly string[],
    private readonly searches = 0,
  ) {}

  event(text: string): EventKind {
    if (text.startsWith("data: [DONE]") || text.startsWith("data:[DONE]")) return "end";
    const choices = memberAt(text, '"choices"');
    if (choices < 0 || memberAt(text, '"error"') >= 0) {
      const failure = this.readError(text);
      if (failure !== undefined) {
        this.error = failure;
        return "error";
      }
      if (choices < 0) return "noise";
    }
    const usageAt = memberAt(text, '"usage"');
    const hasUsage = usageAt >= 0 && text.charCodeAt(usageAt) === 0x7b;
    if (hasUsage) this.reported = readOpenAIUsage(objectOf(parseJson(eventData(text) ?? ""))["usage"]) ?? this.reported;
    // `"choices":[]`: nothing but usage
    if (text.charCodeAt(choices) === 0x5b && /^\s*\]/.test(text.slice(choices + 1, choices + 8))) return hasUsage ? "usage" : "opening";
    let found = 0;
    for (const member of this.textMembers) found += eachString(text, member, (from, to) => this.estimate.add(text, from, to));
    const finish = memberAt(text, '"finish_reason"');
    if (finish >= 0 && text.charCodeAt(finish) === 0x22) this.sawFinish = true;
    else if (found === 0 && memberAt(text, '"tool_calls"') < 0) return "opening";
    this.sawContent = true;
    return "content";
  }

  private readError(text: string): string | undefined {
    const failure = objectOf(parseJson(eventData(text) ?? ""))["error"];
    if (failure === undefined || failure === null) return undefined;
    return typeof failure === "string" ? failure : textOf(objectOf(failure)["message"], JSON.stringify(failure));
  }

  finished(): boolean {
    return this.sawFinish;
  }

  errorText(): string | undefined {
    return this.error;
  }

  delivered(): boolean {
    return this.sawContent;
  }

  usage(promptTokens: number): MeteredUsage {
    const metered = believedUsage({ report: this.reported, deliveredTokens: this.estimate.tokens, delivered: this.sawContent, promptTokens });
    return this.sawContent ? { ...metered, usage: withSearches(metered.usage, this.searches) } : metered;
  }
}

/** Usage with the searches that every answer of the model takes, unless the vendor told them. */
export const withSearches = (usage: Usage, searches: number): Usage => (searches > 0 && usage.webSearch === undefined ? { ...usage, webSearch: searches } : usage);
