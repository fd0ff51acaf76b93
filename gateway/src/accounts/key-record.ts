import { AddressList } from "./address-list.ts";

/** 1 active, 2 disabled, 3 expired, 4 used up: the family's numbers, which clients test. */
export const KEY_STATUS = { active: 1, disabled: 2, expired: 3, usedUp: 4 } as const;

/** An API key as every process holds it in memory. */
export interface KeyRecord {
  id: number;
  userId: number;
  /** its user may act, and so may its organisation, which the user still belongs to */
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
  /** the organisation that pays for it, if not its user */
  organisation: number | undefined;
  /** the wallet that pays */
  walletBudget: number;
  /** what it may spend at most: its own quota, and what the organisation lets its user spend, where they are limited */
  caps: readonly KeyCap[];
  /** days for which bodies of its requests and their answers are kept; undefined: none is */
  captureDays: number | undefined;
}

/** A budget that limits a key, and how its end is told. */
export interface KeyCap {
  budget: number;
  refusal: "insufficientKey" | "insufficientMember";
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
  organisation_id: string | null;
  organisation_status: number | null;
  /** of the key's user in the key's organisation; null: none, or no more */
  member_unlimited: boolean | null;
  member_budget: string | null;
  capture_days: number | null;
}

/** The record of a row. A broken address list lets nobody in, rather than everybody. */
export function keyRecord(row: KeyRow): KeyRecord {
  return {
    id: Number(row.id),
    userId: Number(row.user_id),
    userEnabled: row.user_status === 1 && (row.organisation_id === null || (row.organisation_status === 1 && row.member_unlimited !== null)),
    name: row.name,
    status: row.status,
    expiresAtMs: row.expires_at?.getTime(),
    group: row.group_name,
    models: row.model_limits ? new Set(row.model_limits) : undefined,
    addresses: row.allow_ips && row.allow_ips.length > 0 ? addressList(row.allow_ips) : undefined,
    sandbox: row.sandbox,
    captureDays: row.capture_days ?? undefined,
    organisation: row.organisation_id === null ? undefined : Number(row.organisation_id),
    walletBudget: Number(row.wallet_budget),
    caps: [
      ...(row.unlimited || row.key_budget === null ? [] : [{ budget: Number(row.key_budget), refusal: "insufficientKey" } as const]),
      ...(row.member_unlimited !== false || row.member_budget === null ? [] : [{ budget: Number(row.member_budget), refusal: "insufficientMember" } as const]),
    ],
  };
}

function addressList(entries: string[]): AddressList {
  try {
    return new AddressList(entries);
  } catch {
    return new AddressList([]);
  }
}
