import { packSeal, sealOf, sealedPart, unpackSeal } from "../canonical/foreign-seal.ts";
import type { ReasoningPart } from "../canonical/parts.ts";

/**
 * `thoughtSignature` is a bytes field, base64 in JSON. Gemini's own seal stands in it as it came; another vendor's travels in our envelope, so that it comes back
 * with the next turn. Thinking read from this dialect is always `sealedBy` somebody, with or without a seal.
 */
export function reasoningOf(text: string, signature: string | undefined): ReasoningPart {
  const part: ReasoningPart = { type: "reasoning", text, sealedBy: "gemini" };
  const real = realSignature(signature);
  if (real === undefined) return part;
  const seal = unpackSeal(real);
  return seal ? { ...part, ...sealedPart(text, seal) } : { ...part, signature: real };
}

/** The `thoughtSignature` that carries a part's seal to a client; undefined for thinking without one. */
export function signatureForClient(part: ReasoningPart): string | undefined {
  if (part.sealedBy === undefined || (part.signature === undefined && part.encrypted === undefined)) return undefined;
  return part.sealedBy === "gemini" ? part.signature : Buffer.from(packSeal(sealOf(part))).toString("base64");
}

/** The `thoughtSignature` that goes back to Gemini itself: its own only. */
export function signatureForVendor(part: ReasoningPart): string | undefined {
  return part.sealedBy === "gemini" ? part.signature : undefined;
}

/**
 * What Gemini 3 takes in place of a signature on a call that it did not make or whose signature the client could not keep; without one it answers 400
 * (Gemini API guide, "Thought signatures").
 */
export const NO_SIGNATURE = "skip_thought_signature_validator";
const STAND_INS: ReadonlySet<string> = new Set([NO_SIGNATURE, "context_engineering_is_the_way_to_go"]);

/** The signature of a call or other part, without those that only stand in for one. */
export const realSignature = (signature: string | undefined): string | undefined =>
  signature === undefined || signature === "" || STAND_INS.has(signature) ? undefined : signature;
