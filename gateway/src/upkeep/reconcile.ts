import { type Catalog, evaluate } from "../catalog/index.ts";
import { RATIO_ONE } from "../catalog/money.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import type { Db } from "../store/database.ts";
import { checkBalances, type ReconciledRequest, requestsToReconcile, type WrongBalance } from "../store/queries/reconciliation.ts";
import { FIRST_ID } from "../store/queries/request-ids.ts";

/** Budgets and requests looked at in one statement. */
const BUDGETS_MAX = 1_000;
const REQUESTS_MAX = 2_000;
/** Requests looked at for one report: half a minute's work. A longer time is asked for in parts. */
const REPORT_REQUESTS_MAX = 500_000;
/** What is wrong is told up to so many; where more is, all is. */
const WRONG_SHOWN_MAX = 100;

/** What requests of a kind came to, in nano-dollars. */
export interface Sums {
  requests: number;
  chargedNano: bigint;
  listPriceNano: bigint;
  lostNano: bigint;
  estimated: number;
  anomalies: number;
}

export interface Reconciliation {
  balances: { checked: number; wrong: WrongBalance[] };
  charges: { checked: number; complete: boolean; wrong: string[] };
  total: Sums;
  byChannel: { channel: string; model: string; sums: Sums }[];
}

/** Looks through balances and the charges of a time: part by part, each in one view of the database, so that nobody waits for it. */
export async function reconcile(db: Db, catalog: Catalog, time: { fromUnixMs: number; toUnixMs: number }): Promise<Reconciliation> {
  const balances: Reconciliation["balances"] = { checked: 0, wrong: [] };
  for (let after: string | undefined = "0"; after !== undefined; ) {
    const part: Awaited<ReturnType<typeof checkBalances>> = await checkBalances(db, after, BUDGETS_MAX);
    balances.checked += part.checked;
    balances.wrong.push(...part.wrong.slice(0, WRONG_SHOWN_MAX - balances.wrong.length));
    after = part.checked < BUDGETS_MAX ? undefined : part.last;
  }
  const charges: Reconciliation["charges"] = { checked: 0, complete: true, wrong: [] };
  const total = nothing();
  const byChannel = new Map<string, { channel: string; model: string; sums: Sums }>();
  for (let after = FIRST_ID; ; ) {
    const rows = await requestsToReconcile(db, time, after, REQUESTS_MAX);
    for (const row of rows) {
      charges.checked += 1;
      if (!agrees(row) && charges.wrong.length < WRONG_SHOWN_MAX) charges.wrong.push(row.id);
      if (row.sandbox) continue;
      const channel = row.channel ?? "";
      const name = `${channel}\n${row.model}`;
      const entry = byChannel.get(name) ?? { channel, model: row.model, sums: nothing() };
      byChannel.set(name, entry);
      for (const sums of [total, entry.sums]) add(sums, row, listPriceOf(row, catalog));
    }
    const last = rows.at(-1);
    if (!last || rows.length < REQUESTS_MAX) break;
    if (charges.checked >= REPORT_REQUESTS_MAX) {
      charges.complete = false;
      break;
    }
    after = last.id;
  }
  return { balances, charges, total, byChannel: [...byChannel.values()].toSorted((a, b) => Number(b.sums.chargedNano - a.sums.chargedNano)) };
}

/** The charge is the sum of its lines, and what the ledger has. */
function agrees(row: ReconciledRequest): boolean {
  const lines = row.lines.reduce((sum, line) => sum + BigInt(line.amountNano), 0n);
  return lines === BigInt(row.charge_nano) && BigInt(row.ledger_nano) === lines;
}

const nothing = (): Sums => ({ requests: 0, chargedNano: 0n, listPriceNano: 0n, lostNano: 0n, estimated: 0, anomalies: 0 });

function add(sums: Sums, row: ReconciledRequest, listPriceNano: bigint): void {
  sums.requests += 1;
  sums.chargedNano += BigInt(row.charge_nano);
  sums.listPriceNano += listPriceNano;
  sums.lostNano += row.attempts.reduce((sum, attempt) => sum + BigInt(Math.round(attempt.listPriceNano ?? 0)), 0n);
  if (row.estimated) sums.estimated += 1;
  if (row.anomaly !== null) sums.anomalies += 1;
}

/** What a request's usage costs at list prices of today. Prices that depend on options which the row does not keep, and counts that were agreed on when a task was taken and its vendor does not report, are read from its lines, the group's ratio taken out. */
function listPriceOf(row: ReconciledRequest, catalog: Catalog): bigint {
  if (BigInt(row.charge_nano) === 0n) return 0n;
  const prices = catalog.find(row.model)?.compiled;
  const usage = row.usage as Usage;
  if (prices && prices.variants.length === 0 && Object.keys(prices.base.counts).every((counted) => counted in usage)) return evaluate({ prices, usage, groupRatioMicro: RATIO_ONE }).totalNano;
  return row.lines.reduce((sum, line) => (line.ratioMicro > 0 ? sum + (BigInt(line.amountNano) * RATIO_ONE) / BigInt(line.ratioMicro) : sum), 0n);
}
