import type { CodecId } from "./codec.ts";
import { objectOf, parseJson } from "./fields.ts";

/** Marks our envelopes among the vendors' own opaque texts; the digit is the format's version. */
export const SEAL_MARK = "yescale1.";
const DIALECTS: ReadonlySet<string> = new Set<CodecId>(["openai-chat", "openai-responses", "anthropic-messages", "gemini", "bedrock-converse"]);

/** Sealed reasoning of one vendor on its way through a dialect that has a single field for such things. */
export interface ForeignSeal {
  sealedBy: CodecId;
  signature?: string;
  encrypted?: string;
  /** the seal belongs to this tool call and not to thinking (Gemini `thoughtSignature`) */
  callId?: string;
}

/**
 * One opaque text that carries a seal to the caller and back with the next turn, so that a model of another vendor gets its own seal again.
 * It hides nothing and proves nothing: the vendor checks its seal itself.
 */
export function packSeal(seal: ForeignSeal): string {
  const { sealedBy, signature, encrypted, callId } = seal;
  return SEAL_MARK + Buffer.from(JSON.stringify({ d: sealedBy, s: signature, e: encrypted, c: callId })).toString("base64url");
}

/** The seal in such a text; undefined for any other text (a vendor's own, or a broken envelope). */
export function unpackSeal(text: string): ForeignSeal | undefined {
  if (!text.startsWith(SEAL_MARK)) return undefined;
  const { d, s, e, c } = objectOf(parseJson(Buffer.from(text.slice(SEAL_MARK.length), "base64url").toString("utf8")));
  if (typeof d !== "string" || !DIALECTS.has(d)) return undefined;
  return {
    sealedBy: d as CodecId,
    ...(typeof s === "string" ? { signature: s } : {}),
    ...(typeof e === "string" ? { encrypted: e } : {}),
    ...(typeof c === "string" ? { callId: c } : {}),
  };
}
