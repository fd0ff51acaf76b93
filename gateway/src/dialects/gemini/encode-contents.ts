import { refuseBrokenArguments } from "../canonical/call-arguments.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { objectOf } from "../canonical/fields.ts";
import { nothingToAnswer } from "../canonical/nothing-to-answer.ts";
import { audioFeature, type FilePart, type Message, type OpaquePart, type Part, type ReasoningPart, type ToolCallPart, type ToolResultPart } from "../canonical/parts.ts";
import { argsOf, responseOf } from "./call-args.ts";
import { MODIFIERS } from "./decode-part.ts";
import { writeCode, writeCodeResult } from "./hosted.ts";
import { wireMedia } from "./media.ts";
import { invalid } from "./members.ts";
import { NO_SIGNATURE, realSignature, signatureForVendor } from "./seals.ts";
import type { TargetModel } from "./target-model.ts";

type Words = Record<string, unknown>;

interface Content {
  role: "user" | "model";
  parts: Words[];
}

/**
 * Messages as `contents` and `systemInstruction`. Instructions stand apart at Gemini, so all of them go there in their order; neighbours of the same role become one
 * content, which also brings the results of parallel calls together as the API demands. Throws invalidRequest for media that Gemini cannot reach and for results without a call.
 */
export function encodeContents(messages: Message[], model: TargetModel, dropped: DroppedFeatures): { systemInstruction?: Words; contents: Content[] } {
  const system: Words[] = [];
  const contents: Content[] = [];
  const writer = new ContentWriter(model, dropped);
  for (const message of messages) {
    if (message.name !== undefined) dropped.add("messages.name");
    if (message.role === "system" || message.role === "developer") {
      system.push(...writer.instructions(message.parts));
      continue;
    }
    const role = message.role === "assistant" ? "model" : "user";
    const last = contents.at(-1);
    const parts = last?.role === role ? last.parts : [];
    writer.parts(message.parts, parts);
    if (last?.role === role || parts.length === 0) continue;
    contents.push({ role, parts });
  }
  if (contents.length === 0) {
    // A conversation of instructions only: the API wants somebody to speak.
    if (system.length === 0) throw nothingToAnswer();
    return { contents: [{ role: "user", parts: system }] };
  }
  return system.length > 0 ? { systemInstruction: { parts: system }, contents } : { contents };
}

class ContentWriter {
  private readonly model: TargetModel;
  private readonly dropped: DroppedFeatures;
  /** names of the calls so far, by id */
  private readonly names = new Map<string, string>();

  constructor(model: TargetModel, dropped: DroppedFeatures) {
    this.model = model;
    this.dropped = dropped;
  }

  /** Instructions are text; whatever else stands in them is reported. */
  instructions(parts: Part[]): Words[] {
    const written: Words[] = [];
    for (const part of parts) {
      if (part.type === "text" && part.text !== "") written.push({ text: part.text });
      else if (part.type === "opaque") this.opaque(part, written);
      else if (part.type !== "text" && part.type !== "reasoning") this.dropped.add(`parts.${part.type}`);
    }
    return written;
  }

  /** Writes the parts of one message behind those already in `into`. */
  parts(parts: Part[], into: Words[]): void {
    let called = false;
    for (const part of parts)
      switch (part.type) {
        case "text":
        case "refusal":
          if (part.text !== "") into.push({ text: part.text });
          break;
        case "image":
        case "video":
          into.push(wireMedia(part.source, part.type));
          break;
        case "file":
          if (part.context !== undefined && part.context !== "") into.push({ text: part.context });
          this.lostOf(part);
          into.push(wireMedia(part.source, "file"));
          break;
        case "audio":
          // An earlier spoken answer is known to its own vendor only; its words are not.
          if (part.id !== undefined && part.transcript) into.push({ text: part.transcript });
          else if (part.id !== undefined && part.source.kind === "file-id") this.dropped.add(audioFeature(part));
          else into.push(wireMedia(part.source, "audio"));
          break;
        case "reasoning":
          this.reasoning(part, into);
          break;
        case "tool-call":
          into.push(this.call(part, !called));
          called = true;
          break;
        case "tool-result":
          this.result(part, into);
          break;
        case "hosted-call":
          this.push(writeCode(part), into);
          break;
        case "hosted-result":
          this.push(writeCodeResult(part), into);
          break;
        case "opaque":
          this.opaque(part, into);
          break;
        default:
          part satisfies never;
      }
  }

  /** Other vendors' searches have no place in the history and are no wish: left out. */
  private push(written: Words | undefined, into: Words[]): void {
    if (!written) return;
    if (!this.model.callIds) for (const value of Object.values(written)) delete objectOf(value)["id"];
    into.push(written);
  }

  private reasoning(part: ReasoningPart, into: Words[]): void {
    if (this.model.thinking === "none") return;
    const signature = signatureForVendor(part);
    const last = into.at(-1);
    if (part.text !== "") into.push({ text: part.text, thought: true, ...(signature === undefined ? {} : { thoughtSignature: signature }) });
    else if (signature === undefined) return;
    // Image models demand the signature on the picture itself.
    else if (last && (last["inlineData"] ?? last["fileData"]) !== undefined && last["thoughtSignature"] === undefined) last["thoughtSignature"] = signature;
    else into.push({ text: "", thoughtSignature: signature });
  }

  private call(part: ToolCallPart, first: boolean): Words {
    refuseBrokenArguments(part, this.dropped);
    this.names.set(part.id, part.name);
    const functionCall = { ...(this.model.callIds ? { id: part.id } : {}), name: part.name, args: argsOf(part) };
    const signature = realSignature(part.signature) ?? (first && this.model.signatures ? NO_SIGNATURE : undefined);
    return signature === undefined ? { functionCall } : { functionCall, thoughtSignature: signature };
  }

  private result(part: ToolResultPart, into: Words[]): void {
    const name = this.names.get(part.callId) ?? part.name;
    if (name === undefined) throw invalid("messages", `hold a tool result for "${part.callId}", which no earlier tool call has as its id.`);
    const texts = part.parts.flatMap((item) => (item.type === "text" ? [item.text] : item.type === "file" && item.context ? [item.context] : []));
    for (const item of part.parts) if (item.type === "file") this.lostOf(item);
    const media = part.parts.flatMap((item) => (item.type === "text" ? [] : [wireMedia(item.source, item.type)]));
    const functionResponse: Words = { ...(this.model.callIds ? { id: part.callId } : {}), name, response: responseOf(texts.join("\n"), part.isError) };
    if (media.length > 0 && this.model.toolMedia) functionResponse["parts"] = media;
    into.push({ functionResponse });
    // Older models take only JSON in a result: its pictures follow it.
    if (media.length > 0 && !this.model.toolMedia) into.push(...media);
  }

  /** What a file says of itself and Gemini has no word for. */
  private lostOf(part: FilePart): void {
    if (part.citable) this.dropped.add("parts.file.citable");
    if (part.name !== undefined) this.dropped.addNamed("parts.file.name");
  }

  private opaque(part: OpaquePart, into: Words[]): void {
    const last = into.at(-1);
    if (part.dialect !== "gemini") this.dropped.add(part.name);
    else if (!(MODIFIERS as readonly string[]).includes(part.name)) into.push(objectOf(part.value));
    else if (last) Object.assign(last, { [part.name]: objectOf(part.value)[part.name] });
  }
}
