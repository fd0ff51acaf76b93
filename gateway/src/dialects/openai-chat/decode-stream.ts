import { parseShallow } from "../canonical/depth.ts";
import { objectOf } from "../canonical/fields.ts";
import type { StreamDecoder, StreamPart, WireEvent } from "../canonical/stream.ts";
import { readSources } from "./annotations.ts";
import { ChoiceStream } from "./choice-stream.ts";
import { CHOICES_MAX } from "./decode-answer.ts";
import { readOpenAIUsage } from "../canonical/openai-usage.ts";
import { defined, listIn, numberIn, textIn } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

/** Reads a stream of `chat.completion.chunk` events, ended by `[DONE]`. */
export class ChatStreamDecoder implements StreamDecoder {
  private out: StreamPart[] = [];
  private readonly choices = new Map<number, ChoiceStream>();
  private started = false;
  private ended = false;
  private id = "";

  push(event: WireEvent): StreamPart[] {
    if (this.ended) return [];
    const data = event.data.trim();
    if (data === "") return [{ type: "ping" }];
    if (data.startsWith("[DONE]")) return this.taken(() => this.done());
    const chunk = parseShallow(data);
    // A piece of the answer is lost: passed over, the caller would take an answer with a hole for a whole one.
    if (chunk === undefined) return this.taken(() => this.fail("The stream holds an event that is no JSON.", undefined));
    return this.taken(() => this.chunk(objectOf(chunk)));
  }

  flush(): StreamPart[] {
    if (this.ended || this.choices.size === 0 || ![...this.choices.values()].every((choice) => choice.finished)) return [];
    return this.taken(() => this.end());
  }

  /** Everything that `act` says. The list is shared with the choices, so it is emptied, not replaced. */
  private taken(act: () => void): StreamPart[] {
    act();
    return this.out.splice(0);
  }

  private chunk(chunk: Json): void {
    const failure = chunk["error"];
    if (failure) {
      const error = objectOf(failure);
      const code = textIn(error["code"]) ?? numberIn(error["code"])?.toString() ?? textIn(error["type"]);
      return this.fail(textIn(failure) ?? textIn(error["message"]) ?? "The vendor reports an error.", code);
    }
    const choices = listIn(chunk["choices"]);
    if (!this.started && (choices.length > 0 || textIn(chunk["id"]))) this.start(chunk);
    const sources = choices.length > 0 ? readSources(chunk) : [];
    let usage = chunk["usage"] ?? objectOf(chunk["x_groq"])["usage"];
    for (const [position, item] of choices.entries()) {
      const wire = objectOf(item);
      // Moonshot reports usage inside the last choice.
      usage ??= wire["usage"];
      this.choice(numberIn(wire["index"]) ?? position)?.push(wire, sources);
    }
    const report = readOpenAIUsage(usage);
    if (report) this.out.push({ type: "usage", ...report });
  }

  private start(chunk: Json): void {
    this.started = true;
    this.id = textIn(chunk["id"]) ?? "";
    this.out.push(defined<StreamPart & { type: "start" }>({ type: "start", id: this.id, model: textIn(chunk["model"]) ?? "", created: numberIn(chunk["created"]), serviceTier: textIn(chunk["service_tier"]) }));
  }

  private choice(index: number): ChoiceStream | undefined {
    const known = this.choices.get(index);
    if (known || this.choices.size >= CHOICES_MAX) return known;
    const choice = new ChoiceStream(index, this.id, this.out);
    this.choices.set(index, choice);
    return choice;
  }

  /** `[DONE]` is the vendor's word that nothing is missing, also where it gave no finish reason (OpenAI's spoken answers end so). */
  private done(): void {
    if (this.choices.size === 0) return this.fail("The stream ended without an answer.", undefined);
    for (const choice of this.choices.values()) choice.finish("stop");
    this.end();
  }

  private end(): void {
    this.ended = true;
    this.out.push({ type: "end" });
  }

  private fail(message: string, code: string | undefined): void {
    this.ended = true;
    this.out.push({ type: "error", message, ...(code === undefined ? {} : { code }) });
  }
}
