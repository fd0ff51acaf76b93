import type { KeyRecord } from "../accounts/key-record.ts";
import type { SettlementRecord } from "../wallet/record.ts";
import type { Payer } from "../wallet/wallet.ts";

/** Who pays for what a key does, and within which limits. */
export const payerOf = (key: KeyRecord): Payer => ({ walletBudget: key.walletBudget, caps: key.caps, free: key.sandbox });

/** The same as the row of a request names it. */
export const paidBy = (key: KeyRecord): Pick<SettlementRecord, "user" | "organisation" | "key" | "wallet" | "caps" | "group" | "sandbox"> => ({
  user: key.userId,
  ...(key.organisation === undefined ? {} : { organisation: key.organisation }),
  key: key.id,
  wallet: key.walletBudget,
  ...(key.caps.length > 0 ? { caps: key.caps.map((cap) => cap.budget) } : {}),
  group: key.group,
  sandbox: key.sandbox,
});
