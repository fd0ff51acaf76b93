import { objectOf, textOf } from "../canonical/fields.ts";
import { packSeal, SEAL_MARK, sealOf, sealedPart, unpackSeal } from "../canonical/foreign-seal.ts";
import type { ReasoningPart } from "../canonical/parts.ts";

/**
 * Anthropic clients give thinking back unchanged and demand a signature in it. So what another vendor sealed travels inside our own signature,
 * and thinking that nobody sealed gets one that says so. Both are recognised in the next turn and never sent to Anthropic.
 */
export const foreignSignature = (part: ReasoningPart): string => packSeal(sealOf(part));

/** The thinking behind such a signature, or undefined when the signature is not ours (and so Anthropic's own). */
export function readForeignSignature(text: string, signature: string): ReasoningPart | undefined {
  const seal = unpackSeal(signature);
  return seal && sealedPart(text, seal);
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
