import type { AnswerContext } from "../canonical/codec.ts";
import type { Citation, HostedCallPart, Part, ReasoningPart } from "../canonical/parts.ts";
import type { FinishReason } from "../canonical/response.ts";
import { CITED_TEXTS_MAX, type StreamPart } from "../canonical/stream.ts";
import { writeAnnotation } from "./annotations.ts";
import { audioId, extraOf, sourcesOf } from "./encode-answer.ts";
import { writeFinish } from "./finish.ts";
import { textOfHosted } from "./hosted-text.ts";
import { markdownOf, writeImage } from "./images.ts";
import { writeLogprobs } from "./logprobs.ts";
import { writeDetails } from "./reasoning-details.ts";

type Json = Record<string, unknown>;

/** Writes one chunk of a choice. */
export type WriteChunk = (choice: number, delta: Json, finish: string | null, logprobs: Json | null) => string;

/** What must be known of a part until it ends. */
interface OpenPart {
  part: Part;
  /** index among the answer's tool calls */
  call: number;
  /** arguments seen of a tool call; text of a hosted call, which is written when it is whole */
  arguments: string | boolean;
  /** position in `content` where a text part began */
  from: number;
  citations: Citation[];
  /** index of a reasoning part among the choice's */
  reasoning: number;
  told: boolean;
  /** a reasoning part's signature was written */
  signed: boolean;
  /** arguments of a tool call that waits for its turn */
  held: string;
  ended: boolean;
}

/** Found pages or citations kept until they are written: beyond so many, the rest is left out. */
const ANNOTATIONS_HELD_MAX = 1_000;

/** Writes the parts of one choice as deltas. Keeps the open parts, counts, where its texts stand, and the annotations until its end: sources may be told behind everything else. */
export class ChoiceWriter {
  finished = false;
  private begun = false;
  private readonly open = new Map<number, OpenPart>();
  private length = 0;
  private calls = 0;
  private reasonings = 0;
  private images = 0;
  private refused = false;
  /** where the texts that have ended stand in `content` */
  private readonly texts = new Map<number, { from: number; length: number }>();
  private annotations: { from: number; annotation: Json }[] = [];
  private sources: Part[] = [];
  /** the tool call being written, and those that wait for its end: OpenAI's stream helper takes a call for complete as soon as another one begins */
  private active: OpenPart | undefined;
  private waiting: OpenPart[] = [];

  constructor(
    private readonly choice: number,
    private readonly context: AnswerContext,
    private readonly legacy: boolean,
    private readonly chunk: WriteChunk,
  ) {}

  push(part: StreamPart): string {
    if (this.finished) return "";
    switch (part.type) {
      case "part-start":
        return this.start(part.index, part.part);
      case "text-delta":
        return this.text(part);
      case "arguments-delta":
        return this.argue(part.index, part.text);
      case "audio-delta":
        return this.sound(part);
      case "signature-delta":
        return this.signature(part.index, part.signature);
      case "citation":
        this.cite(part.index, part.citation);
        return "";
      case "part-end":
        return this.end(part.index, part.part);
      case "finish":
        return this.finish(part.reason);
      default:
        return "";
    }
  }

  /** The chunk that every choice begins with; written once, whatever comes first. */
  begin(): string {
    if (this.begun) return "";
    this.begun = true;
    return this.chunk(this.choice, { role: "assistant", content: "", refusal: null }, null, null);
  }

  private write(delta: Json, logprobs: Json | null = null): string {
    return this.begin() + this.chunk(this.choice, delta, null, logprobs);
  }

  private content(text: string): string {
    if (!text) return "";
    this.length += text.length;
    return this.write({ content: text });
  }

  private start(index: number, part: Part): string {
    const open: OpenPart = { part, call: 0, arguments: false, from: this.length, citations: [], reasoning: 0, told: false, signed: false, held: "", ended: false };
    this.open.set(index, open);
    switch (part.type) {
      case "text":
        open.citations.push(...(part.citations ?? []));
        return this.content(part.text);
      case "refusal":
        this.refused = true;
        return part.text ? this.write({ refusal: part.text }) : "";
      case "reasoning":
        open.reasoning = this.reasonings++;
        return (part.text ? this.thought(open, part, part.text) : "") + (part.signature === undefined ? "" : this.signature(index, part.signature));
      case "tool-call":
        open.held = part.arguments;
        open.arguments = part.arguments !== "";
        this.waiting.push(open);
        return this.nextCall();
      case "hosted-call":
        open.arguments = part.input;
        return "";
      case "hosted-result":
        return this.content(textOfHosted(part));
      case "image": {
        const image = writeImage(part, this.images);
        if (!image) return "";
        this.images += 1;
        const content = markdownOf(image.url);
        this.length += content.length;
        return this.write({ content, images: [image.entry] });
      }
      case "audio":
        if (part.source.kind !== "base64" || (!part.source.data && !part.transcript)) return "";
        return this.sound({ type: "audio-delta", choice: this.choice, index, data: part.source.data, ...(part.transcript === undefined ? {} : { transcript: part.transcript }) });
      default:
        return "";
    }
  }

  /** Begins the calls whose turn it is; one that has not ended yet goes on as its pieces come. */
  private nextCall(): string {
    let text = "";
    while (!this.active) {
      const open = this.waiting.shift();
      if (open?.part.type !== "tool-call") break;
      open.call = this.calls++;
      text += this.startCall(open.call, open.part) + (open.held ? this.writeArguments(open, open.held) : "");
      open.held = "";
      if (!open.ended) this.active = open;
    }
    return text;
  }

  private endCall(open: OpenPart, part: Part & { type: "tool-call" }): string {
    const rest = open.arguments || (part.custom && !part.arguments) ? "" : this.argueOf(open, part.arguments || "{}");
    open.ended = true;
    if (this.active !== open) return rest;
    this.active = undefined;
    return rest + this.nextCall();
  }

  private startCall(call: number, part: Part & { type: "tool-call" }): string {
    // The legacy form knows one call an answer; the model asks again for the others.
    if (this.legacy) return call === 0 ? this.write({ function_call: { name: part.name, arguments: "" } }) : "";
    if (part.custom) return this.write({ tool_calls: [{ index: call, id: part.id, type: "custom", custom: { name: part.name, input: "" } }] });
    return this.write({ tool_calls: [{ index: call, id: part.id, type: "function", function: { name: part.name, arguments: "" }, ...extraOf(part) }] });
  }

  private argue(index: number, text: string): string {
    const open = this.open.get(index);
    return open && text ? this.argueOf(open, text) : "";
  }

  private argueOf(open: OpenPart, text: string): string {
    if (open.part.type === "hosted-call") {
      open.arguments = (open.arguments || "") + text;
      return "";
    }
    if (open.part.type !== "tool-call") return "";
    open.arguments = true;
    if (this.active === open) return this.writeArguments(open, text);
    open.held += text;
    return "";
  }

  private writeArguments({ call, part }: OpenPart, text: string): string {
    if (this.legacy) return call === 0 ? this.write({ function_call: { arguments: text } }) : "";
    const custom = part.type === "tool-call" && part.custom;
    return this.write({ tool_calls: [custom ? { index: call, custom: { input: text } } : { index: call, function: { arguments: text } }] });
  }

  private text(delta: StreamPart & { type: "text-delta" }): string {
    const open = this.open.get(delta.index);
    const tokens = delta.logprobs ? writeLogprobs(delta.logprobs) : undefined;
    if (!open || (!delta.text && !tokens)) return "";
    if (open.part.type === "reasoning") return this.thought(open, open.part, delta.text);
    if (open.part.type === "refusal") return this.write({ refusal: delta.text }, tokens ? { content: null, refusal: tokens } : null);
    if (open.part.type !== "text") return "";
    this.length += delta.text.length;
    return this.write({ content: delta.text }, tokens ? { content: tokens, refusal: null } : null);
  }

  /** Thinking that may be sealed at its end is told in both forms, as OpenRouter does, so that its text and its seal stand together. */
  private thought(open: OpenPart, part: ReasoningPart, text: string): string {
    if (!text) return "";
    open.told = true;
    if (part.sealedBy === undefined) return this.write({ reasoning_content: text });
    return this.write({ reasoning_content: text, reasoning_details: writeDetails({ ...headOf(part), text }, open.reasoning) });
  }

  private signature(index: number, signature: string): string {
    const open = this.open.get(index);
    if (open?.part.type !== "reasoning") return "";
    open.signed = true;
    return this.write({ reasoning_details: writeDetails({ ...headOf(open.part), text: "", signature }, open.reasoning) });
  }

  /** What only the end of a reasoning part tells. */
  private seal(open: OpenPart, part: ReasoningPart): string {
    const text = open.told ? "" : this.thought(open, part, part.text);
    const late: ReasoningPart = { ...headOf(part), text: "" };
    if (part.signature !== undefined && !open.signed) late.signature = part.signature;
    if (part.encrypted !== undefined) late.encrypted = part.encrypted;
    return late.signature === undefined && late.encrypted === undefined ? text : text + this.write({ reasoning_details: writeDetails(late, open.reasoning) });
  }

  private sound(delta: StreamPart & { type: "audio-delta" }): string {
    const open = this.open.get(delta.index);
    if (open?.part.type !== "audio") return "";
    const id = open.told ? delta.id : (delta.id ?? open.part.id ?? audioId(this.context, this.choice));
    open.told = true;
    return this.write({
      audio: {
        ...(id === undefined ? {} : { id }),
        ...(delta.data ? { data: delta.data } : {}),
        ...(delta.transcript ? { transcript: delta.transcript } : {}),
        ...(delta.expiresAt === undefined ? {} : { expires_at: delta.expiresAt }),
      },
    });
  }

  private end(index: number, whole: Part | undefined): string {
    const open = this.open.get(index);
    if (!open) return "";
    this.open.delete(index);
    const part = whole?.type === open.part.type ? whole : open.part;
    switch (part.type) {
      case "text": {
        // A decoder may say only at the end what it has not said in pieces.
        const rest = this.length === open.from ? this.content(part.text) : "";
        const place = { from: open.from, length: this.length - open.from };
        if (this.texts.size < CITED_TEXTS_MAX) this.texts.set(index, place);
        for (const citation of open.citations.length > 0 ? open.citations : (part.citations ?? [])) this.hold(place, citation);
        return rest;
      }
      case "reasoning":
        return this.seal(open, part);
      case "tool-call":
        return this.endCall(open, part);
      case "hosted-call":
        return this.content(textOfHosted({ ...(part as HostedCallPart), input: typeof open.arguments === "string" && open.arguments ? open.arguments : (part as HostedCallPart).input }));
      case "hosted-result":
        if (this.sources.length < ANNOTATIONS_HELD_MAX) this.sources.push(part);
        return open.part.type === "hosted-result" && open.part.output ? "" : this.content(textOfHosted(part));
      case "audio":
        return part.expiresAt === undefined ? "" : this.write({ audio: { expires_at: part.expiresAt } });
      default:
        return "";
    }
  }

  private cite(index: number, citation: Citation): void {
    const open = this.open.get(index);
    if (open) return void open.citations.push(citation);
    const ended = this.texts.get(index);
    if (ended) this.hold(ended, citation);
  }

  private hold({ from, length }: { from: number; length: number }, citation: Citation): void {
    const annotation = writeAnnotation(citation, from, length);
    if (annotation && this.annotations.length < ANNOTATIONS_HELD_MAX) this.annotations.push({ from, annotation });
  }

  /** All annotations in one chunk: of several lists, OpenAI's accumulator in JavaScript keeps the last only, and the one in Python refuses a second. */
  private annotate(): string {
    const cited = this.annotations.toSorted((a, b) => a.from - b.from).map(({ annotation }) => annotation);
    const annotations = cited.length > 0 ? cited : sourcesOf(this.sources, this.length).slice(0, ANNOTATIONS_HELD_MAX);
    return annotations.length > 0 ? this.write({ annotations }) : "";
  }

  private finish(reason: FinishReason): string {
    let text = "";
    for (const index of this.open.keys()) text += this.end(index, undefined);
    text += this.annotate();
    this.finished = true;
    const word = writeFinish(reason, { calls: this.calls > 0, refusal: this.refused }, this.legacy);
    return text + this.begin() + this.chunk(this.choice, {}, word, null);
  }
}

/** A reasoning part without what it says. */
function headOf({ id, summary, sealedBy }: ReasoningPart): Omit<ReasoningPart, "text"> {
  return { type: "reasoning", ...(id === undefined ? {} : { id }), ...(summary === undefined ? {} : { summary }), ...(sealedBy === undefined ? {} : { sealedBy }) };
}
