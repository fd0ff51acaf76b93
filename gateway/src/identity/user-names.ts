/** Characters of a user name. */
const NAME_LENGTH_MAX = 30;
const NAME_LENGTH_MIN = 3;
export const USER_NAME = /^[a-z0-9][a-z0-9_.-]{2,29}$/;
const SUFFIX_CHARACTERS = "abcdefghijkmnpqrstuvwxyz23456789";
const SUFFIX_LENGTH = 6;

/**
 * A name for a new account: what stands before the `@` of its address, as far as a name can hold it, and a random end. Nobody chooses a name when he signs up, so no answer tells which are taken. `random` gives numbers in [0, 1).
 */
export function userNameOf(email: string, random: () => number): string {
  const box = (email.split("@")[0] ?? "").toLowerCase().replaceAll(/[^a-z0-9_.-]+/g, "").replace(/^[._-]+/, "");
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => SUFFIX_CHARACTERS[Math.floor(random() * SUFFIX_CHARACTERS.length)]).join("");
  const base = box.length < NAME_LENGTH_MIN ? "user" : box.slice(0, NAME_LENGTH_MAX - SUFFIX_LENGTH - 1);
  return `${base}-${suffix}`;
}
