import type { CodecId } from "../canonical/codec.ts";
import { objectOf, parseJson, textOf } from "../canonical/fields.ts";
import { packSeal, SEAL_MARK } from "../canonical/foreign-seal.ts";
import type { ReasoningPart } from "../canonical/parts.ts";

/**
 * Anthropic clients give thinking back unchanged and demand a signature in it. So what another vendor sealed travels inside our own signature,
 * and thinking that nobody sealed gets one that says so. Both are recognised in the next turn and never sent to Anthropic. Nothing in it is secret or trusted: it is
 * only handed back to the vendor that made it, who checks its own seal.
 */
const DIALECTS: ReadonlySet<string> = new Set<CodecId>(["openai-chat", "openai-responses", "gemini", "anthropic-messages"]);

/**
 * The form of canonical/foreign-seal.ts (d dialect, s signature, e encrypted, c tool call it belongs to) and what a thinking block must tell beyond it: i id,
 * m the text is a summary. Without d nobody sealed it. Names are short, since all of it is sent with every turn.
 */
interface Envelope {
  d?: string;
  s?: string;
  e?: string;
  i?: string;
  m?: 1;
  c?: string;
}

const seal = (envelope: Envelope): string => SEAL_MARK + Buffer.from(JSON.stringify(envelope)).toString("base64url");

function unseal(text: string): Envelope | undefined {
  if (!text.startsWith(SEAL_MARK)) return undefined;
  const read = objectOf(parseJson(Buffer.from(text.slice(SEAL_MARK.length), "base64url").toString("utf8")));
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
  return packSeal({ sealedBy: "gemini", signature, callId });
}

/** The call and its signature out of such data; undefined for everything else. */
export function readCallSignature(data: string): { callId: string; signature: string } | undefined {
  const envelope = unseal(data);
  if (envelope?.c === undefined || envelope.s === undefined) return undefined;
  return { callId: envelope.c, signature: envelope.s };
}

/** Another vendor's id of a hosted call, as it stands in `server_tool_use`: marked, so that it is known when it comes back. Anthropic's own stay as they are. */
export const hostedIdForClient = (id: string): string => (OWN_HOSTED_ID.test(id) ? id : SEAL_MARK + id);

/** The id of a hosted call as its vendor knows it. */
export const hostedIdOfClient = (id: string): string => (id.startsWith(SEAL_MARK) ? id.slice(SEAL_MARK.length) : id);

/** Anthropic's own server tool ids. */
export const OWN_HOSTED_ID = /^srvtoolu_/;

/** Members of a block that may hold our mark. */
const MARKED_MEMBERS = ["signature", "data", "id", "tool_use_id"];

/**
 * Messages without what another vendor's model left in them: its thinking and its hosted tools, which Anthropic would refuse. Undefined when there is nothing to
 * leave out, so that all other requests pass byte for byte.
 */
export function withoutForeignBlocks(messages: unknown): unknown[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  let found = false;
  const kept: unknown[] = [];
  for (const message of messages) {
    const { content } = objectOf(message);
    const blocks = Array.isArray(content) ? content.filter((block) => !isForeign(objectOf(block))) : undefined;
    if (!Array.isArray(content) || !blocks || blocks.length === content.length) {
      kept.push(message);
      continue;
    }
    found = true;
    // A message of nothing else goes with it: empty ones are refused.
    if (blocks.length > 0) kept.push({ ...objectOf(message), content: blocks });
  }
  return found ? kept : undefined;
}

function isForeign(block: Record<string, unknown>): boolean {
  const { type } = block;
  if (type === "tool_use" || type === "tool_result") return false;
  return MARKED_MEMBERS.some((name) => textOf(block[name], "").startsWith(SEAL_MARK));
}
