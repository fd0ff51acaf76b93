import { believedUsage } from "../canonical/believed-usage.ts";
import type { EventKind, StreamMeter } from "../canonical/dialect.ts";
import { eachString, eventData, memberAt } from "../canonical/event-text.ts";
import { objectOf, parseJson, textOf } from "../canonical/fields.ts";
import { TokenEstimate } from "../canonical/token-estimate.ts";
import type { MeteredUsage } from "../canonical/usage.ts";
import { GROUNDED, Searches } from "./searches.ts";
import { readGeminiUsage } from "./usage.ts";

/** Meters a generateContent stream: every event is a whole answer object, usage cumulative, no end mark (the stream just closes). */
export class GeminiMeter implements StreamMeter {
  private readonly estimate = new TokenEstimate();
  /** text of the last event that carried usage: read once, at the end */
  private lastUsage: string | undefined;
  private error: string | undefined;
  private sawContent = false;
  private sawFinish = false;
  private readonly searches = new Searches();

  constructor(private readonly model: string) {}

  event(text: string): EventKind {
    const candidates = memberAt(text, '"candidates"');
    const blocked = memberAt(text, '"promptFeedback"') >= 0;
    if (candidates < 0 && !blocked && memberAt(text, '"error"') >= 0) {
      this.error = textOf(objectOf(objectOf(dataOf(text))["error"])["message"], "error event");
      return "error";
    }
    if (memberAt(text, '"usageMetadata"') >= 0) this.lastUsage = text;
    if (GROUNDED.test(text)) this.searches.add(objectOf(dataOf(text))["candidates"]);
    if (candidates < 0 && !blocked) return this.lastUsage === text ? "opening" : "noise";
    for (const member of ['"text"', '"args"', '"code"']) eachString(text, member, (from, to) => this.estimate.add(text, from, to));
    if (blocked || memberAt(text, '"finishReason"') >= 0) this.sawFinish = true;
    this.sawContent = true;
    return "content";
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
    const report = this.lastUsage === undefined ? undefined : readGeminiUsage(objectOf(dataOf(this.lastUsage))["usageMetadata"]);
    const metered = believedUsage({ report, deliveredTokens: this.estimate.tokens, delivered: this.sawContent, promptTokens });
    return { ...metered, usage: { ...metered.usage, ...this.searches.billed(this.model) } };
  }
}

/** The answer object of an event: of an SSE event's data, or an element of the JSON array, with its bracket where the array came as one event. */
function dataOf(text: string): unknown {
  const data = eventData(text) ?? Buffer.from(text, "latin1").toString("utf8");
  return parseJson(data.endsWith("}") ? data : data.slice(0, data.lastIndexOf("}") + 1));
}
