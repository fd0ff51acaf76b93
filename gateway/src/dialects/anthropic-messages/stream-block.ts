import { objectOf } from "../canonical/fields.ts";
import { packCallSeal } from "../canonical/foreign-seal.ts";
import type { Part } from "../canonical/parts.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { writeCitation } from "./citations.ts";
import { DIRECT_CALLER, isRedacted, signatureOf, textFor, writeAnswerBlocks } from "./write-block.ts";

type Words = Record<string, unknown>;
/** What may come between a part's start and its end. */
export type Delta = Extract<StreamPart, { type: "text-delta" | "arguments-delta" | "audio-delta" | "signature-delta" | "citation" }>;
type End = Extract<StreamPart, { type: "part-end" }>;

/** Where a block writes its events; `open` gives the block its index. */
export interface BlockSink {
  open(block: Words): void;
  delta(delta: Words): void;
  close(): void;
  /** names of hosted calls by id, over the whole answer */
  hosted: Map<string, string>;
}

/** One part of the answer as it becomes content blocks. */
export interface StreamBlock {
  delta(delta: Delta): void;
  end(end: End): void;
}

/** Starts the block of a part: at once where its text or arguments flow, at its end where only the whole can be written. */
export function startBlock(part: Part, sink: BlockSink): StreamBlock {
  if (part.type === "reasoning" && !isRedacted(part)) return new ThinkingBlock(part, sink);
  if (part.type === "tool-call") return new ToolBlock(part, sink);
  if (part.type === "text" || part.type === "refusal" || part.type === "audio") return new TextBlock(part, sink);
  return new WholeBlock(part, sink);
}

export class TextBlock implements StreamBlock {
  private opened = false;

  constructor(
    part: Part,
    private readonly sink: BlockSink,
  ) {
    this.text(textFor(part) ?? "");
    if (part.type === "text") for (const citation of part.citations ?? []) this.citation(writeCitation(citation));
  }

  delta(delta: Delta): void {
    if (delta.type === "text-delta") this.text(delta.text);
    else if (delta.type === "audio-delta") this.text(delta.transcript ?? "");
    else if (delta.type === "citation") this.citation(writeCitation(delta.citation));
  }

  end(): void {
    if (this.opened) this.sink.close();
  }

  /** An empty text makes no block: the SDKs would send it back, and the vendor refuses it. */
  private text(text: string): void {
    if (text === "") return;
    this.open();
    this.sink.delta({ type: "text_delta", text });
  }

  private citation(citation: Words): void {
    this.open();
    this.sink.delta({ type: "citations_delta", citation });
  }

  private open(): void {
    if (!this.opened) this.sink.open({ type: "text", text: "" });
    this.opened = true;
  }
}

class ThinkingBlock implements StreamBlock {
  private readonly seal: Extract<Part, { type: "reasoning" }>;

  constructor(
    part: Extract<Part, { type: "reasoning" }>,
    private readonly sink: BlockSink,
  ) {
    this.seal = { ...part, text: "" };
    sink.open({ type: "thinking", thinking: "", signature: "" });
    if (part.text !== "") sink.delta({ type: "thinking_delta", thinking: part.text });
  }

  delta(delta: Delta): void {
    if (delta.type === "text-delta" && delta.text !== "") this.sink.delta({ type: "thinking_delta", thinking: delta.text });
    else if (delta.type === "signature-delta") this.seal.signature = (this.seal.signature ?? "") + delta.signature;
  }

  end({ part }: End): void {
    const seal = part?.type === "reasoning" ? part : this.seal;
    this.sink.delta({ type: "signature_delta", signature: signatureOf(seal) });
    this.sink.close();
  }
}

class ToolBlock implements StreamBlock {
  private sawArguments = false;

  constructor(
    private readonly part: Extract<Part, { type: "tool-call" }>,
    private readonly sink: BlockSink,
  ) {
    this.signature(part.signature);
    sink.open({ type: "tool_use", id: part.id, name: part.name, input: {}, caller: DIRECT_CALLER });
    // Free text of a custom tool flows inside the one member of its JSON arguments.
    if (part.custom) this.json('{"input":"');
    this.arguments(part.arguments);
  }

  delta(delta: Delta): void {
    if (delta.type === "arguments-delta") this.arguments(delta.text);
  }

  end({ part }: End): void {
    const whole = part?.type === "tool-call" ? part : undefined;
    if (!this.sawArguments && whole) this.arguments(whole.arguments);
    if (this.part.custom) this.json('"}');
    this.sink.close();
    if (this.part.signature === undefined) this.signature(whole?.signature);
  }

  private arguments(text: string): void {
    if (text === "") return;
    this.sawArguments = true;
    this.json(this.part.custom ? JSON.stringify(text).slice(1, -1) : text);
  }

  private json(partial: string): void {
    this.sink.delta({ type: "input_json_delta", partial_json: partial });
  }

  private signature(signature: string | undefined): void {
    if (signature === undefined) return;
    this.sink.open({ type: "redacted_thinking", data: packCallSeal(this.part.id, signature) });
    this.sink.close();
  }
}

/** A part that is written once it is whole: hosted calls and results, pictures, hidden thinking, opaque blocks. */
class WholeBlock implements StreamBlock {
  private input = "";

  constructor(
    private readonly part: Part,
    private readonly sink: BlockSink,
  ) {}

  delta(delta: Delta): void {
    if (delta.type === "arguments-delta") this.input += delta.text;
  }

  end(end: End): void {
    const told = end.part ?? this.part;
    const part = told.type === "hosted-call" && told.input === "" ? { ...told, input: this.input } : told;
    for (const block of writeAnswerBlocks(part, this.sink.hosted)) {
      if (block["type"] === "server_tool_use") {
        this.sink.open({ ...block, input: {} });
        if (Object.keys(objectOf(block["input"])).length > 0) this.sink.delta({ type: "input_json_delta", partial_json: JSON.stringify(block["input"]) });
      } else if (block["type"] === "text") {
        this.sink.open({ type: "text", text: "" });
        this.sink.delta({ type: "text_delta", text: block["text"] });
      } else this.sink.open(block);
      this.sink.close();
    }
  }
}
