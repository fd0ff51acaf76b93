import { believedUsage } from "../canonical/believed-usage.ts";
import type { EventKind, StreamMeter } from "../canonical/dialect.ts";
import { eachString, eventData } from "../canonical/event-text.ts";
import { objectOf, parseJson } from "../canonical/fields.ts";
import { TokenEstimate } from "../canonical/token-estimate.ts";
import type { Drawn, MeteredUsage, Usage } from "../canonical/usage.ts";
import { failureText } from "./failure.ts";
import { drawnIn, PAID_ITEM, paidCalls, paidMembers } from "./paid-tools.ts";
import { readResponsesUsage } from "./usage.ts";

/**
 * Meters a stream of typed events (SDK type `ResponseStreamEvent`): `response.created` and its like, items and deltas, then one of `response.completed`,
 * `response.incomplete`, `response.failed`. Deltas are counted; the `.done` events repeat the same text and are not.
 */
export class OpenAIResponsesMeter implements StreamMeter {
  private readonly estimate = new TokenEstimate();
  private reported: { usage: Usage; anomaly?: string } | undefined;
  /** finished items that may be paid beside the tokens */
  private readonly paid: unknown[] = [];
  private drawn: Drawn | undefined;
  private error: string | undefined;
  private sawContent = false;
  private sawEnd = false;

  event(text: string): EventKind {
    const type = eventType(text);
    switch (type) {
      case "":
      case "keepalive":
        return "noise";
      case "response.created":
      case "response.queued":
      case "response.in_progress":
        return "opening";
      case "response.completed":
      case "response.incomplete":
        this.readResponse(text);
        this.sawContent = true;
        this.sawEnd = true;
        return "end";
      case "response.failed":
        this.error = failureText(this.readResponse(text)["error"]);
        return "error";
      case "error":
        this.error = failureText(this.data(text));
        return "error";
      case "response.output_item.done": {
        // Others are not parsed: they may hold a whole picture.
        if (PAID_ITEM.test(text)) this.paid.push(paidMembers(objectOf(this.data(text)["item"])));
        break;
      }
      default:
        if (type.endsWith(".delta")) eachString(text, '"delta"', (from, to) => this.estimate.add(text, from, to));
    }
    this.sawContent = true;
    return "content";
  }

  private data(text: string): Record<string, unknown> {
    return objectOf(parseJson(eventData(text) ?? ""));
  }

  private readResponse(text: string): Record<string, unknown> {
    const response = objectOf(this.data(text)["response"]);
    const output = Array.isArray(response["output"]) && response["output"].length > 0 ? response["output"] : this.paid;
    this.reported = readResponsesUsage(response["usage"], paidCalls(output, response["tools"])) ?? this.reported;
    this.drawn = drawnIn(response);
    return response;
  }

  finished(): boolean {
    return this.sawEnd;
  }

  errorText(): string | undefined {
    return this.error;
  }

  delivered(): boolean {
    return this.sawContent;
  }

  usage(promptTokens: number): MeteredUsage {
    const metered = believedUsage({ report: this.reported, deliveredTokens: this.estimate.tokens, delivered: this.sawContent, promptTokens });
    const drew = this.drawn ? { drawn: this.drawn } : {};
    // A report has its calls already.
    return metered.estimated ? { ...metered, ...drew, usage: { ...metered.usage, ...paidCalls(this.paid) } } : { ...metered, ...drew };
  }
}

/** The event's type: from its `event:` line, else from the `type` of its data, which stands first or is the first of that form. */
function eventType(text: string): string {
  const line = /^event: ?([\w.]+)/m.exec(text);
  if (line?.[1]) return line[1];
  return /^data: ?\{.*?"type" ?: ?"((?:response\.|error|keepalive)[\w.]*)"/m.exec(text)?.[1] ?? "";
}
