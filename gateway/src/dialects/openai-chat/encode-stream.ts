import type { AnswerContext } from "../canonical/codec.ts";
import { type ChoicePart, OpenAIChunkEncoder } from "../canonical/openai-chunks.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { ChoiceWriter } from "./choice-writer.ts";
import { wantsFunctionCall } from "./decode-request.ts";
import { answerId, tierOf } from "./encode-answer.ts";

/** Writes a stream of `chat.completion.chunk` events. */
export class ChatStreamEncoder extends OpenAIChunkEncoder<ChoiceWriter> {
  private readonly legacy: boolean;

  constructor(context: AnswerContext) {
    super(context);
    this.legacy = wantsFunctionCall(context.request);
    this.nameStart({ type: "start", id: "", model: "" });
  }

  protected begin(start: StreamPart & { type: "start" }): string {
    this.nameStart(start);
    return this.choice(0).begin();
  }

  protected ofChoice(part: ChoicePart): string {
    return this.choice(part.choice).push(part);
  }

  private choice(index: number): ChoiceWriter {
    let choice = this.choices.get(index);
    if (!choice) {
      choice = new ChoiceWriter(index, this.context, this.legacy, (at, delta, finish, logprobs) => this.choiceChunk(at, delta, finish, logprobs));
      this.choices.set(index, choice);
    }
    return choice;
  }

  private nameStart(start: StreamPart & { type: "start" }): void {
    this.name({
      id: answerId(start.id, this.context),
      object: "chat.completion.chunk",
      created: start.created ?? this.context.nowSeconds,
      model: this.context.model,
      ...tierOf(start),
    });
  }

  private choiceChunk(index: number, delta: Record<string, unknown>, finish: string | null, logprobs: Record<string, unknown> | null): string {
    const word = finish === null ? "null" : JSON.stringify(finish);
    return this.chunk(`{"index":${index},"delta":${JSON.stringify(delta)},"logprobs":${logprobs ? JSON.stringify(logprobs) : "null"},"finish_reason":${word}}`);
  }
}
