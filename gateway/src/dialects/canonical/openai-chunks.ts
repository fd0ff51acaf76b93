import type { AnswerContext } from "./codec.ts";
import { writeOpenAIUsage } from "./openai-usage.ts";
import type { StreamEncoder, StreamPart } from "./stream.ts";
import type { Usage } from "./usage.ts";

const DONE = "data: [DONE]\n\n";
/** A comment: by the SSE standard no event, and read as such by all of OpenAI's SDKs. */
const PING = ": ping\n\n";

/** A part of a stream that belongs to one of its choices. */
export type ChoicePart = Extract<StreamPart, { choice: number }>;

/** What chat completions and completions share in writing a stream: chunks with choices, one of usage for those who asked, then `data: [DONE]`. */
export abstract class OpenAIChunkEncoder<Choice extends { finished: boolean }> implements StreamEncoder {
  protected readonly choices = new Map<number, Choice>();
  /** what stands in every chunk up to its choices, made into text once */
  private head = "";
  private readonly tail: string;
  private usage: Usage | undefined;
  private closed = false;

  constructor(protected readonly context: AnswerContext) {
    // A caller who asked for usage reads null in every chunk but the last (OpenAI reference, `stream_options.include_usage`).
    this.tail = context.request.includeUsage ? `],"usage":null}\n\n` : "]}\n\n";
  }

  /** What the stream's start is told with; it comes once, before any choice. */
  protected abstract begin(start: StreamPart & { type: "start" }): string;
  protected abstract ofChoice(part: ChoicePart): string;

  push(part: StreamPart): string {
    if (this.closed) return "";
    switch (part.type) {
      case "start":
        return this.choices.size > 0 ? "" : this.begin(part);
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
        return this.ofChoice(part);
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

  /** `members`: those of every chunk beside `choices` and `usage`. */
  protected name(members: Record<string, unknown>): void {
    this.head = `data: ${JSON.stringify(members).slice(0, -1)},"choices":[`;
  }

  /** `choice`: one choice as JSON text. */
  protected chunk(choice: string): string {
    return this.head + choice + this.tail;
  }

  /** A vendor that reported no usage leaves none to tell. */
  private usageChunk(): string {
    if (!this.context.request.includeUsage || !this.usage) return "";
    return `${this.head}],"usage":${JSON.stringify(writeOpenAIUsage(this.usage))}}\n\n`;
  }
}
