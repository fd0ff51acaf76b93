import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Links in mails are over long before. */
const KEPT_MS = 30 * 86_400_000;
const SUFFIX = ".eml";
/** Enough that no two addresses share it. */
const DIGEST_LENGTH = 32;

/** Where mails lie that no server was there for: a file each, `<time-ordered id>.<digest of the address>.eml`, so that those to a person are found again. Nothing here asks how a mail is written. */
export class MailFolder {
  constructor(private readonly folder: string) {}

  add(to: string, message: Buffer): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    // The name begins with the time: a listing is in order.
    writeFileSync(join(this.folder, `${Bun.randomUUIDv7()}.${digestOf(to)}${SUFFIX}`), message, { mode: 0o600 });
  }

  /** Removes what was written to an address. */
  forget(address: string): void {
    const ending = `.${digestOf(address)}${SUFFIX}`;
    this.remove((name) => name.endsWith(ending));
  }

  /** Removes what is older than 30 days; so goes what was written to an address that its owner has changed. */
  sweep(nowMs: number): void {
    this.remove((name) => (timeOf(name) ?? nowMs) < nowMs - KEPT_MS);
  }

  private remove(which: (name: string) => boolean): void {
    if (!existsSync(this.folder)) return;
    for (const name of readdirSync(this.folder)) if (name.endsWith(SUFFIX) && which(name)) rmSync(join(this.folder, name), { force: true });
  }
}

const digestOf = (address: string): string => new Bun.CryptoHasher("sha256").update(address.trim().toLowerCase()).digest("hex").slice(0, DIGEST_LENGTH);

/** Unix milliseconds of a name that begins with a UUID of version 7 (RFC 9562, 5.7); of another name undefined. */
function timeOf(name: string): number | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(name);
  return match ? Number.parseInt(`${match[1]}${match[2]}`, 16) : undefined;
}
