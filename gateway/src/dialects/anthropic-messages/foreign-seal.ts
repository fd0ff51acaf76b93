import { objectOf, parseJson } from "../canonical/fields.ts";
import type { CodecId } from "../canonical/codec.ts";
import type { ReasoningPart } from "../canonical/parts.ts";

/**
 * Anthropic clients give thinking back unchanged and demand a signature in it. So what another vendor sealed travels inside our own signature,
 * and thinking that nobody sealed gets one that says so. Both are recognised in the next turn and never sent to Anthropic. Nothing in it is secret or trusted: it is
 * only handed back to the vendor that made it, who checks its own seal.
 */
const PREFIX = "yescale.";
const DIALECTS: ReadonlySet<string> = new Set<CodecId>(["openai-chat", "openai-responses", "gemini", "anthropic-messages"]);

/** Members are short, since the envelope is sent with every turn: d dialect, s signature, e encrypted, i id, m text is a summary, c tool call it belongs to. */
interface Envelope {
  d?: string;
  s?: string;
  e?: string;
  i?: string;
  m?: 1;
  c?: string;
}

const seal = (envelope: Envelope): string => PREFIX + Buffer.from(JSON.stringify(envelope)).toString("base64url");

function unseal(text: string): Envelope | undefined {
  if (!text.startsWith(PREFIX)) return undefined;
  const read = objectOf(parseJson(Buffer.from(text.slice(PREFIX.length), "base64url").toString("utf8")));
  const envelope: Envelope = {};
  for (const name of ["d", "s", "e", "i", "c"] as const) {
    const value = read[name];
    if (typeof value === "string") envelope[name] = value;
  }
  if (read["m"] === 1) envelope.m = 1;
  return envelope;
}

/** The signature under which another vendor's thinking is shown. */
export function foreignSignature(part: ReasoningPart): string {
  const envelope: Envelope = {};
  if (part.sealedBy !== undefined) {
    envelope.d = part.sealedBy;
    if (part.signature !== undefined) envelope.s = part.signature;
    if (part.encrypted !== undefined) envelope.e = part.encrypted;
  }
  if (part.id !== undefined) envelope.i = part.id;
  if (part.summary) envelope.m = 1;
  return seal(envelope);
}

/** The thinking behind such a signature, or undefined when the signature is not ours (and so Anthropic's own). */
export function readForeignSignature(text: string, signature: string): ReasoningPart | undefined {
  const envelope = unseal(signature);
  if (!envelope) return undefined;
  const part: ReasoningPart = { type: "reasoning", text };
  if (envelope.m) part.summary = true;
  if (envelope.i !== undefined) part.id = envelope.i;
  if (envelope.d !== undefined && DIALECTS.has(envelope.d)) {
    part.sealedBy = envelope.d as CodecId;
    if (envelope.s !== undefined) part.signature = envelope.s;
    if (envelope.e !== undefined) part.encrypted = envelope.e;
  }
  return part;
}

/** Gemini's signature on a tool call, as the data of a `redacted_thinking` block beside the call: `tool_use` has no room for it. */
export function callSignatureData(callId: string, signature: string): string {
  return seal({ c: callId, s: signature });
}

/** The call and its signature out of such data; undefined for everything else. */
export function readCallSignature(data: string): { callId: string; signature: string } | undefined {
  const envelope = unseal(data);
  if (envelope?.c === undefined || envelope.s === undefined) return undefined;
  return { callId: envelope.c, signature: envelope.s };
}
