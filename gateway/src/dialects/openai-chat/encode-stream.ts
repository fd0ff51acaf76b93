import type { AnswerContext } from "../canonical/codec.ts";
import type { StreamEncoder, StreamPart } from "../canonical/stream.ts";
import type { Usage } from "../canonical/usage.ts";
import { ChoiceWriter } from "./choice-writer.ts";
import { wantsFunctionCall } from "./decode-request.ts";
import { answerId } from "./encode-answer.ts";
import { writeOpenAIUsage } from "../canonical/openai-usage.ts";

const DONE = "data: [DONE]\n\n";
/** A comment: by the SSE standard no event, and read as such by all of OpenAI's SDKs. */
const PING = ": ping\n\n";

/** Writes a stream of `chat.completion.chunk` events. */
export class ChatStreamEncoder implements StreamEncoder {
  private readonly choices = new Map<number, ChoiceWriter>();
  private readonly legacy: boolean;
  private head = "";
  private tail = "";
  private usage: Usage | undefined;
  private closed = false;

  constructor(private readonly context: AnswerContext) {
    this.legacy = wantsFunctionCall(context.request);
    this.name({ type: "start", id: "", model: "" });
  }

  push(part: StreamPart): string {
    if (this.closed) return "";
    switch (part.type) {
      case "start":
        if (this.choices.size > 0) return "";
        this.name(part);
        return this.choice(0).begin();
      case "usage":
        this.usage = part.usage;
        return "";
      case "ping":
        return PING;
      case "error":
        this.closed = true;
        return `data: ${JSON.stringify({ error: { message: part.message, type: "server_error", param: null, code: part.code ?? null } })}\n\n`;
      case "end":
        this.closed = true;
        return this.usageChunk() + DONE;
      default:
        return this.choice(part.choice).push(part);
    }
  }

  /** A stream that neither ended nor failed closes only if every answer in it is complete: a cut one must not look whole. */
  flush(): string {
    if (this.closed || this.choices.size === 0 || ![...this.choices.values()].every((choice) => choice.finished)) return "";
    return this.push({ type: "end" });
  }

  ping(): string {
    return PING;
  }

  private choice(index: number): ChoiceWriter {
    let choice = this.choices.get(index);
    if (!choice) {
      choice = new ChoiceWriter(index, this.context, this.legacy, (at, delta, finish, logprobs) => this.chunk(at, delta, finish, logprobs));
      this.choices.set(index, choice);
    }
    return choice;
  }

  /** What stands in every chunk, made into text once. */
  private name(start: StreamPart & { type: "start" }): void {
    const members = {
      id: answerId(start.id, this.context),
      object: "chat.completion.chunk",
      created: start.created ?? this.context.nowSeconds,
      model: this.context.model,
      ...(start.serviceTier === undefined ? {} : { service_tier: start.serviceTier }),
    };
    this.head = `data: ${JSON.stringify(members).slice(0, -1)},"choices":[`;
    // A caller who asked for usage reads null in every chunk but the last (OpenAI reference, `stream_options.include_usage`).
    this.tail = this.context.request.includeUsage ? `],"usage":null}\n\n` : "]}\n\n";
  }

  private chunk(index: number, delta: Record<string, unknown>, finish: string | null, logprobs: Record<string, unknown> | null): string {
    const word = finish === null ? "null" : JSON.stringify(finish);
    return `${this.head}{"index":${index},"delta":${JSON.stringify(delta)},"logprobs":${logprobs ? JSON.stringify(logprobs) : "null"},"finish_reason":${word}}${this.tail}`;
  }

  /** Usage comes as a chunk of its own, to those who asked; a vendor that reported none leaves none to tell. */
  private usageChunk(): string {
    if (!this.context.request.includeUsage || !this.usage) return "";
    return `${this.head}],"usage":${JSON.stringify(writeOpenAIUsage(this.usage))}}\n\n`;
  }
}
