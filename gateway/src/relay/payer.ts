import type { KeyRecord } from "../accounts/key-record.ts";
import type { Payer } from "../wallet/wallet.ts";

/** Who pays for what a key does, and within which limits. */
export const payerOf = (key: KeyRecord): Payer => ({ walletBudget: key.walletBudget, caps: key.caps, free: key.sandbox });
