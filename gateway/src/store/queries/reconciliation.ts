import { sql } from "kysely";
import type { Db } from "../database.ts";
import { firstIdOf } from "./request-ids.ts";

export interface WrongBalance {
  kind: string;
  owner_id: string;
  balance_nano: string;
  sum_nano: string;
}

/** The balances of `limit` budgets after one (by id), each against the sum of its moves, in one view of the database. Gives those that differ, how many were looked at, and the last one. */
export async function checkBalances(db: Db, after: string, limit: number): Promise<{ wrong: WrongBalance[]; checked: number; last: string | undefined }> {
  const { rows } = await sql<WrongBalance & { id: string }>`
    with part as (select id, kind, owner_id, balance_nano from budgets where id > ${after}::bigint and kind <> 'system' order by id limit ${limit})
    select p.id, p.kind, p.owner_id, p.balance_nano,
           coalesce((select sum(amount_nano) from ledger where to_budget = p.id), 0) - coalesce((select sum(amount_nano) from ledger where from_budget = p.id), 0) as sum_nano
      from part p order by p.id`.execute(db);
  return { wrong: rows.filter((row) => row.balance_nano !== row.sum_nano), checked: rows.length, last: rows.at(-1)?.id };
}

export interface WrongHold {
  kind: string;
  owner_id: string;
  held_nano: string;
  /** what tasks under way hold of it */
  sum_nano: string;
}

/** Budgets that hold another amount for tasks than those under way do, in one view of the database. */
export async function wrongHolds(db: Db, limit: number): Promise<WrongHold[]> {
  const { rows } = await sql<WrongHold>`
    with held as (select b as id, sum(t.hold_nano) as nano from tasks t, unnest(t.budgets) b where t.phase <> 'ended' group by b)
    select b.kind, b.owner_id, b.held_nano, coalesce(h.nano, 0) as sum_nano from budgets b left join held h on h.id = b.id
     where (b.held_nano <> 0 or h.id is not null) and b.held_nano <> coalesce(h.nano, 0) order by b.id limit ${limit}`.execute(db);
  return rows;
}

/** What vendors finished after the money had gone back, in nano-dollars of their list prices, as far as nobody has looked at it. */
export async function lateCost(db: Db): Promise<bigint> {
  const { rows } = await sql<{ nano: string }>`select coalesce(sum(cost_nano), 0) as nano from late_results where settled_at is null`.execute(db);
  return BigInt(rows[0]?.nano ?? 0);
}

export interface ReconciledRequest {
  id: string;
  channel: string | null;
  model: string;
  sandbox: boolean;
  charge_nano: string;
  /** what the ledger has for it */
  ledger_nano: string;
  usage: Record<string, number>;
  lines: { amountNano: number; ratioMicro: number }[];
  attempts: { listPriceNano?: number }[];
  estimated: boolean;
  anomaly: string | null;
}

/** Requests of a time, oldest first, each with what the ledger's revenue has for it: at most `limit` after one (by id). */
export async function requestsToReconcile(db: Db, time: { fromUnixMs: number; toUnixMs: number }, after: string, limit: number): Promise<ReconciledRequest[]> {
  const { rows } = await sql<ReconciledRequest>`
    with part as materialized (
      select id, channel, model, sandbox, charge_nano, usage, lines, attempts, estimated, anomaly from requests
       where id > ${after}::uuid and id >= ${firstIdOf(time.fromUnixMs)}::uuid and id < ${firstIdOf(time.toUnixMs)}::uuid order by id limit ${limit})
    select p.*, coalesce((select sum(l.amount_nano) from ledger l where l.ref = p.id::text and l.kind = 'charge' and l.to_budget = (select id from budgets where kind = 'system' and owner_id = 2)), 0) as ledger_nano
      from part p order by p.id`.execute(db);
  return rows;
}
