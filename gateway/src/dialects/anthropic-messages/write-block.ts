import { packCallSeal } from "../canonical/foreign-seal.ts";
import { urlOfMedia } from "../canonical/media.ts";
import type { Part, ReasoningPart } from "../canonical/parts.ts";
import { writeCitation } from "./citations.ts";
import { toolInput } from "./encode-blocks.ts";
import { foreignSignature } from "./seals.ts";
import { writeHostedCall, writeHostedResult } from "./hosted.ts";

type Words = Record<string, unknown>;

/** SDK: DirectCaller: the model itself called the tool. */
export const DIRECT_CALLER = { type: "direct" };

/** The signature of a thinking block: Anthropic's own, or one by which other vendors' thinking is known again. */
export function signatureOf(part: ReasoningPart): string {
  return part.sealedBy === "anthropic-messages" && part.signature !== undefined ? part.signature : foreignSignature(part);
}

/** whether a reasoning part is Anthropic's hidden thinking */
export const isRedacted = (part: ReasoningPart): boolean => part.sealedBy === "anthropic-messages" && part.encrypted !== undefined;

/** Text that stands for a part which answers of this dialect cannot hold; undefined when nothing can. */
export function textFor(part: Part): string | undefined {
  switch (part.type) {
    case "text":
    case "refusal":
      return part.text;
    case "image": {
      // Anthropic's answers hold no pictures: Markdown shows them.
      const url = urlOfMedia(part.source);
      return url === undefined ? undefined : `![image](${url})`;
    }
    case "audio":
      return part.transcript;
    default:
      return undefined;
  }
}

/** The blocks of one part of an answer. `hosted`: names of hosted calls by id, kept over the whole answer. */
export function writeAnswerBlocks(part: Part, hosted: Map<string, string>): Words[] {
  switch (part.type) {
    case "reasoning":
      if (isRedacted(part)) return [{ type: "redacted_thinking", data: part.encrypted }];
      return [{ type: "thinking", thinking: part.text, signature: signatureOf(part) }];
    case "tool-call": {
      const call = { type: "tool_use", id: part.id, name: part.name, input: toolInput(part), caller: DIRECT_CALLER };
      return part.signature === undefined ? [call] : [{ type: "redacted_thinking", data: packCallSeal(part.id, part.signature) }, call];
    }
    case "hosted-call": {
      const block = writeHostedCall(part);
      if (block) hosted.set(part.id, String(block["name"]));
      return block ? [{ ...block, caller: DIRECT_CALLER }] : [];
    }
    case "hosted-result": {
      const block = writeHostedResult(part, hosted.get(part.callId));
      return block ? [block] : [];
    }
    case "opaque":
      return part.dialect === "anthropic-messages" ? [part.value as Words] : [];
    default: {
      const text = textFor(part);
      if (text === undefined) return [];
      const citations = part.type === "text" ? part.citations?.map(writeCitation) : undefined;
      // Left out where there are none, as Anthropic does: Vercel's AI SDK refuses an answer with null.
      return text === "" && !citations ? [] : [{ type: "text", text, ...(citations ? { citations } : {}) }];
    }
  }
}
