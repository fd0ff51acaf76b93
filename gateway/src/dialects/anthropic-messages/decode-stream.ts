import { parseShallow } from "../canonical/depth.ts";
import { objectOf, textOf } from "../canonical/fields.ts";
import { unpackCallSeal } from "../canonical/foreign-seal.ts";
import type { Part } from "../canonical/parts.ts";
import type { StreamDecoder, StreamPart, WireEvent } from "../canonical/stream.ts";
import { readCitation } from "./citations.ts";
import { readRefusal } from "./decode-answer.ts";
import { readStopReason } from "./finish.ts";
import { readForeignSignature } from "./seals.ts";
import { readAnswerBlock } from "./read-block.ts";
import { AnthropicUsage } from "./usage.ts";
import { table } from "../../table.ts";

type Words = Record<string, unknown>;

/** Events without which the answer is not whole. */
const ESSENTIAL = new Set(["message_start", "content_block_start", "content_block_delta", "message_delta"]);

/** Deltas by their type, and the block that they belong to when it was never opened (SDK: RawContentBlockDelta). */
const BLOCK_OF_DELTA: Record<string, Words> = table({ text_delta: { type: "text" }, thinking_delta: { type: "thinking" } });

/** The block being written; Anthropic's blocks never overlap. */
interface OpenBlock {
  wireIndex: unknown;
  index: number;
  part: Part;
  /** input told at the block's start, used when no delta brings one */
  input: string;
  sawInput: boolean;
  /** thinking so far: a finished part without a seal of Anthropic's is told whole */
  thinking: string;
  signed: boolean;
}

/** Reads a messages stream (SDK: RawMessageStreamEvent). */
export class AnthropicStreamDecoder implements StreamDecoder {
  private readonly usage = new AnthropicUsage();
  private open: OpenBlock | undefined;
  private nextIndex = 0;
  private started = false;
  private id = "";
  private finished = false;
  private ended = false;
  private pendingCallSignature: { callId: string; signature: string } | undefined;

  push(event: WireEvent): StreamPart[] {
    if (this.ended) return [];
    const parsed = parseShallow(event.data);
    const data = objectOf(parsed);
    const type = textOf(data["type"], event.event ?? "");
    // A piece of the answer that cannot be read is lost for good: the rest would look whole and is not.
    if (parsed === undefined && ESSENTIAL.has(type)) return this.fail("A part of the vendor's answer could not be read.");
    switch (type) {
      case "message_start":
        return this.start(objectOf(data["message"]));
      case "content_block_start":
        return [...this.begin(), ...this.openBlock(data["index"], objectOf(data["content_block"]))];
      case "content_block_delta":
        return [...this.begin(), ...this.delta(data["index"], objectOf(data["delta"]))];
      case "content_block_stop":
        return this.open && this.open.wireIndex === data["index"] ? this.closeBlock() : [];
      case "message_delta":
        return [...this.begin(), ...this.messageDelta(data)];
      case "message_stop":
        return [...this.begin(), ...this.stop()];
      case "ping":
        return [{ type: "ping" }];
      case "error": {
        const error = objectOf(data["error"]);
        return this.fail(textOf(error["message"], event.data.slice(0, 500) || "error event"), typeof error["type"] === "string" ? error["type"] : undefined);
      }
      default:
        return [];
    }
  }

  flush(): StreamPart[] {
    if (this.ended || !this.finished) return [];
    return this.stop();
  }

  private fail(message: string, code?: string): StreamPart[] {
    this.ended = true;
    this.open = undefined;
    return [code === undefined ? { type: "error", message } : { type: "error", message, code }];
  }

  private start(message: Words): StreamPart[] {
    if (this.started) return [];
    this.started = true;
    this.usage.merge(message["usage"]);
    const tier = objectOf(message["usage"])["service_tier"];
    this.id = textOf(message["id"], "");
    const start: StreamPart = { type: "start", id: this.id, model: textOf(message["model"], "") };
    if (typeof tier === "string") start.serviceTier = tier;
    return this.usage.reported ? [start, { type: "usage", usage: this.usage.classes() }] : [start];
  }

  /** The start, where the vendor left it out. */
  private begin(): StreamPart[] {
    return this.started ? [] : this.start({});
  }

  private openBlock(wireIndex: unknown, block: Words): StreamPart[] {
    const before = this.open ? this.closeBlock() : [];
    const signature = block["type"] === "redacted_thinking" ? unpackCallSeal(textOf(block["data"], "")) : undefined;
    if (signature) {
      this.pendingCallSignature = signature;
      return before;
    }
    const read = readAnswerBlock(block, this.nextIndex, this.id);
    if (!read) return before;
    const index = this.nextIndex++;
    const { part, deltas, input } = emptied(read);
    if (part.type === "tool-call" && this.pendingCallSignature?.callId === part.id) part.signature = this.pendingCallSignature.signature;
    this.open = { wireIndex, index, part, input, sawInput: false, thinking: read.type === "reasoning" ? read.text : "", signed: read.type !== "reasoning" || read.signature !== undefined || read.encrypted !== undefined };
    return [...before, { type: "part-start", choice: 0, index, part }, ...deltas.map((delta) => ({ ...delta, choice: 0, index }) as StreamPart)];
  }

  private closeBlock(): StreamPart[] {
    const { open } = this;
    if (!open) return [];
    this.open = undefined;
    const { index, part } = open;
    if (!open.signed) return [{ type: "part-end", choice: 0, index, part: { type: "reasoning", text: open.thinking } }];
    const end: StreamPart = { type: "part-end", choice: 0, index };
    const takesInput = part.type === "tool-call" || part.type === "hosted-call";
    const rest = takesInput && !open.sawInput ? open.input || (part.type === "tool-call" ? "{}" : "") : "";
    return rest === "" ? [end] : [{ type: "arguments-delta", choice: 0, index, text: rest }, end];
  }

  private delta(wireIndex: unknown, delta: Words): StreamPart[] {
    const type = textOf(delta["type"], "");
    const opening = !this.open && Object.hasOwn(BLOCK_OF_DELTA, type) ? this.openBlock(wireIndex, BLOCK_OF_DELTA[type] ?? {}) : [];
    const { open } = this;
    if (!open || open.wireIndex !== wireIndex) return opening;
    const at = { choice: 0, index: open.index };
    const { part } = open;
    switch (type) {
      case "text_delta":
        return part.type === "text" ? [...opening, { type: "text-delta", ...at, text: textOf(delta["text"], "") }] : opening;
      case "thinking_delta": {
        if (part.type !== "reasoning") return opening;
        const text = textOf(delta["thinking"], "");
        open.thinking += text;
        return [...opening, { type: "text-delta", ...at, text }];
      }
      case "input_json_delta": {
        const text = textOf(delta["partial_json"], "");
        if ((part.type !== "tool-call" && part.type !== "hosted-call") || text === "") return opening;
        open.sawInput = true;
        return [{ type: "arguments-delta", ...at, text }];
      }
      case "signature_delta":
        return part.type === "reasoning" ? this.signature(open, textOf(delta["signature"], "")) : opening;
      case "citations_delta": {
        const citation = readCitation(delta["citation"]);
        return citation && part.type === "text" ? [{ type: "citation", ...at, citation }] : opening;
      }
      default:
        return opening;
    }
  }

  /** The seal of thinking; ours tells what another vendor sealed, and closes the part with it. */
  private signature(open: OpenBlock, signature: string): StreamPart[] {
    const at = { choice: 0, index: open.index };
    const foreign = readForeignSignature(open.thinking, signature);
    if (foreign) {
      this.open = undefined;
      return [{ type: "part-end", ...at, part: foreign }];
    }
    open.signed ||= signature !== "";
    return signature === "" ? [] : [{ type: "signature-delta", ...at, signature }];
  }

  private messageDelta(data: Words): StreamPart[] {
    const parts: StreamPart[] = this.open ? this.closeBlock() : [];
    const delta = objectOf(data["delta"]);
    if (typeof delta["stop_reason"] === "string" && !this.finished) {
      const refusal = readRefusal(delta["stop_details"]);
      if (refusal) {
        const index = this.nextIndex++;
        parts.push({ type: "part-start", choice: 0, index, part: { type: "refusal", text: "" } });
        parts.push({ type: "text-delta", choice: 0, index, text: refusal.type === "refusal" ? refusal.text : "" });
        parts.push({ type: "part-end", choice: 0, index });
      }
      const { finish, detail } = readStopReason(delta["stop_reason"]);
      const end: StreamPart = { type: "finish", choice: 0, reason: finish };
      if (detail !== undefined) end.detail = detail;
      if (typeof delta["stop_sequence"] === "string") end.stopSequence = delta["stop_sequence"];
      parts.push(end);
      this.finished = true;
    }
    if (data["usage"] !== undefined && data["usage"] !== null) {
      this.usage.merge(data["usage"]);
      if (this.usage.reported) parts.push({ type: "usage", usage: this.usage.classes() });
    }
    return parts;
  }

  private stop(): StreamPart[] {
    const parts: StreamPart[] = this.open ? this.closeBlock() : [];
    if (!this.finished) parts.push({ type: "finish", choice: 0, reason: "stop" });
    this.finished = true;
    this.ended = true;
    return [...parts, { type: "end" }];
  }
}

type OpeningDelta = { type: "text-delta"; text: string } | { type: "signature-delta"; signature: string };

/** A part as it starts in a stream, and what its block already brought as deltas. */
function emptied(part: Part): { part: Part; deltas: OpeningDelta[]; input: string } {
  switch (part.type) {
    case "text":
      return { part: { ...part, text: "" }, deltas: part.text === "" ? [] : [{ type: "text-delta", text: part.text }], input: "" };
    case "reasoning":
      return part.encrypted !== undefined ? { part, deltas: [], input: "" } : emptiedReasoning(part);
    case "tool-call":
      return { part: { ...part, arguments: "" }, deltas: [], input: part.arguments === "{}" ? "" : part.arguments };
    case "hosted-call":
      return { part: { ...part, input: "" }, deltas: [], input: part.input };
    default:
      return { part, deltas: [], input: "" };
  }
}

function emptiedReasoning(part: Extract<Part, { type: "reasoning" }>): { part: Part; deltas: OpeningDelta[]; input: string } {
  const { text, signature, ...rest } = part;
  const deltas: OpeningDelta[] = [];
  if (text !== "") deltas.push({ type: "text-delta", text });
  if (signature !== undefined) deltas.push({ type: "signature-delta", signature });
  return { part: { ...rest, text: "", sealedBy: rest.sealedBy ?? "anthropic-messages" }, deltas, input: "" };
}
