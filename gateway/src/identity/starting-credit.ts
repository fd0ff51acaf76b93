import { createHmac } from "node:crypto";
import { usdToNano } from "../catalog/money.ts";
import { networkOf } from "../limits/failure-throttle.ts";
import type { Db } from "../store/database.ts";
import { giveStartingCredit } from "../store/queries/identity.ts";

/** Accounts of one network get at most one starting credit in this time. */
const PER_NETWORK_HOURS = 24;

/** Providers whose addresses are one mailbox whatever dots and `+tags` stand in them. */
const ONE_MAILBOX = new Set(["gmail.com", "googlemail.com"]);

/**
 * What an address stands for: the same mailbox under any of its spellings is one identity. `+tag` is cut everywhere: nearly all providers deliver it to the same box, and who is cut in error misses a gift and nothing else. Pure.
 */
export function identityOf(email: string): string {
  const at = email.lastIndexOf("@");
  const domain = email.slice(at + 1).toLowerCase();
  const box = email.slice(0, at).toLowerCase().replace(/\+.*$/, "");
  return ONE_MAILBOX.has(domain) ? `${box.replaceAll(".", "")}@gmail.com` : `${box}@${domain}`;
}

/** Gives starting credits: once per identity, once a day per network. What is remembered of both are digests with a secret, so that nobody reads addresses out of them. */
export class StartingCredit {
  constructor(
    private readonly db: Db,
    private readonly secret: string,
    private readonly usd: () => string,
  ) {}

  /** An account has proved that the address is its own. Gives whether it got the credit. */
  async give(account: { id: string; email: string; address: string }): Promise<boolean> {
    const amountNano = usdToNano(this.usd());
    if (amountNano <= 0n) return false;
    const digest = (text: string): Buffer => createHmac("sha256", this.secret).update(text).digest();
    return giveStartingCredit(this.db, { userId: account.id, identity: digest(identityOf(account.email)), network: digest(networkOf(account.address)), amountNano, perNetworkHours: PER_NETWORK_HOURS });
  }
}
