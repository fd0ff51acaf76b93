import { createHash, randomInt } from "node:crypto";

/** Letters and digits after `sk-`: no `-`, so that a suffix can never be mistaken for part of the key. */
const KEY_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const KEY_LENGTH = 48;

const randomCharacters = (length: number): string =>
  Array.from({ length }, () => KEY_CHARACTERS[randomInt(KEY_CHARACTERS.length)]).join("");

/** A new API key: `sk-` and 48 letters or digits; `sk-test-...` for the sandbox. Shown once, kept as a hash. */
export function newApiKey(sandbox: boolean): string {
  return `sk-${sandbox ? "test-" : ""}${randomCharacters(KEY_LENGTH)}`;
}

/** A new access key for the System API: never begins with `sk-`. */
export function newAccessKey(): string {
  return `ak_${randomCharacters(KEY_LENGTH)}`;
}

/** The code of an invitation: 143 bits, which nobody guesses. */
export function newInvitationCode(): string {
  return randomCharacters(24);
}

/** A password that can be typed. */
export function newPassword(): string {
  return randomCharacters(20);
}

/** The digest under which a credential is stored and looked up. SHA-256: the keys are random, so no slow hash is needed. */
export function keyHash(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/** What a list shows of a key: the first 6 and the last 4 characters. */
export function maskKey(key: string): string {
  return `${key.slice(0, 6)}****${key.slice(-4)}`;
}

/** Longest credential worth hashing; anything longer is no key of ours. */
export const CREDENTIAL_LENGTH_MAX = 256;
