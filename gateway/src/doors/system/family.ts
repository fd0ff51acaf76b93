import { KEY_STATUS } from "../../accounts/key-record.ts";
import { nanoToQuota } from "../../catalog/money.ts";
import type { listKeys } from "../../store/queries/keys.ts";

/** How the family of gateways that clients know writes accounts, keys and times. */

/** Unix seconds; 0 for never. */
export const secondsOf = (date: Date | null): number => (date ? Math.floor(date.getTime() / 1000) : 0);

/** Nano-dollars of the database as quota units: a JSON number. Above 2^53 units ($18 billion) it would lose digits, which no account holds. */
export const quotaOf = (nano: string | null): number => Number(nanoToQuota(BigInt(nano ?? "0")));

type KeyListed = Awaited<ReturnType<typeof listKeys>>[number];

/** A key's status as clients read it: what stops it, the operator's or owner's word first. */
function statusOf(row: KeyListed, nowUnixMs: number): number {
  if (row.status !== KEY_STATUS.active) return row.status;
  if (row.expires_at && row.expires_at.getTime() <= nowUnixMs) return KEY_STATUS.expired;
  return !row.unlimited && BigInt(row.remain_nano ?? "0") <= 0n ? KEY_STATUS.usedUp : KEY_STATUS.active;
}

/** A key as the System API lists it. */
export const keyRow = (row: KeyListed, nowUnixMs: number) => ({
  DeletedAt: null,
  accessed_time: secondsOf(row.last_used_at ?? row.created_at),
  allow_ips: (row.allow_ips ?? []).join("\n"),
  created_time: secondsOf(row.created_at),
  expired_time: row.expires_at ? secondsOf(row.expires_at) : -1,
  group: row.group_name,
  id: Number(row.id),
  key: row.visible,
  model_limits: (row.model_limits ?? []).join(","),
  model_limits_enabled: row.model_limits !== null,
  name: row.name,
  remain_quota: quotaOf(row.remain_nano),
  status: statusOf(row, nowUnixMs),
  unlimited_quota: row.unlimited,
  used_quota: quotaOf(row.used_nano),
  user_id: Number(row.user_id),
});
