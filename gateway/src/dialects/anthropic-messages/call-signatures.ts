import { objectOf, textOf } from "../canonical/fields.ts";
import { unpackCallSeal } from "../canonical/foreign-seal.ts";
import type { Part } from "../canonical/parts.ts";

/** Signatures of tool calls that stand in blocks of their own (see seals.ts): taken out of the blocks, given to the calls. */
export class CallSignatures {
  private readonly found = new Map<string, string>();

  /** true when the block is nothing but such a signature */
  take(value: unknown): boolean {
    const block = objectOf(value);
    if (block["type"] !== "redacted_thinking") return false;
    const call = unpackCallSeal(textOf(block["data"], ""));
    if (call) this.found.set(call.callId, call.signature);
    return call !== undefined;
  }

  give(parts: Iterable<Part>): void {
    for (const part of parts) {
      const signature = part.type === "tool-call" ? this.found.get(part.id) : undefined;
      if (part.type === "tool-call" && signature !== undefined) part.signature = signature;
    }
  }
}
