import type { AnswerContext } from "../canonical/codec.ts";
import { writeOpenAIUsage } from "../canonical/openai-usage.ts";
import type { StreamEncoder, StreamPart } from "../canonical/stream.ts";
import type { Usage } from "../canonical/usage.ts";
import { completionId } from "./encode-answer.ts";
import { writeFinish } from "./finish.ts";
import { writeLogprobs } from "./logprobs.ts";

const DONE = "data: [DONE]\n\n";
/** A comment: by the SSE standard no event. */
const PING = ": ping\n\n";

/** What is known of one choice while its text goes by. */
interface Writing {
  /** characters written */
  length: number;
  /** parts that are text of the answer, and whether something of them was written */
  parts: Map<number, boolean>;
  finished: boolean;
}

/** Writes a stream of `text_completion` chunks; usage comes as one of its own, to those who asked. */
export class CompletionStreamEncoder implements StreamEncoder {
  private readonly choices = new Map<number, Writing>();
  private head = "";
  private usage: Usage | undefined;
  private closed = false;

  constructor(private readonly context: AnswerContext) {
    this.name("", undefined);
  }

  push(part: StreamPart): string {
    if (this.closed) return "";
    switch (part.type) {
      case "start":
        if (this.choices.size === 0) this.name(part.id, part.created);
        return "";
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

  private ofChoice(part: Exclude<StreamPart, { type: "start" | "usage" | "ping" | "error" | "end" }>): string {
    const writing = this.choices.get(part.choice) ?? { length: 0, parts: new Map<number, boolean>(), finished: false };
    this.choices.set(part.choice, writing);
    if (writing.finished) return "";
    switch (part.type) {
      case "part-start":
        if (part.part.type !== "text" && part.part.type !== "refusal") return "";
        writing.parts.set(part.index, part.part.text !== "");
        return this.text(part.choice, writing, part.part.text, null);
      case "text-delta": {
        if (!writing.parts.has(part.index)) return "";
        writing.parts.set(part.index, true);
        return this.text(part.choice, writing, part.text, part.logprobs ? writeLogprobs(part.logprobs, writing.length) : null);
      }
      case "part-end": {
        // A dialect may tell a part only when it is whole.
        const late = writing.parts.get(part.index) === false && (part.part?.type === "text" || part.part?.type === "refusal") ? part.part.text : "";
        writing.parts.delete(part.index);
        return this.text(part.choice, writing, late, null);
      }
      case "finish":
        writing.finished = true;
        return this.chunk(part.choice, "", null, writeFinish(part.reason));
      default:
        return "";
    }
  }

  private text(choice: number, writing: Writing, text: string, logprobs: Record<string, unknown> | null): string {
    if (text === "" && !logprobs) return "";
    writing.length += text.length;
    return this.chunk(choice, text, logprobs, null);
  }

  private name(id: string, created: number | undefined): void {
    const { context } = this;
    const members = { id: completionId(id, context), object: "text_completion", created: created ?? context.nowSeconds, model: context.model };
    this.head = `data: ${JSON.stringify(members).slice(0, -1)},"choices":[`;
  }

  /** A caller who asked for usage reads null in every chunk but the last, as in chat completions. */
  private chunk(index: number, text: string, logprobs: Record<string, unknown> | null, finish: string | null): string {
    return `${this.head}${JSON.stringify({ text, index, logprobs, finish_reason: finish })}${this.context.request.includeUsage ? '],"usage":null}' : "]}"}\n\n`;
  }

  private usageChunk(): string {
    if (!this.context.request.includeUsage || !this.usage) return "";
    return `${this.head}],"usage":${JSON.stringify(writeOpenAIUsage(this.usage))}}\n\n`;
  }
}
