import { objectOf, textOf } from "../canonical/fields.ts";
import type { StreamDecoder, StreamPart, WireEvent } from "../canonical/stream.ts";
import type { Usage } from "../canonical/usage.ts";
import { CandidateStream } from "./candidate-stream.ts";
import { CANDIDATES_MAX, indexOf } from "./decode-answer.ts";
import { type Finish, finishPart, readBlock } from "./finish.ts";
import { parseShallow } from "../canonical/depth.ts";
import { readGeminiUsage } from "./usage.ts";
import { tierOfTraffic } from "./usage-metadata.ts";

/**
 * A stream of generateContent: every event is an answer object with what is new, usage so far included. There is no end mark, and models have sent a
 * finishReason with every event, so that finish and usage are told once, when the stream has ended (`flush`).
 */
export class GeminiStreamDecoder implements StreamDecoder {
  private started = false;
  private failed = false;
  private readonly candidates = new Map<number, CandidateStream>();
  private blocked: Finish | undefined;
  private report: { usage: Usage; anomaly?: string } | undefined;

  push(event: WireEvent): StreamPart[] {
    if (this.failed) return [];
    const data = event.data.trim();
    if (data === "" || data === "[DONE]" || data === "[" || data === "]") return [];
    const parsed = parseShallow(data) ?? parseShallow(withoutFrame(data));
    // A piece of the answer is lost with an event that cannot be read, and nothing later makes up for it: better an error than a text with a hole.
    if (parsed === undefined) return this.fail("The vendor sent an event that is no JSON.", "broken_event");
    const chunk = objectOf(parsed);
    const failure = chunk["error"];
    if (failure !== undefined && failure !== null) {
      const error = objectOf(failure);
      return this.fail(typeof error["message"] === "string" ? error["message"] : "The vendor reported an error.", textOf(error["status"] ?? error["code"], "error"));
    }
    return this.read(chunk);
  }

  flush(): StreamPart[] {
    if (this.failed) return [];
    const parts: StreamPart[] = [];
    let searches = 0;
    for (const candidate of this.candidates.values()) {
      const closed = candidate.close();
      searches += closed.searches;
      parts.push(...closed.parts);
    }
    if (this.blocked && this.candidates.size === 0) parts.push(finishPart(0, this.blocked));
    if (this.report) {
      const usage = searches > 0 ? { ...this.report.usage, webSearch: searches } : this.report.usage;
      parts.push(this.report.anomaly === undefined ? { type: "usage", usage } : { type: "usage", usage, anomaly: this.report.anomaly });
    }
    parts.push({ type: "end" });
    this.failed = true;
    return parts;
  }

  private read(chunk: Record<string, unknown>): StreamPart[] {
    const parts: StreamPart[] = [];
    const report = readGeminiUsage(chunk["usageMetadata"]);
    if (report) this.report = report;
    if (!this.started) {
      this.started = true;
      const tier = tierOfTraffic(objectOf(chunk["usageMetadata"])["trafficType"]);
      const start: StreamPart = { type: "start", id: textOf(chunk["responseId"], ""), model: textOf(chunk["modelVersion"], "") };
      parts.push(tier === undefined ? start : { ...start, serviceTier: tier });
    }
    const blocked = objectOf(chunk["promptFeedback"])["blockReason"];
    if (typeof blocked === "string") this.blocked = readBlock(blocked);
    const list = Array.isArray(chunk["candidates"]) ? chunk["candidates"].slice(0, CANDIDATES_MAX) : [];
    for (const [at, value] of list.entries()) {
      const candidate = objectOf(value);
      const index = indexOf(candidate, at);
      let stream = this.candidates.get(index);
      if (!stream) this.candidates.set(index, (stream = new CandidateStream(index)));
      parts.push(...stream.push(candidate, textOf(chunk["responseId"], "")));
    }
    return parts;
  }

  private fail(message: string, code: string): StreamPart[] {
    this.failed = true;
    return [{ type: "error", message, code }];
  }
}

/** An element of the JSON array without what frames it: a bracket or comma before, a bracket behind. By hand, since a pattern at a text's end costs the square of its brackets. */
function withoutFrame(data: string): string {
  let [from, to] = [0, data.length];
  while (from < to && "[, \r\n\t".includes(data.charAt(from))) from += 1;
  while (to > from && "], \r\n\t".includes(data.charAt(to - 1))) to -= 1;
  return data.slice(from, to);
}
