import type { AnswerContext } from "../canonical/codec.ts";
import { objectOf } from "../canonical/fields.ts";
import type { HostedResultPart, ImagePart, Part } from "../canonical/parts.ts";
import type { FinishReason } from "../canonical/response.ts";
import { CITED_TEXTS_MAX, type StreamEncoder, type StreamPart } from "../canonical/stream.ts";
import type { Usage } from "../canonical/usage.ts";
import { responseEnd, responseHead } from "./encode-answer.ts";
import { callOf, ItemMaker, saidAs } from "./encode-items.ts";
import { OpenHosted, OpenMessage, openCall, type OpenPart, openReasoning } from "./encode-stream-parts.ts";
import { failureEvents } from "./failure.ts";
import { writeFinish } from "./finish.ts";
import { writeHostedItem } from "./hosted-items.ts";
import { StreamWriter } from "./stream-writer.ts";
import { writeResponsesUsage } from "./usage.ts";

/** Every client's parser passes over a comment (WHATWG HTML, 9.2.6); a `keepalive` event before `response.created` breaks the SDK's accumulator. */
const PING = ": keep-alive\n\n";
const CUT_TEXT = "The model's vendor ended the stream before it was complete.";

/**
 * Writes the event chain of a response: `response.created`, `response.in_progress`, for every item `output_item.added`, its parts and deltas, `output_item.done`, and one of
 * `response.completed`, `response.incomplete`, `response.failed`. Items may interleave (each event names its item); texts that follow one another share a message.
 */
export class ResponsesStreamEncoder implements StreamEncoder {
  private readonly writer = new StreamWriter();
  private readonly maker: ItemMaker;
  private readonly open = new Map<number, OpenPart>();
  /** texts that have ended, for citations that come later */
  private readonly texts = new Map<number, OpenPart>();
  private readonly hosted = new Map<string, OpenHosted>();
  private message: OpenMessage | undefined;
  private head: Record<string, unknown> | undefined;
  private finish: { reason: FinishReason; detail: string | undefined } | undefined;
  private usage: Usage | undefined;
  private refused = false;
  private ended = false;

  constructor(private readonly context: AnswerContext) {
    this.maker = new ItemMaker(context);
  }

  push(part: StreamPart): string {
    // Only the first answer has a place in a response.
    if (this.ended || ("choice" in part && part.choice !== 0)) return "";
    this.take(part);
    return this.writer.take();
  }

  flush(): string {
    if (this.ended) return "";
    if (this.finish) this.complete();
    else this.fail(CUT_TEXT, "upstream_stream_cut");
    return this.writer.take();
  }

  ping(): string {
    return PING;
  }

  private take(part: StreamPart): void {
    switch (part.type) {
      case "start":
        return this.start(part);
      case "part-start":
        this.start({ id: "" });
        return this.begin(part.index, part.part);
      case "text-delta":
        return this.open.get(part.index)?.text?.(part.text, part.logprobs);
      case "arguments-delta":
        return this.open.get(part.index)?.arguments?.(part.text);
      case "audio-delta":
        return this.open.get(part.index)?.text?.(part.transcript ?? "");
      case "signature-delta":
        return this.open.get(part.index)?.signature?.(part.signature);
      case "citation":
        return (this.open.get(part.index) ?? this.texts.get(part.index))?.cite?.(part.citation);
      case "part-end":
        return this.end(part.index, part.part);
      case "finish":
        this.finish ??= { reason: part.reason, detail: part.detail };
        return;
      case "usage":
        this.usage = part.usage;
        return;
      case "ping":
        return this.writer.raw(PING);
      case "error":
        return this.fail(part.message, part.code ?? "server_error");
      case "end":
        return this.finish ? this.complete() : this.fail(CUT_TEXT, "upstream_stream_cut");
    }
  }

  private start(start: { id: string; created?: number; serviceTier?: string }): void {
    if (this.head) return;
    this.head = responseHead(this.context, start);
    this.writer.event("response.created", { response: this.head });
    this.writer.event("response.in_progress", { response: this.head });
  }

  private begin(index: number, part: Part): void {
    const said = saidAs(part);
    if (part.type !== "hosted-call" && part.type !== "hosted-result") this.leaveHosted();
    if (said || part.type === "refusal") {
      this.message ??= new OpenMessage(this.writer, this.maker);
      if (part.type === "refusal") this.refused = true;
      const open = this.message.begin(part.type === "refusal" ? "refusal" : "text");
      open.text?.(said?.text ?? (part.type === "refusal" ? part.text : ""));
      for (const citation of said?.citations ?? []) open.cite?.(citation);
      this.open.set(index, open);
      return;
    }
    if (part.type === "hosted-result") return this.result(part);
    if (part.type === "image" && part.source.kind !== "base64") return;
    if (!["reasoning", "tool-call", "hosted-call", "image"].includes(part.type) && !(part.type === "opaque" && part.dialect === "openai-responses")) return;
    this.leaveMessage("completed");
    if (part.type === "reasoning") this.open.set(index, openReasoning(this.writer, this.maker, part));
    else if (part.type === "tool-call") this.open.set(index, openCall(this.writer, this.maker, part));
    else if (part.type === "hosted-call") {
      const open = new OpenHosted(this.writer, { ...part });
      this.open.set(index, open);
      this.hosted.set(part.id, open);
    } else if (part.type === "image") this.image(part);
    else if (part.type === "opaque") this.writer.whole(() => objectOf(part.value));
  }

  private end(index: number, told: Part | undefined): void {
    const open = this.open.get(index);
    if (!open) return;
    open.end(told);
    this.open.delete(index);
    if (open.cite && this.texts.size < CITED_TEXTS_MAX) this.texts.set(index, open);
  }

  /** What follows a search was made of what it found: a result that comes later still has no place. */
  private leaveHosted(): void {
    for (const call of this.hosted.values()) call.finish(undefined);
  }

  private leaveMessage(status: string): void {
    this.message?.seal(status);
    this.message = undefined;
  }

  /** A result goes into the item of its call; one without a call is an item of its own (Gemini's grounding). */
  private result(part: HostedResultPart): void {
    const open = this.hosted.get(part.callId);
    if (open) return open.finish(part);
    this.leaveMessage("completed");
    this.writer.whole(() => writeHostedItem(callOf(part), part, "completed"));
  }

  private image(part: ImagePart): void {
    const place = this.writer.add((at) => ({ ...this.maker.image(part, at), status: "in_progress", result: null }));
    const at = { item_id: place.id, output_index: place.place };
    for (const step of ["in_progress", "generating", "completed"]) this.writer.event(`response.image_generation_call.${step}`, at);
    this.writer.done(place.place, this.maker.image(part, place.place) ?? {});
  }

  private closeAll(status: string): void {
    for (const part of this.open.values()) part.end();
    this.open.clear();
    this.leaveHosted();
    this.leaveMessage(status);
  }

  private complete(): void {
    this.start({ id: "" });
    const { reason, detail } = this.finish ?? { reason: "stop" as const, detail: undefined };
    const { status } = writeFinish(reason, this.refused);
    this.closeAll(status === "completed" ? "completed" : "incomplete");
    const response = { ...this.head, ...responseEnd(reason, this.refused, this.context, detail), output: this.writer.output(), usage: this.written() };
    this.ended = true;
    this.writer.event(`response.${status}`, { response });
  }

  private fail(message: string, code: string): void {
    this.start({ id: "" });
    this.ended = true;
    // Items that are open stay so: what was cut off must not look complete.
    const response = { ...this.head, output: this.writer.output(), usage: this.written() };
    this.writer.raw(failureEvents(response, { message, code, type: "server_error" }, this.writer.nextSequence));
  }

  private written(): Record<string, unknown> | null {
    return this.usage ? writeResponsesUsage(this.usage) : null;
  }
}
