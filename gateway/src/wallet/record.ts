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
  /** what a failed attempt consumed by the vendor's own report: our loss, never the caller's */
  usage?: Record<string, number>;
  /** that usage at the model's list price, in nano-dollars */
  listPriceNano?: number;
}

/**
 * How a request ended: `complete`; `client_gone` (the caller left); `upstream_error` (the vendor refused or broke before or during the answer);
 * `upstream_cut` (a stream without its end); `rejected` (by us, before any vendor was asked).
 */
export type EndReason = "complete" | "client_gone" | "upstream_error" | "upstream_cut" | "rejected";

/** The row of one request as the journal keeps it; `settle_batch` in the latest migration that has it reads exactly these names. */
export interface SettlementRecord {
  id: string;
  /** Unix milliseconds of arrival */
  at: number;
  user: number;
  /** whose wallet pays, if not the user's own */
  organisation?: number | undefined;
  key: number;
  /** the budget that pays */
  wallet: number;
  /** budgets that only limit: the key's quota, the member's cap */
  caps?: number[] | undefined;
  group: string;
  dialect: string;
  endpoint: string;
  model: string;
  upstreamModel?: string | undefined;
  channel?: string | undefined;
  stream: boolean;
  sandbox: boolean;
  status: number;
  error?: string | undefined;
  end: EndReason;
  attempts: RecordAttempt[];
  firstByteMs?: number | undefined;
  durationMs: number;
  usage: Record<string, number>;
  estimated: boolean;
  anomaly?: string | undefined;
  /** nano-dollars */
  charge: number;
  lines: RecordLine[];
  priceVersion?: string | undefined;
  ip?: string | undefined;
  /** what the caller said of it; checked where it came in (usage/metadata.ts) */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/** A text of the log is a name or a sentence; what a caller or a vendor sends beyond this tells nothing more. */
export const TEXT_LENGTH_MAX = 2_000;
/** No request costs a million dollars: a larger charge is a fault in a report or a price, and a thousand of them would leave bigint. */
export const CHARGE_NANO_MAX = 1_000_000_000_000_000;
/** Units beyond this are no count; still whole in a double. */
const UNITS_MAX = 1_000_000_000_000;
/** A year. */
const MS_MAX = 31_536_000_000;
const STATUS_MAX = 999;

/** What JSON.stringify makes of a NUL or of half a surrogate pair (well-formed JSON.stringify, ECMA-262 25.5.2.3). A backslash written out matches too: that costs time, and changes nothing. */
const REFUSED_TEXT = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;
const NUL = "\u0000";

/**
 * A record as the journal keeps it, and the charge it states. Postgres refuses some texts (NUL, half a surrogate pair) and numbers (beyond bigint) that callers and
 * vendors can send: they are replaced and cut here, the one place that every record passes, so that no request can stop the settlement of all others. Pure.
 */
export function journalForm(record: SettlementRecord): { json: string; charge: number } {
  const numbered = numbersFit(record) ? record : withFittingNumbers(record);
  const json = JSON.stringify(numbered);
  const sound = !REFUSED_TEXT.test(json) && !hasLongText(numbered);
  return { json: sound ? json : JSON.stringify(cleaned(numbered)), charge: numbered.charge };
}

const fits = (value: number, max: number): boolean => value >= -max && value <= max;
const fitsWhole = (value: number, max: number): boolean => Number.isInteger(value) && fits(value, max);
const isCharge = (value: number): boolean => fitsWhole(value, CHARGE_NANO_MAX) && value >= 0;

function numbersFit(record: SettlementRecord): boolean {
  if (!isCharge(record.charge) || !fitsWhole(record.status, STATUS_MAX) || !fits(record.durationMs, MS_MAX) || !fits(record.firstByteMs ?? 0, MS_MAX)) return false;
  for (const name in record.usage) if (!fits(record.usage[name] ?? 0, UNITS_MAX)) return false;
  for (const line of record.lines) if (!fits(line.units, UNITS_MAX) || !fitsWhole(line.amountNano, CHARGE_NANO_MAX)) return false;
  return true;
}

const cut = (value: number, max: number): number => (Number.isNaN(value) ? 0 : Math.min(Math.max(value, -max), max));

function withFittingNumbers(record: SettlementRecord): SettlementRecord {
  const charge = Math.max(0, Math.trunc(cut(record.charge, CHARGE_NANO_MAX)));
  const linesHold = charge === record.charge && record.lines.every((line) => fitsWhole(line.amountNano, CHARGE_NANO_MAX));
  return {
    ...record,
    status: Math.trunc(cut(record.status, STATUS_MAX)),
    durationMs: cut(record.durationMs, MS_MAX),
    ...(record.firstByteMs === undefined ? {} : { firstByteMs: cut(record.firstByteMs, MS_MAX) }),
    usage: Object.fromEntries(Object.entries(record.usage).map(([name, units]) => [name, cut(units, UNITS_MAX)])),
    charge,
    // Lines that no longer add up explain nothing: one line says so.
    lines: linesHold
      ? record.lines.map((line) => ({ ...line, units: cut(line.units, UNITS_MAX) }))
      : [{ class: "cut", units: 1, unitPricePico: "0", ratioMicro: 1_000_000, amountNano: charge }],
    ...(linesHold ? {} : { anomaly: `${record.anomaly ? `${record.anomaly}; ` : ""}charge ${record.charge} was cut` }),
  };
}

const isLong = (text: string | undefined): boolean => text !== undefined && text.length > TEXT_LENGTH_MAX;

function hasLongText(record: SettlementRecord): boolean {
  for (const attempt of record.attempts) if (isLong(attempt.outcome)) return true;
  return isLong(record.model) || isLong(record.error) || isLong(record.anomaly) || isLong(record.ip) || isLong(record.upstreamModel);
}

/** Every text in a value, names of members too, as Postgres takes it. */
function cleaned(value: unknown): unknown {
  if (typeof value === "string") return value.slice(0, TEXT_LENGTH_MAX).toWellFormed().replaceAll(NUL, "\ufffd");
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [cleaned(name), cleaned(member)]));
}
