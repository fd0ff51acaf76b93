import type { AnswerContext } from "../canonical/codec.ts";
import type { Citation, Part } from "../canonical/parts.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { FinishReason } from "../canonical/response.ts";
import type { StreamEncoder, StreamPart } from "../canonical/stream.ts";
import type { Usage } from "../canonical/usage.ts";
import { messageId } from "./encode-answer.ts";
import { deltaUsage, writeUsage } from "./encode-usage.ts";
import { stopDetailsOf, stopReasonOf } from "./finish.ts";
import { type BlockSink, type Delta, startBlock, type StreamBlock, TextBlock } from "./stream-block.ts";

type Words = Record<string, unknown>;
type PartStart = Extract<StreamPart, { type: "part-start" }>;
type PartEnd = Extract<StreamPart, { type: "part-end" }>;

/** SDK: ErrorType. Other codes go out as "api_error". */
const ERROR_TYPES = new Set([
  "invalid_request_error", "authentication_error", "billing_error", "permission_error", "not_found_error", "request_too_large", "rate_limit_error", "timeout_error",
  "overloaded_error", "api_error",
]);

/** Citations of texts that have ended, kept for one answer: beyond so many, the rest is left out. */
const UNPLACED_MAX = 1_000;

/** A part that waits for its turn: Anthropic's blocks never overlap, parallel tool calls of others may. */
interface Waiting {
  start: PartStart;
  deltas: Delta[];
  end: PartEnd | undefined;
}

/** Writes a messages stream: message_start, the blocks one after another, message_delta with the cumulative usage, message_stop. */
export class AnthropicStreamEncoder implements StreamEncoder {
  private out = "";
  /** `start` is kept back for one part: usage that follows at once belongs into message_start */
  private start: Extract<StreamPart, { type: "start" }> | undefined;
  private started = false;
  private closed = false;
  private usage: Usage | undefined;
  private finish: Extract<StreamPart, { type: "finish" }> | undefined;
  private calls = false;
  private nextIndex = 0;
  /** `rests`: a text that has ended, kept open for its citations until more words come */
  private current: { index: number; block: StreamBlock; rests?: PartEnd } | undefined;
  private readonly waiting: Waiting[] = [];
  private readonly sink: BlockSink;
  private readonly mayBeCited: boolean;
  private readonly unplaced: Citation[] = [];

  constructor(private readonly context: AnswerContext) {
    this.mayBeCited = searches(context.request);
    this.sink = {
      open: (block) => this.event({ type: "content_block_start", index: this.nextIndex, content_block: block }),
      delta: (delta) => this.event({ type: "content_block_delta", index: this.nextIndex, delta }),
      close: () => this.event({ type: "content_block_stop", index: this.nextIndex++ }),
      hosted: new Map(),
    };
  }

  push(part: StreamPart): string {
    if (this.closed) return "";
    // Anthropic gives one answer: other choices have no place.
    if ("choice" in part && part.choice !== 0) return "";
    this.take(part);
    const text = this.out;
    this.out = "";
    return text;
  }

  flush(): string {
    if (this.closed) return "";
    if (this.finish) return this.push({ type: "end" });
    // Without a finish the answer was cut off; a proper end would make it look whole.
    return this.push({ type: "error", message: "The stream ended before the answer was complete." });
  }

  ping(): string {
    return this.closed ? "" : 'event: ping\ndata: {"type":"ping"}\n\n';
  }

  private take(part: StreamPart): void {
    switch (part.type) {
      case "start":
        this.start ??= part;
        return;
      case "usage":
        this.usage = part.usage;
        return;
      case "ping":
        this.out += this.ping();
        return;
      case "finish":
        this.finish = part;
        return;
      case "end":
        return this.end();
      case "error":
        return this.error(part.message, part.code);
      case "part-start":
        this.messageStart();
        if (SPOKEN.has(part.part.type)) this.endRest();
        if (this.current) this.waiting.push({ start: part, deltas: [], end: undefined });
        else this.open(part);
        return;
      case "part-end":
        return this.partEnd(part);
      default:
        return this.delta(part);
    }
  }

  private delta(delta: Delta): void {
    if (this.current?.index === delta.index) return this.current.block.delta(delta);
    const waiting = this.waiting.find((candidate) => candidate.start.index === delta.index);
    if (waiting) waiting.deltas.push(delta);
    else if (delta.type === "citation" && this.unplaced.length < UNPLACED_MAX) this.unplaced.push(delta.citation);
  }

  private open(part: PartStart): void {
    if (part.part.type === "tool-call") this.calls = true;
    this.current = { index: part.index, block: startBlock(part.part, this.sink) };
  }

  private partEnd(end: PartEnd): void {
    if (this.current?.index !== end.index) {
      const waiting = this.waiting.find((candidate) => candidate.start.index === end.index);
      if (waiting) waiting.end = end;
      return;
    }
    if (this.mayBeCited && this.current.block instanceof TextBlock) {
      this.current.rests = end;
      return;
    }
    this.endCurrent(end);
  }

  private endCurrent(end: PartEnd): void {
    this.current?.block.end(end);
    this.current = undefined;
    this.next();
  }

  private endRest(): void {
    while (this.current?.rests) this.endCurrent(this.current.rests);
  }

  /** Writes the parts that waited, until one is still going on. */
  private next(): void {
    for (let waiting = this.waiting.shift(); waiting; waiting = this.waiting.shift()) {
      this.open(waiting.start);
      for (const delta of waiting.deltas) this.current?.block.delta(delta);
      if (!waiting.end) return;
      this.current?.block.end(waiting.end);
      this.current = undefined;
    }
  }

  private messageStart(): void {
    if (this.started) return;
    this.started = true;
    const message = {
      id: messageId(this.start?.id ?? "", this.context),
      type: "message",
      role: "assistant",
      model: this.context.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: writeUsage(this.usage, this.start?.serviceTier),
    };
    this.event({ type: "message_start", message });
  }

  private end(): void {
    this.messageStart();
    // A decoder that ends without closing its parts still gives a whole answer.
    for (; this.current; ) this.endCurrent(this.current.rests ?? { type: "part-end", choice: 0, index: this.current.index });
    // A block that has stopped takes no citation any more, and nothing else of this dialect holds one: they stand in a text of their own without words.
    if (this.unplaced.length > 0) startBlock({ type: "text", text: "", citations: this.unplaced }, this.sink).end({ type: "part-end", choice: 0, index: -1 });
    const reason: FinishReason = this.finish?.reason ?? "stop";
    const delta = {
      stop_reason: stopReasonOf(reason, this.calls),
      stop_sequence: this.finish?.stopSequence ?? null,
      stop_details: stopDetailsOf(reason, this.finish?.detail),
      container: null,
    };
    this.event({ type: "message_delta", delta, usage: deltaUsage(this.usage) });
    this.event({ type: "message_stop" });
    this.closed = true;
  }

  private error(message: string, code: string | undefined): void {
    this.endRest();
    const type = code !== undefined && ERROR_TYPES.has(code) ? code : "api_error";
    this.event({ type: "error", error: { type, message }, request_id: this.context.id });
    this.closed = true;
  }

  private event(data: Words & { type: string }): void {
    this.out += `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}

/** Parts whose words flow: what rests must not hold them up. */
const SPOKEN: ReadonlySet<Part["type"]> = new Set(["text", "refusal", "reasoning", "audio"]);

/** Whether sources may be told behind everything else: then a text waits for them as long as only calls and pictures, which come whole, wait with it. */
const searches = ({ tools = [] }: CanonicalRequest): boolean => tools.some(({ type }) => type === "web-search" || type === "url-context" || type === "opaque");
