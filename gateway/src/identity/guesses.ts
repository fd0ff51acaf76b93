import { createHash } from "node:crypto";
import { GatewayError } from "../errors/gateway-error.ts";
import { networkOf } from "../limits/failure-throttle.ts";
import type { Db } from "../store/database.ts";
import { countGuesses, forgetGuesses } from "../store/queries/identity.ts";

const HOUR = 3_600;
const DAY = 86_400;

/**
 * How often a thing may be tried, over all processes. Per account and address together few, so that a person who mistypes is soon let in again and nobody locks another out from elsewhere; per account more, per
 * address more still: who guesses from many addresses at one account, or from one at many, is stopped too.
 */
const POLICIES = {
  /** a password or a second factor */
  signIn: { seconds: 900, perAccountAndAddress: 10, perAccount: 100, perAddress: 100 },
  /** mails that anybody can have sent to an address */
  mail: { seconds: HOUR, perAccountAndAddress: 5, perAccount: 10, perAddress: 30 },
  /** new accounts */
  signUp: { seconds: DAY, perAccountAndAddress: 10, perAccount: 20, perAddress: 50 },
  /** codes of invitations and of organisations */
  code: { seconds: HOUR, perAccountAndAddress: 20, perAccount: 40, perAddress: 100 },
  /** redemption codes, which a whole room may redeem behind one address; each has 100 bits */
  redemption: { seconds: HOUR, perAccountAndAddress: 20, perAccount: 40, perAddress: 300 },
} as const;
export type GuessPolicy = keyof typeof POLICIES;

/** Digests: what was tried is nobody's business afterwards, and may be a password in the wrong field. */
const digest = (...parts: string[]): Buffer => createHash("sha256").update(JSON.stringify(parts)).digest();

/** Notes a try and says whether it may be made. `account`: what names the account, right or wrong. Rejects with GatewayError rateLimited. */
export async function guess(db: Db, policy: GuessPolicy, who: { account: string; address: string }): Promise<Guess> {
  const { seconds, perAccountAndAddress, perAccount, perAddress } = POLICIES[policy];
  const [account, network] = [who.account.trim().toLowerCase(), networkOf(who.address)];
  const limits: { subject: Buffer; max: number }[] = [
    { subject: digest(policy, "both", account, network), max: perAccountAndAddress },
    { subject: digest(policy, "account", account), max: perAccount },
    { subject: digest(policy, "address", network), max: perAddress },
  ];
  const counts = await countGuesses(db, limits.map(({ subject }) => ({ subject, seconds })));
  if (limits.some(({ max }, i) => (counts[i] ?? 0) > max))
    throw new GatewayError("rateLimited", { publicText: "Too many tries. Wait, and try again.", retryAfterSeconds: seconds - (Math.floor(Date.now() / 1000) % seconds) });
  return { right: () => forgetGuesses(db, limits.slice(0, 2).map(({ subject }) => subject)) };
}

export interface Guess {
  /** It was right: the account's count begins anew. The address's goes on, since its owner may guess at others between two sign-ins of his own. */
  right(): Promise<void>;
}
