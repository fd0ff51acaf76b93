import type { AnswerContext } from "../canonical/codec.ts";
import { type ChoicePart, OpenAIChunkEncoder } from "../canonical/openai-chunks.ts";
import type { TokenLogprob } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { completionId, wantsTops } from "./encode-answer.ts";
import { writeFinish } from "./finish.ts";
import { charactersIn, charactersOf, writeLogprobs } from "./logprobs.ts";

/** What is known of one choice while its text goes by. */
interface Writing {
  /** characters written */
  length: number;
  /** parts that are text of the answer, and whether something of them was written */
  parts: Map<number, boolean>;
  finished: boolean;
}

/** Writes a stream of `text_completion` chunks. */
export class CompletionStreamEncoder extends OpenAIChunkEncoder<Writing> {
  constructor(context: AnswerContext) {
    super(context);
    this.nameStart("", undefined);
  }

  protected begin(start: StreamPart & { type: "start" }): string {
    this.nameStart(start.id, start.created);
    return "";
  }

  protected ofChoice(part: ChoicePart): string {
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
        return this.text(part.choice, writing, part.text, part.logprobs ?? null);
      }
      case "part-end": {
        // A dialect may tell a part only when it is whole.
        const late = writing.parts.get(part.index) === false && (part.part?.type === "text" || part.part?.type === "refusal") ? part.part.text : "";
        writing.parts.delete(part.index);
        return this.text(part.choice, writing, late, null);
      }
      case "finish":
        writing.finished = true;
        return this.choiceChunk(part.choice, "", null, writeFinish(part.reason));
      default:
        return "";
    }
  }

  private text(choice: number, writing: Writing, text: string, tokens: TokenLogprob[] | null): string {
    if (text === "" && !tokens) return "";
    const logprobs = tokens ? writeLogprobs(tokens, writing.length, wantsTops(this.context)) : null;
    writing.length += tokens ? charactersOf(tokens) : charactersIn(text);
    return this.choiceChunk(choice, text, logprobs, null);
  }

  private nameStart(id: string, created: number | undefined): void {
    const { context } = this;
    this.name({ id: completionId(id, context), object: "text_completion", created: created ?? context.nowSeconds, model: context.model });
  }

  private choiceChunk(index: number, text: string, logprobs: Record<string, unknown> | null, finish: string | null): string {
    return this.chunk(JSON.stringify({ text, index, logprobs, finish_reason: finish }));
  }
}
