import type { CallFacts, EventKind, StreamMeter } from "../canonical/dialect.ts";
import { eventData } from "../canonical/event-text.ts";
import { objectOf, parseJson } from "../canonical/fields.ts";
import { errorOfEvent } from "../canonical/stream-error.ts";
import { completionTokens, type MeteredUsage, promptTokens, type Usage } from "../canonical/usage.ts";
import { readImageUsage } from "./answer.ts";

/**
 * Meters pictures in events: `image_generation.partial_image` and `image_generation.completed`, or the same of `image_edit`. There is one completed event per picture and
 * no mark after the last one; each tells a usage, of which the largest counts: whether it is of one picture or of all, the vendor's document leaves open.
 */
export class ImagesMeter implements StreamMeter {
  private reported: Usage | undefined;
  private error: string | undefined;
  private partials = 0;
  private completed = 0;

  constructor(private readonly facts: CallFacts | undefined) {}

  event(text: string): EventKind {
    if (/"image_(?:generation|edit)\.partial_image"/.test(text)) {
      this.partials += 1;
      return "content";
    }
    if (/"image_(?:generation|edit)\.completed"/.test(text)) {
      this.completed += 1;
      const usage = readImageUsage(objectOf(parseJson(eventData(text) ?? ""))["usage"]);
      if (size(usage) > size(this.reported ?? {})) this.reported = usage;
      return "content";
    }
    this.error = errorOfEvent(text);
    return this.error === undefined ? "noise" : "error";
  }

  finished(): boolean {
    return this.completed > 0;
  }

  errorText(): string | undefined {
    return this.error;
  }

  delivered(): boolean {
    return this.partials + this.completed > 0;
  }

  usage(): MeteredUsage {
    if (!this.delivered()) return { usage: {}, estimated: false };
    const images = Math.max(this.completed, 1);
    if (this.reported) return { usage: { ...this.reported, images }, estimated: false };
    return { usage: { ...this.facts?.media?.expected, images }, estimated: true };
  }
}

const size = (usage: Usage): number => promptTokens(usage) + completionTokens(usage);
