import { type ForeignSeal, packSeal, sealOf, sealedPart, unpackSeal } from "../canonical/foreign-seal.ts";
import { objectOf } from "../canonical/fields.ts";
import type { ReasoningPart } from "../canonical/parts.ts";

/** Between two summary parts of one item, which are one text elsewhere. */
export const SUMMARY_GAP = "\n\n";

/**
 * A reasoning item (SDK type `ResponseReasoningItem`) as a canonical part. `seal`: what our own envelope held when the thinking is another vendor's.
 * An item with neither text nor seal tells nothing: `part` is undefined.
 */
export function readReasoningItem(item: Record<string, unknown>): { part: ReasoningPart | undefined; seal: ForeignSeal | undefined } {
  const content = texts(item["content"]);
  const summary = texts(item["summary"]);
  const plain = content.length > 0;
  const words = (plain ? content : summary).join(SUMMARY_GAP);
  const encrypted = typeof item["encrypted_content"] === "string" && item["encrypted_content"] !== "" ? item["encrypted_content"] : undefined;
  const seal = encrypted === undefined ? undefined : unpackSeal(encrypted);
  if (words === "" && encrypted === undefined) return { part: undefined, seal: undefined };
  if (seal?.callId !== undefined) return { part: undefined, seal };
  const id = typeof item["id"] === "string" && item["id"] !== "" ? item["id"] : undefined;
  const own: ForeignSeal = encrypted === undefined ? {} : { encrypted, sealedBy: "openai-responses" };
  return { part: { ...sealedPart(words, seal ?? own), ...(plain ? {} : { summary: true }), ...(id === undefined ? {} : { id }) }, seal };
}

/**
 * What stands in `encrypted_content` for a part: OpenAI's own seal as it is, all else in our envelope. Also thinking that nobody sealed has one: OpenAI looks for an
 * item without a seal by its id, and refuses the turn when it is not there, so that it must be known when it comes back.
 */
export function encryptedContent(part: ReasoningPart): string | undefined {
  if (part.sealedBy === "openai-responses") return part.encrypted;
  const { id: _id, summary: _summary, ...seal } = sealOf(part);
  return packSeal(seal);
}

/**
 * A reasoning item for an answer. Visible thinking of any vendor stands in `summary`: Codex and other agents send only that back, and a signature is worth
 * nothing without its text.
 */
export function writeReasoningItem(part: ReasoningPart, id: string, status?: string): Record<string, unknown> {
  const encrypted = encryptedContent(part);
  return {
    id,
    type: "reasoning",
    summary: part.text === "" ? [] : [{ type: "summary_text", text: part.text }],
    ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
    ...(status === undefined ? {} : { status }),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map((one) => objectOf(one)["text"]).filter((one): one is string => typeof one === "string" && one !== "") : [];
}
