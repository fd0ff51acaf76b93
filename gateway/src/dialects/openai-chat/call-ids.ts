import { createHash } from "node:crypto";
import type { RequestTarget } from "../canonical/codec.ts";
import { has } from "./traits.ts";

/** Mistral: "Tool call id was ... but must be a-z, A-Z, 0-9, with a length of 9." */
export const isNineLetters = (id: string): boolean => /^[a-zA-Z0-9]{9}$/.test(id);

/** The id of a call as the target takes it: the same at the call and at its result, and in every later turn. */
export function callId(id: string, target: RequestTarget): string {
  if (!has(target, "nine-letter-ids") || isNineLetters(id)) return id;
  return createHash("sha256").update(id).digest("base64").replaceAll(/[^a-zA-Z0-9]/g, "").slice(0, 9);
}
