import { refuseBrokenArguments } from "../canonical/call-arguments.ts";
import { wrapCustomInput } from "../canonical/custom-tool.ts";
import { parseShallow } from "../canonical/depth.ts";
import { parseJson } from "../canonical/fields.ts";
import { codeOf } from "../canonical/hosted-code.ts";
import { audioFeature, type HostedCallPart, type HostedResultPart, type Part, type ReasoningPart, type TextPart, type ToolCallPart, type ToolResultPart } from "../canonical/parts.ts";
import type { CallIds } from "./call-ids.ts";
import { replayCitation } from "./citations.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { cacheControl, documentBlock, imageBlock } from "./encode-media.ts";
import { hostedName, writeHostedCall, writeHostedResult } from "./hosted.ts";
import { OWN_HOSTED_ID } from "./seals.ts";

type Words = Record<string, unknown>;

/** What the blocks of a conversation are written with. */
export interface BlockWriter {
  ids: CallIds;
  dropped: DroppedFeatures;
  /** hosted calls of Anthropic's own, and whether they were answered, by id: name on the wire */
  hosted: Map<string, string>;
}

/** The blocks of one part of the history; none for what has no place there. Empty texts have none: the vendor refuses them. */
export function writePart(part: Part, role: "user" | "assistant", writer: BlockWriter): Words[] {
  const one = (block: Words | undefined, feature: string): Words[] => {
    if (!block) writer.dropped.add(feature);
    return block ? [block] : [];
  };
  switch (part.type) {
    case "text":
      return textBlock(part);
    case "refusal":
      return textBlock({ type: "text", text: part.text });
    case "image":
      if (part.detail !== undefined && part.detail !== "auto") writer.dropped.add("parts.image.detail", "detail");
      // Anthropic has no pictures in the assistant's turns.
      return one(role === "user" ? imageBlock(part) : undefined, "parts.image");
    case "file":
      return one(role === "user" ? documentBlock(part) : undefined, "parts.file");
    case "audio":
      // What the assistant said aloud is known as text; what a user says is not.
      if (part.transcript !== undefined && role === "assistant") return textBlock({ type: "text", text: part.transcript });
      writer.dropped.add(audioFeature(part));
      return [];
    case "video":
      writer.dropped.add("parts.video");
      return [];
    case "reasoning":
      return reasoningBlock(part);
    case "tool-call":
      return [toolUse(part, writer)];
    case "tool-result":
      return [toolResult(part, writer)];
    case "hosted-call":
    case "hosted-result":
      return hostedBlocks(part, writer);
    default:
      if (part.dialect === "anthropic-messages") return [part.value as Words];
      writer.dropped.add(`parts.${part.name}`, part.name);
      return [];
  }
}

function textBlock(part: TextPart): Words[] {
  if (part.text === "") return [];
  const citations = (part.citations ?? []).map(replayCitation).filter((citation) => citation !== undefined);
  return [{ type: "text", text: part.text, ...(citations.length > 0 ? { citations } : {}), ...cacheControl(part.cache) }];
}

/** Anthropic takes back only the thinking it sealed itself; what others thought is left out. */
function reasoningBlock(part: ReasoningPart): Words[] {
  if (part.sealedBy !== "anthropic-messages") return [];
  if (part.encrypted !== undefined) return [{ type: "redacted_thinking", data: part.encrypted }];
  return part.signature === undefined ? [] : [{ type: "thinking", thinking: part.text, signature: part.signature }];
}

function toolUse(part: ToolCallPart, { ids, dropped }: BlockWriter): Words {
  refuseBrokenArguments(part, dropped);
  return { type: "tool_use", id: ids.wire(part.id), name: part.name, input: toolInput(part), ...cacheControl(part.cache) };
}

/** The input of a call: always an object. Arguments that are none (a model can write anything) are kept as text. */
export function toolInput(part: Pick<ToolCallPart, "arguments" | "custom">): Words {
  if (part.custom) return parseJson(wrapCustomInput(part.arguments)) as Words;
  if (part.arguments.trim() === "") return {};
  const parsed = parseShallow(part.arguments);
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? (parsed as Words) : { arguments: part.arguments };
}

function toolResult(part: ToolResultPart, writer: BlockWriter): Words {
  const content = part.parts.flatMap((inner) => writePart(inner, "user", writer));
  const [first] = content;
  const plain = content.length === 1 && first?.["type"] === "text" && Object.keys(first).length === 2;
  return {
    type: "tool_result",
    tool_use_id: writer.ids.wire(part.callId),
    ...(content.length === 0 ? {} : { content: plain ? first["text"] : content }),
    ...(part.isError === undefined ? {} : { is_error: part.isError }),
    ...cacheControl(part.cache),
  };
}

/** Anthropic's own server tools come back as they were. Of other vendors' the code and its output are told as text; their searches left no more than their answer. */
function hostedBlocks(part: HostedCallPart | HostedResultPart, writer: BlockWriter): Words[] {
  if (part.type === "hosted-call") {
    const name = hostedName(part);
    if (OWN_HOSTED_ID.test(part.id) && name !== undefined) {
      writer.hosted.set(part.id, name);
      return [writeHostedCall(part)].filter((block) => block !== undefined);
    }
    if (part.tool !== "code-execution" || part.input === "") return [];
    const found = codeOf(part);
    return textBlock({ type: "text", text: `\`\`\`${found?.language ?? ""}\n${found?.code ?? part.input}\n\`\`\`` });
  }
  const name = writer.hosted.get(part.callId);
  if (name !== undefined) return [writeHostedResult(part, name)].filter((block) => block !== undefined);
  return part.tool === "code-execution" && part.output ? textBlock({ type: "text", text: `\`\`\`\n${part.output}\n\`\`\`` }) : [];
}
