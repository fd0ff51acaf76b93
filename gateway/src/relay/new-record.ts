import type { KeyRecord } from "../accounts/key-record.ts";
import type { Metadata } from "../usage/metadata.ts";
import type { EndReason, SettlementRecord } from "../wallet/record.ts";

/** Whose call a row is of, and which. */
export interface RecordOf {
  id: string;
  /** Unix milliseconds of arrival */
  at: number;
  key: KeyRecord;
  dialect: string;
  endpoint: string;
  durationMs: number;
  ip: string | undefined;
  metadata: Metadata | undefined;
}

/** The row of a call of which nothing was used, for whoever knows more to fill in. One literal, every member in it: a row is made for every request. */
export const newRecord = ({ id, at, key, dialect, endpoint, durationMs, ip, metadata }: RecordOf, status: number, end: EndReason): SettlementRecord => ({
  id,
  at,
  user: key.userId,
  organisation: key.organisation,
  key: key.id,
  wallet: key.walletBudget,
  caps: key.caps.length > 0 ? key.caps.map((cap) => cap.budget) : undefined,
  group: key.group,
  sandbox: key.sandbox,
  dialect,
  endpoint,
  durationMs,
  ip,
  metadata,
  model: "",
  stream: false,
  status,
  end,
  attempts: [],
  usage: {},
  estimated: false,
  charge: 0,
  lines: [],
  priceVersion: undefined,
  channel: undefined,
  upstreamModel: undefined,
  firstByteMs: undefined,
  error: undefined,
  anomaly: undefined,
});
