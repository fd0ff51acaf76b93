import { objectOf } from "../canonical/fields.ts";
import type { MediaSource } from "../canonical/media.ts";
import type { Part, ReasoningPart, ToolCallPart } from "../canonical/parts.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { argsOf } from "./call-args.ts";
import { writeCode, writeCodeResult } from "./hosted.ts";
import { NO_SIGNATURE, realSignature, signatureForClient } from "./seals.ts";

type Words = Record<string, unknown>;

/** Whether the caller asked to see thoughts: Gemini shows none unasked, and older clients would take them for text. */
export const showsThoughts = ({ reasoning }: CanonicalRequest): boolean => reasoning?.show !== undefined && reasoning.show !== "none";

/** The words of thinking that the caller may see. Thinking sealed by another vendor goes with its words: its vendor checks the seal against them in the next turn. */
export function visibleThought(part: ReasoningPart, shown: boolean): boolean {
  return shown || (part.sealedBy !== undefined && part.sealedBy !== "gemini");
}

/** Thinking as one part; undefined when nothing of it is for the caller. */
export function writeThought(part: ReasoningPart, shown: boolean): Words | undefined {
  const text = visibleThought(part, shown) ? part.text : "";
  const signature = signatureForClient(part);
  if (text === "") return signature === undefined ? undefined : { text: "", thoughtSignature: signature };
  return { text, thought: true, ...(signature === undefined ? {} : { thoughtSignature: signature }) };
}

function writeCall(part: ToolCallPart): Words {
  const functionCall = { id: part.id, name: part.name, args: argsOf(part) };
  // Gemini 3 refuses a call without a signature, should the session go on with it: another vendor's call says that it has none (thought signatures guide).
  return { functionCall, thoughtSignature: realSignature(part.signature) ?? NO_SIGNATURE };
}

/** Media of an answer: bytes, or the address where they lie. */
function writeMedia(source: MediaSource): Words {
  if (source.kind === "base64") return { inlineData: { mimeType: source.mediaType, data: source.data } };
  const fileUri = source.kind === "url" ? source.url : source.id;
  return { fileData: source.mediaType === undefined ? { fileUri } : { fileUri, mimeType: source.mediaType } };
}

/** Gemini's name for bare samples (speech generation guide); those of OpenAI's `pcm16` are 24 kHz as well. */
const SAMPLES = "audio/L16;codec=pcm;rate=24000";
const samplesAsGemini = (source: MediaSource): MediaSource => (source.kind === "base64" && source.mediaType === "audio/pcm" ? { ...source, mediaType: SAMPLES } : source);

/** Any part but text and thinking, as it stands in an answer; undefined for what Gemini tells elsewhere (searches) or has no word for. */
export function writePart(part: Exclude<Part, { type: "text" | "reasoning" | "refusal" }>): Words | undefined {
  switch (part.type) {
    case "tool-call":
      return writeCall(part);
    case "image":
    case "video":
    case "file":
      return writeMedia(part.source);
    case "audio": {
      const heard = part.transcript === undefined ? {} : { audioTranscription: { text: part.transcript } };
      return part.source.kind === "base64" && part.source.data === "" && part.transcript !== undefined ? heard : { ...writeMedia(samplesAsGemini(part.source)), ...heard };
    }
    case "hosted-call":
      return writeCode(part);
    case "hosted-result":
      return writeCodeResult(part);
    case "opaque":
      return part.dialect === "gemini" ? objectOf(part.value) : undefined;
    default:
      // results are the caller's, not the model's
      return undefined;
  }
}
