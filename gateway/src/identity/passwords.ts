import type { Db } from "../store/database.ts";
import { passwordOf, setPassword } from "../store/queries/identity.ts";

/** argon2id by the runtime (RFC 9106); the parameters stand in each hash. */
const ALGORITHM = { algorithm: "argon2id", memoryCost: 65_536, timeCost: 2 } as const;
const CURRENT = `$argon2id$v=19$m=${ALGORITHM.memoryCost},t=${ALGORITHM.timeCost},p=1$`;

/** OWASP asks for 8 at least, and for no rules of composition. */
export const PASSWORD_LENGTH_MIN = 8;
/** Longer ones are no passwords but work for us. */
export const PASSWORD_LENGTH_MAX = 128;

export const hashPassword = (password: string): Promise<string> => Bun.password.hash(password, ALGORITHM);

/** bcrypt, as New API and One API keep passwords: accounts that came from there sign in with theirs, and have one of our hashes from then on. */
const BCRYPT = /^\$2[aby]\$\d\d\$/;

/** Whether the password is the one of the hash. A hash of another kind is nobody's: false. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  if (!hash.startsWith("$argon2id$") && !BCRYPT.test(hash)) return false;
  return Bun.password.verify(password, hash);
}

/** Keeps a password, which is known to be the account's, under a hash of today's parameters, if it is not. */
export async function renewPassword(db: Db, userId: string, password: string): Promise<void> {
  const hash = await passwordOf(db, userId);
  if (hash !== undefined && !hash.startsWith(CURRENT)) await setPassword(db, userId, await hashPassword(password));
}
