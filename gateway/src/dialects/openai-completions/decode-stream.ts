import { objectOf, parseJson, textOf } from "../canonical/fields.ts";
import { readOpenAIUsage } from "../canonical/openai-usage.ts";
import type { StreamDecoder, StreamPart, WireEvent } from "../canonical/stream.ts";
import { listIn, numberIn, textIn } from "../canonical/wire-fields.ts";
import { readFinish } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";

type Json = Record<string, unknown>;

/** Reads a stream of completion chunks: the same objects as whole answers, in pieces, then `[DONE]`. Keeps which choices are open. */
export class CompletionStreamDecoder implements StreamDecoder {
  private started = false;
  private over = false;
  /** true: its text part is open; false: it has finished */
  private readonly choices = new Map<number, boolean>();

  push(event: WireEvent): StreamPart[] {
    if (this.over) return [];
    if (event.data.trim() === "[DONE]") return this.flush();
    const chunk = objectOf(parseJson(event.data));
    const failure = chunk["error"];
    if (failure !== undefined && failure !== null) {
      this.over = true;
      const code = textIn(objectOf(failure)["code"]);
      return [{ type: "error", message: textOf(objectOf(failure)["message"], textOf(failure, "")), ...(code === undefined ? {} : { code }) }];
    }
    const parts: StreamPart[] = [];
    if (!this.started) {
      this.started = true;
      const created = numberIn(chunk["created"]);
      parts.push({ type: "start", id: textIn(chunk["id"]) ?? "", model: textIn(chunk["model"]) ?? "", ...(created === undefined ? {} : { created }) });
    }
    for (const [place, item] of listIn(chunk["choices"]).entries()) parts.push(...this.choice(objectOf(item), place));
    const report = readOpenAIUsage(chunk["usage"]);
    if (report) parts.push({ type: "usage", ...report });
    return parts;
  }

  flush(): StreamPart[] {
    if (this.over || this.choices.size === 0 || [...this.choices.values()].some((open) => open)) return [];
    this.over = true;
    return [{ type: "end" }];
  }

  private choice(wire: Json, place: number): StreamPart[] {
    const choice = numberIn(wire["index"]) ?? place;
    const open = this.choices.get(choice);
    if (open === false) return [];
    const parts: StreamPart[] = [];
    if (open === undefined) parts.push({ type: "part-start", choice, index: 0, part: { type: "text", text: "" } });
    this.choices.set(choice, true);
    const text = textIn(wire["text"]) ?? "";
    const logprobs = readLogprobs(wire["logprobs"]);
    if (text !== "" || logprobs.length > 0) parts.push({ type: "text-delta", choice, index: 0, text, ...(logprobs.length > 0 ? { logprobs } : {}) });
    const word = textIn(wire["finish_reason"]);
    if (word !== undefined) {
      this.choices.set(choice, false);
      parts.push({ type: "part-end", choice, index: 0 }, { type: "finish", choice, reason: readFinish(word) });
    }
    return parts;
  }
}
