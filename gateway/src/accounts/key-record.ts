import { AddressList } from "./address-list.ts";

/** 1 active, 2 disabled, 3 expired, 4 used up: the family's numbers, which clients test. */
export const KEY_STATUS = { active: 1, disabled: 2, expired: 3, usedUp: 4 } as const;

/** An API key as every process holds it in memory. */
export interface KeyRecord {
  id: number;
  userId: number;
  userEnabled: boolean;
  name: string;
  status: number;
  /** Unix milliseconds, or undefined for never */
  expiresAtMs: number | undefined;
  group: string;
  /** the models it may call, or undefined for all of its group */
  models: ReadonlySet<string> | undefined;
  addresses: AddressList | undefined;
  sandbox: boolean;
  walletBudget: number;
  /** set when the key has a quota of its own */
  keyBudget: number | undefined;
}

/** A key's row joined with its owner and budgets, as the database gives it. */
export interface KeyRow {
  id: string;
  user_id: string;
  user_status: number;
  name: string;
  hash: Buffer;
  status: number;
  expires_at: Date | null;
  unlimited: boolean;
  group_name: string;
  model_limits: string[] | null;
  allow_ips: string[] | null;
  sandbox: boolean;
  wallet_budget: string;
  key_budget: string | null;
}

/** The record of a row. A broken address list lets nobody in, rather than everybody. */
export function keyRecord(row: KeyRow): KeyRecord {
  return {
    id: Number(row.id),
    userId: Number(row.user_id),
    userEnabled: row.user_status === 1,
    name: row.name,
    status: row.status,
    expiresAtMs: row.expires_at?.getTime(),
    group: row.group_name,
    models: row.model_limits ? new Set(row.model_limits) : undefined,
    addresses: row.allow_ips && row.allow_ips.length > 0 ? addressList(row.allow_ips) : undefined,
    sandbox: row.sandbox,
    walletBudget: Number(row.wallet_budget),
    keyBudget: row.unlimited || row.key_budget === null ? undefined : Number(row.key_budget),
  };
}

function addressList(entries: string[]): AddressList {
  try {
    return new AddressList(entries);
  } catch {
    return new AddressList([]);
  }
}
