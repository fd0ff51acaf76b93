import { objectOf, parseJson, textOf } from "../canonical/fields.ts";
import type { Part } from "../canonical/parts.ts";
import type { StreamDecoder, StreamPart, WireEvent } from "../canonical/stream.ts";
import { readStopReason } from "./finish.ts";
import { readCitation } from "./read-block.ts";
import { readConverseUsage } from "./usage.ts";

type Words = Record<string, unknown>;

/** The events without which an answer is not whole. */
const ESSENTIAL = new Set(["contentBlockStart", "contentBlockDelta", "messageStop"]);

interface OpenBlock {
  wireIndex: unknown;
  index: number;
  part: Part;
  sawArguments: boolean;
}

/** Reads a ConverseStream (SDK: ConverseStreamOutput), its frames as AwsEventStreamFramer gives them. Only tool calls announce their block; others begin with their first delta. */
export class ConverseStreamDecoder implements StreamDecoder {
  private open: OpenBlock | undefined;
  private nextIndex = 0;
  private started = false;
  private finished = false;
  private ended = false;

  push(event: WireEvent): StreamPart[] {
    if (this.ended) return [];
    const parsed = parseJson(event.data);
    const name = event.event ?? "";
    if (parsed === undefined && ESSENTIAL.has(name)) return this.fail("A part of the vendor's answer could not be read.");
    const data = objectOf(parsed);
    switch (name) {
      case "messageStart":
        return this.begin();
      case "contentBlockStart":
        return [...this.begin(), ...this.startBlock(data["contentBlockIndex"], objectOf(data["start"]))];
      case "contentBlockDelta":
        return [...this.begin(), ...this.delta(data["contentBlockIndex"], objectOf(data["delta"]))];
      case "contentBlockStop":
        return this.open?.wireIndex === data["contentBlockIndex"] ? this.close() : [];
      case "messageStop":
        return [...this.begin(), ...this.stop(data["stopReason"])];
      case "metadata":
        return [...this.begin(), ...this.metadata(data)];
      case "exception":
        return this.fail(textOf(data["message"], "exception"), textOf(data["type"], "exception"));
      default:
        return [];
    }
  }

  flush(): StreamPart[] {
    if (this.ended || !this.finished) return [];
    this.ended = true;
    return [{ type: "end" }];
  }

  private fail(message: string, code?: string): StreamPart[] {
    this.ended = true;
    return [code === undefined ? { type: "error", message } : { type: "error", message, code }];
  }

  private begin(): StreamPart[] {
    if (this.started) return [];
    this.started = true;
    return [{ type: "start", id: "", model: "" }];
  }

  private startBlock(wireIndex: unknown, start: Words): StreamPart[] {
    const call = objectOf(start["toolUse"]);
    if (typeof call["name"] !== "string") return [];
    const id = textOf(call["toolUseId"], "");
    const part: Part = call["type"] === "server_tool_use" ? { type: "hosted-call", id, tool: "web-search", name: call["name"], input: "" } : { type: "tool-call", id, name: call["name"], arguments: "" };
    return this.openPart(wireIndex, part);
  }

  private openPart(wireIndex: unknown, part: Part): StreamPart[] {
    const before = this.close();
    this.open = { wireIndex, index: this.nextIndex++, part, sawArguments: false };
    return [...before, { type: "part-start", choice: 0, index: this.open.index, part }];
  }

  private close(): StreamPart[] {
    const { open } = this;
    if (!open) return [];
    this.open = undefined;
    const at = { choice: 0, index: open.index };
    const empty = open.part.type === "tool-call" && !open.sawArguments;
    return [...(empty ? [{ type: "arguments-delta", ...at, text: "{}" } as const] : []), { type: "part-end", ...at }];
  }

  private delta(wireIndex: unknown, delta: Words): StreamPart[] {
    if (typeof delta["text"] === "string") return this.into(wireIndex, { type: "text", text: "" }, (at) => ({ type: "text-delta", ...at, text: textOf(delta["text"], "") }));
    if (delta["citation"] !== undefined) return this.into(wireIndex, { type: "text", text: "" }, (at) => ({ type: "citation", ...at, citation: readCitation(delta["citation"]) }));
    if (delta["reasoningContent"] !== undefined) return this.reasoning(wireIndex, objectOf(delta["reasoningContent"]));
    const { open } = this;
    const text = textOf(objectOf(delta["toolUse"])["input"], "");
    if (text === "" || !open || open.wireIndex !== wireIndex || (open.part.type !== "tool-call" && open.part.type !== "hosted-call")) return [];
    open.sawArguments = true;
    return [{ type: "arguments-delta", choice: 0, index: open.index, text }];
  }

  private reasoning(wireIndex: unknown, delta: Words): StreamPart[] {
    const { redactedContent, signature } = delta;
    if (typeof redactedContent === "string") return this.openPart(wireIndex, { type: "reasoning", text: "", encrypted: redactedContent, sealedBy: "bedrock-converse" });
    const part: Part = { type: "reasoning", text: "", sealedBy: "bedrock-converse" };
    if (typeof signature === "string") return signature === "" ? [] : this.into(wireIndex, part, (at) => ({ type: "signature-delta", ...at, signature }));
    return this.into(wireIndex, part, (at) => ({ type: "text-delta", ...at, text: textOf(delta["text"], "") }));
  }

  /** A delta of the open part, or of a new one of that kind. */
  private into(wireIndex: unknown, fresh: Part, made: (at: { choice: number; index: number }) => StreamPart): StreamPart[] {
    const fits = this.open?.wireIndex === wireIndex && this.open?.part.type === fresh.type;
    const opening = fits ? [] : this.openPart(wireIndex, fresh);
    return [...opening, made({ choice: 0, index: this.open?.index ?? 0 })];
  }

  private stop(reason: unknown): StreamPart[] {
    if (this.finished) return [];
    this.finished = true;
    const { finish, detail } = readStopReason(reason);
    return [...this.close(), { type: "finish", choice: 0, reason: finish, ...(detail === undefined ? {} : { detail }) }];
  }

  /** The last event; the answer is whole when it comes. */
  private metadata(data: Words): StreamPart[] {
    const report = readConverseUsage(data["usage"]);
    const usage: StreamPart[] = report ? [{ type: "usage", ...report }] : [];
    if (!this.finished) return usage;
    this.ended = true;
    return [...usage, { type: "end" }];
  }
}
