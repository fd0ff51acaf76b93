import type { CodecId } from "./codec.ts";
import { CHAT_DIALECTS, type DialectId } from "./dialect.ts";
import { objectOf, parseJson } from "./fields.ts";
import type { ReasoningPart } from "./parts.ts";

/** Marks our envelopes among the vendors' own opaque texts; the digit is the format's version. */
export const SEAL_MARK = "yescale1.";

/** What belongs to one vendor's thinking, on its way through another's dialect that has a single field for such things. */
export interface ForeignSeal {
  /** absent: nobody sealed it, and the envelope only says so */
  sealedBy?: CodecId;
  signature?: string;
  encrypted?: string;
  /** the seal belongs to this tool call and not to thinking (Gemini `thoughtSignature`) */
  callId?: string;
  /** OpenAI Responses item id */
  id?: string;
  /** the thinking beside it is a summary */
  summary?: boolean;
}

/**
 * One opaque text that carries a seal to the caller and back with the next turn, so that a model of another vendor gets its own seal again.
 * It hides nothing and proves nothing: the vendor checks its seal itself. Names are short, since all of it is sent with every turn.
 */
export function packSeal(seal: ForeignSeal): string {
  const { sealedBy, signature, encrypted, callId, id, summary } = seal;
  return SEAL_MARK + Buffer.from(JSON.stringify({ d: sealedBy, s: signature, e: encrypted, c: callId, i: id, m: summary ? 1 : undefined })).toString("base64url");
}

/** How an envelope begins where the field takes base64 only (Gemini): three whole groups of the mark. */
export const SEAL_MARK_BASE64 = Buffer.from(SEAL_MARK).toString("base64");

/** The seal in such a text, bare or in base64; undefined for any other text, which then is a vendor's own. A broken envelope is a seal of nobody's. */
export function unpackSeal(text: string): ForeignSeal | undefined {
  const plain = text.startsWith(SEAL_MARK_BASE64) ? Buffer.from(text, "base64").toString("utf8") : text;
  if (!plain.startsWith(SEAL_MARK)) return undefined;
  const { d, s, e, c, i, m } = objectOf(parseJson(Buffer.from(plain.slice(SEAL_MARK.length), "base64url").toString("utf8")));
  const known = typeof d === "string" && CHAT_DIALECTS.has(d as DialectId);
  return {
    ...(known ? { sealedBy: d as CodecId } : {}),
    ...(known && typeof s === "string" ? { signature: s } : {}),
    ...(known && typeof e === "string" ? { encrypted: e } : {}),
    ...(typeof c === "string" ? { callId: c } : {}),
    ...(typeof i === "string" ? { id: i } : {}),
    ...(m === 1 ? { summary: true } : {}),
  };
}

/** All of a thinking part but its words. */
export function sealOf({ sealedBy, signature, encrypted, id, summary }: ReasoningPart): ForeignSeal {
  return {
    ...(sealedBy === undefined ? {} : { sealedBy }),
    ...(sealedBy === undefined || signature === undefined ? {} : { signature }),
    ...(sealedBy === undefined || encrypted === undefined ? {} : { encrypted }),
    ...(id === undefined ? {} : { id }),
    ...(summary ? { summary } : {}),
  };
}

/** The thinking whose words stood beside such an envelope. */
export function sealedPart(text: string, { callId: _callId, ...seal }: ForeignSeal): ReasoningPart {
  return { type: "reasoning", text, ...seal };
}

/** The seal of a tool call (Gemini `thoughtSignature`), for dialects that have no room for it at the call. */
export const packCallSeal = (callId: string, signature: string): string => packSeal({ sealedBy: "gemini", signature, callId });

/** The call and its signature out of such a text; undefined for everything else. */
export function unpackCallSeal(text: string): { callId: string; signature: string } | undefined {
  const { callId, signature } = unpackSeal(text) ?? {};
  return callId === undefined || signature === undefined ? undefined : { callId, signature };
}
