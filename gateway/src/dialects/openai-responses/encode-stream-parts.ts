import type { Citation, HostedCallPart, HostedResultPart, Part, ReasoningPart, TextPart, ToolCallPart } from "../canonical/parts.ts";
import type { TokenLogprob } from "../canonical/response.ts";
import { writeAnnotation } from "./citations.ts";
import { finishedInput, type ItemMaker, outputText, refusal, writeLogprob } from "./encode-items.ts";
import { writeHostedItem } from "./hosted-items.ts";
import { encryptedContent } from "./reasoning.ts";
import type { StreamWriter } from "./stream-writer.ts";

/** A part that is being written. Every method may be called at any time while it is open, `cite` also later. */
export interface OpenPart {
  text?(text: string, logprobs?: readonly TokenLogprob[]): void;
  arguments?(text: string): void;
  signature?(signature: string): void;
  cite?(citation: Citation): void;
  /** `part`: what only the end tells */
  end(part?: Part): void;
}

/** Citations of one text that wait for its end: beyond so many, the rest is left out. */
const CITATIONS_HELD_MAX = 1_000;

/** A message item: texts and refusals that follow one another. */
export class OpenMessage {
  readonly place: number;
  private readonly id: unknown;
  private readonly content: Record<string, unknown>[] = [];
  private open = 0;
  private next = 0;
  private sealed = false;
  private closed = false;

  constructor(
    private readonly writer: StreamWriter,
    private readonly maker: ItemMaker,
  ) {
    ({ place: this.place, id: this.id } = writer.add((place) => maker.message(place, [], "in_progress")));
  }

  /** Begins a text or a refusal in it. */
  begin(kind: "text" | "refusal"): OpenPart {
    const { writer } = this;
    const at = { item_id: this.id, output_index: this.place, content_index: this.next };
    this.next += 1;
    this.open += 1;
    const said: TextPart & { citations: Citation[] } = { type: "text", text: "", citations: [] };
    const later: Citation[] = [];
    let ending = false;
    let whole: Record<string, unknown> | undefined;
    let logprobs: TokenLogprob[] | undefined;
    writer.event("response.content_part.added", { ...at, part: kind === "text" ? outputText(said) : refusal("") });
    const name = kind === "text" ? "response.output_text" : "response.refusal";
    const part: Required<Pick<OpenPart, "text" | "cite">> & OpenPart = {
      text: (text, more) => {
        if (text === "" && !more) return;
        said.text += text;
        if (more) (logprobs ??= []).push(...more);
        writer.event(`${name}.delta`, { ...at, delta: text, ...(kind === "text" ? { logprobs: more?.map(writeLogprob) ?? [] } : {}) });
      },
      cite: (citation) => {
        if (kind !== "text") return;
        // Without a place it is about the whole text (Anthropic tells it before the words), which must be through.
        if (citation.end === undefined && !ending) {
          if (later.length < CITATIONS_HELD_MAX) later.push(citation);
          return;
        }
        const annotation = writeAnnotation(citation, said.text.length);
        writer.event("response.output_text.annotation.added", { ...at, annotation_index: said.citations.length, annotation });
        // The text has been told as done: OpenAI's accumulator takes an annotation then as well, and the response at the end repeats it. Waiting with what follows, or telling items as done in another order, would cost every client more.
        if (whole && Array.isArray(whole["annotations"])) whole["annotations"].push(annotation);
        // Kept with its place in the text so far, as it was just told.
        said.citations.push({ ...citation, ...(citation.end === undefined ? { end: said.text.length } : {}) });
      },
      end: (final) => {
        if (said.text === "" && (final?.type === "text" || final?.type === "refusal")) part.text(final.text);
        ending = true;
        for (const citation of later) part.cite(citation);
        if (final?.type === "text") for (const citation of final.citations?.slice(said.citations.length) ?? []) part.cite(citation);
        whole = kind === "text" ? outputText(said, logprobs) : refusal(said.text);
        writer.event(`${name}.done`, { ...at, ...(kind === "text" ? { text: said.text, logprobs: whole["logprobs"] } : { refusal: said.text }) });
        writer.event("response.content_part.done", { ...at, part: whole });
        this.content[at.content_index] = whole;
        this.open -= 1;
        if (this.sealed) this.seal("completed");
      },
    };
    return part;
  }

  /** Nothing more comes into it: it ends, at the latest with its last open part. */
  seal(status: string): void {
    this.sealed = true;
    if (this.open > 0 || this.closed) return;
    this.closed = true;
    this.writer.done(this.place, this.maker.message(this.place, this.content, status));
  }
}

/** Thinking: an item with one summary part, begun with the first word of it. */
export function openReasoning(writer: StreamWriter, maker: ItemMaker, start: ReasoningPart): OpenPart {
  const thought: ReasoningPart = { ...start, text: "" };
  const { place, id } = writer.add((at) => ({ id: maker.reasoning(start, at)["id"], type: "reasoning", summary: [] }));
  const at = { item_id: id, output_index: place, summary_index: 0 };
  const part: OpenPart & Required<Pick<OpenPart, "text">> = {
    text: (text) => {
      if (text === "") return;
      if (thought.text === "") writer.event("response.reasoning_summary_part.added", { ...at, part: { type: "summary_text", text: "" } });
      thought.text += text;
      writer.event("response.reasoning_summary_text.delta", { ...at, delta: text });
    },
    signature: (signature) => {
      thought.signature = (thought.signature ?? "") + signature;
    },
    end: (final) => {
      if (final?.type === "reasoning") {
        const { text, id: _id, ...seals } = final;
        if (thought.text === "") part.text(text);
        Object.assign(thought, seals);
      }
      if (thought.text !== "") {
        writer.event("response.reasoning_summary_text.done", { ...at, text: thought.text });
        writer.event("response.reasoning_summary_part.done", { ...at, part: { type: "summary_text", text: thought.text } });
      }
      const encrypted = encryptedContent(thought);
      const summary = thought.text === "" ? [] : [{ type: "summary_text", text: thought.text }];
      writer.done(place, { id, type: "reasoning", summary, ...(encrypted === undefined ? {} : { encrypted_content: encrypted }) });
    },
  };
  part.text(start.text);
  return part;
}

/** A call of one of the caller's tools. Several may be open at once: their events name their item. */
export function openCall(writer: StreamWriter, maker: ItemMaker, start: ToolCallPart): OpenPart {
  const { custom } = start;
  let args = "";
  const { place, id } = writer.add((at) => maker.call(start, at, "", "in_progress"));
  const at = { item_id: id, output_index: place };
  const name = custom ? "response.custom_tool_call_input" : "response.function_call_arguments";
  const part: OpenPart & Required<Pick<OpenPart, "arguments">> = {
    arguments: (text) => {
      if (text === "") return;
      args += text;
      writer.event(`${name}.delta`, { ...at, delta: text });
    },
    end: (final) => {
      const call: ToolCallPart = final?.type === "tool-call" ? { ...start, ...(final.signature === undefined ? {} : { signature: final.signature }) } : start;
      if (args === "" && final?.type === "tool-call") part.arguments(final.arguments);
      const input = finishedInput(start, args);
      if (args === "") writer.event(`${name}.delta`, { ...at, delta: input });
      writer.event(`${name}.done`, { ...at, ...(custom ? { input } : { arguments: input, name: maker.call(start, place, "", "")["name"] }) });
      writer.done(place, maker.call(start, place, input, "completed"));
      if (call.signature !== undefined) writer.whole((next) => maker.callSeal(call, next));
    },
  };
  part.arguments(start.arguments);
  return part;
}

/** A tool that the vendor runs. Its item stays open until its result has come, or the answer ends. */
export class OpenHosted implements OpenPart {
  private readonly call: HostedCallPart;
  private readonly place: number;
  private readonly at: Record<string, unknown>;
  private readonly family: string;
  private input = "";
  private ended = false;
  private closed = false;

  constructor(
    private readonly writer: StreamWriter,
    start: HostedCallPart,
  ) {
    this.call = start;
    this.family = start.tool === "code-execution" ? "code_interpreter_call" : start.tool === "file-search" ? "file_search_call" : "web_search_call";
    const { place, id } = writer.add(() => writeHostedItem({ ...start, input: start.tool === "code-execution" ? '{"code":""}' : start.input }, undefined, "in_progress"));
    this.place = place;
    this.at = { item_id: id, output_index: place };
    writer.event(`response.${this.family}.in_progress`, this.at);
  }

  arguments(text: string): void {
    this.input += text;
  }

  end(final?: Part): void {
    if (this.ended) return;
    this.ended = true;
    if (final?.type === "hosted-call") this.call.input = final.input;
    else if (this.input !== "") this.call.input = this.input;
    if (this.call.tool !== "code-execution") return this.writer.event(`response.${this.family}.searching`, this.at);
    const { code } = writeHostedItem(this.call, undefined, "in_progress");
    this.writer.event("response.code_interpreter_call_code.delta", { ...this.at, delta: code });
    this.writer.event("response.code_interpreter_call_code.done", { ...this.at, code });
    this.writer.event("response.code_interpreter_call.interpreting", this.at);
  }

  /** With its result, or without one when none came. */
  finish(result: HostedResultPart | undefined): void {
    if (this.closed) return;
    this.closed = true;
    this.end();
    this.writer.event(`response.${this.family}.completed`, this.at);
    this.writer.done(this.place, writeHostedItem(this.call, result, "completed"));
  }
}
