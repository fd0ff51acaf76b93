import { packSeal, sealOf, sealedPart, unpackSeal } from "../canonical/foreign-seal.ts";
import { objectOf } from "../canonical/fields.ts";
import type { ReasoningPart } from "../canonical/parts.ts";

type Words = Record<string, unknown>;

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

/**
 * Contents without what another vendor's model left in them: its seals, and the thinking that they seal. Undefined when there is none, so that all other requests pass
 * byte for byte.
 */
export function withoutForeignSeals(contents: unknown): unknown[] | undefined {
  if (!Array.isArray(contents)) return undefined;
  let found = false;
  const kept = contents.flatMap((content: unknown): unknown[] => {
    const { parts } = objectOf(content);
    if (!Array.isArray(parts) || !parts.some((part) => isForeign(objectOf(part)))) return [content];
    found = true;
    const own = withoutForeignParts(parts.map(objectOf));
    // A content of nothing else goes with it: empty ones are refused.
    return own.length > 0 ? [{ ...objectOf(content), parts: own }] : [];
  });
  return found ? kept : undefined;
}

function withoutForeignParts(parts: Words[]): Words[] {
  const own: Words[] = [];
  // Backwards, since clients keep a stream's thinking in pieces, and the seal comes with the last.
  let sealed = false;
  for (const part of parts.toReversed()) {
    const foreign = isForeign(part);
    const isThought = part["thought"] === true;
    sealed = foreign ? isThought || part["text"] === "" : sealed && isThought && sealOn(part) === undefined;
    if (!foreign && !sealed) own.unshift(part);
    if (!foreign || isThought || part["text"] === "") continue;
    // Something else that carries the seal: a picture, say.
    const { thoughtSignature: _seal, thought_signature: _snake, ...rest } = part;
    own.unshift(rest);
  }
  return own;
}

const sealOn = (part: Words): unknown => part["thoughtSignature"] ?? part["thought_signature"];
const isForeign = (part: Words): boolean => {
  const seal = sealOn(part);
  return typeof seal === "string" && unpackSeal(seal) !== undefined;
};
