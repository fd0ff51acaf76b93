/** One line of a charge: units of a class at a price. The lines of a record sum to its charge exactly. */
export interface RecordLine {
  class: string;
  units: number;
  /** price of one unit in pico-dollars, decimal text */
  unitPricePico: string;
  /** group ratio in millionths */
  ratioMicro: number;
  /** nano-dollars */
  amountNano: number;
}

export interface RecordAttempt {
  channel: string;
  /** which credential of the channel, by position */
  key: number;
  outcome: string;
  status?: number;
  ms: number;
}

/**
 * How a request ended: `complete`; `client_gone` (the caller left); `upstream_error` (the vendor refused or broke before or during the answer);
 * `upstream_cut` (a stream without its end); `rejected` (by us, before any vendor was asked).
 */
export type EndReason = "complete" | "client_gone" | "upstream_error" | "upstream_cut" | "rejected";

/** The row of one request as the journal keeps it; `settle_batch` in migration 0001 reads exactly these names. */
export interface SettlementRecord {
  id: string;
  /** Unix milliseconds of arrival */
  at: number;
  user: number;
  key: number;
  wallet: number;
  keyBudget?: number;
  group: string;
  dialect: string;
  endpoint: string;
  model: string;
  upstreamModel?: string;
  channel?: string;
  stream: boolean;
  sandbox: boolean;
  status: number;
  error?: string;
  end: EndReason;
  attempts: RecordAttempt[];
  firstByteMs?: number;
  durationMs: number;
  usage: Record<string, number>;
  estimated: boolean;
  anomaly?: string;
  /** nano-dollars */
  charge: number;
  lines: RecordLine[];
  priceVersion?: string;
  ip?: string;
}
