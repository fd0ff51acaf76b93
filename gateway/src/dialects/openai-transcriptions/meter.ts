import type { CallFacts, EventKind, StreamMeter } from "../canonical/dialect.ts";
import { eachString, eventData } from "../canonical/event-text.ts";
import { objectOf, parseJson } from "../canonical/fields.ts";
import { errorOfEvent } from "../canonical/stream-error.ts";
import { TokenEstimate } from "../canonical/token-estimate.ts";
import type { MeteredUsage, Usage } from "../canonical/usage.ts";
import { readTranscriptUsage } from "./answer.ts";

/** Meters a transcript in events: `transcript.text.delta`, `transcript.text.segment`, one `transcript.text.done` with the usage. */
export class TranscriptMeter implements StreamMeter {
  private readonly estimate = new TokenEstimate();
  private reported: Usage | undefined;
  private error: string | undefined;
  private sawContent = false;
  private ended = false;

  constructor(private readonly facts: CallFacts | undefined) {}

  event(text: string): EventKind {
    if (text.includes('"transcript.text.done"')) {
      this.ended = true;
      this.sawContent = true;
      this.reported = readTranscriptUsage(objectOf(parseJson(eventData(text) ?? ""))["usage"]);
      return "end";
    }
    if (text.includes('"transcript.text.delta"') || text.includes('"transcript.text.segment"')) {
      eachString(text, '"delta"', (from, to) => this.estimate.add(text, from, to));
      this.sawContent = true;
      return "content";
    }
    this.error = errorOfEvent(text);
    return this.error === undefined ? "noise" : "error";
  }

  finished(): boolean {
    return this.ended;
  }

  errorText(): string | undefined {
    return this.error;
  }

  delivered(): boolean {
    return this.sawContent;
  }

  usage(): MeteredUsage {
    if (this.reported) return { usage: this.reported, estimated: false };
    if (!this.sawContent) return { usage: {}, estimated: false };
    // The vendor heard the whole file whatever it told of it.
    return { usage: { ...this.facts?.media?.expected, output: this.estimate.tokens }, estimated: true };
  }
}
