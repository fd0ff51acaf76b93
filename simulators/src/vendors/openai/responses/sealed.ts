/** Encrypted reasoning: here it only has the vendor's look and a check that it is unchanged. */
const PREFIX = "gAAAAAB";
const CHECK_LENGTH = 12;

const checkOf = (text: string): string => new Bun.CryptoHasher("sha256").update(text).digest("base64url").slice(0, CHECK_LENGTH);

/** Takes what was thought; gives it sealed. */
export function seal(thinking: string): string {
  const text = Buffer.from(thinking).toString("base64url");
  return PREFIX + checkOf(text) + text;
}

/** Takes a text; tells whether it was sealed here and is unchanged. */
export const isOurs = (sealed: string): boolean =>
  sealed.startsWith(PREFIX) &&
  sealed.slice(PREFIX.length, PREFIX.length + CHECK_LENGTH) === checkOf(sealed.slice(PREFIX.length + CHECK_LENGTH));
