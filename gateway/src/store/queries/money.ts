import { CompiledQuery, sql } from "kysely";
import { type Db, inTransaction } from "../database.ts";

/** Whose a budget is: an account's or organisation's wallet pays; a key's quota and a member's cap only limit. */
export type BudgetKind = "wallet" | "organisation" | "key" | "member";
/** Who has a wallet. */
export type WalletOwner = { kind: "wallet" | "organisation"; id: string };

/** The far ends of ledger moves, as `owner_id` of system budgets. */
export const SYSTEM_BUDGETS = { funding: 1, revenue: 2, limits: 3, keyUsage: 4 } as const;

export interface LeaseAnswer {
  budgetId: number;
  grantedNano: number;
  freeNano: number;
  elsewhereNano: number;
  balanceNano: number;
}

/** Asks for leases on all budgets or none (see take_leases in migration 0001). All amounts in nano-dollars. */
export async function takeLeases(
  db: Db,
  processId: string,
  asks: readonly { budgetId: number; needNano: number; wantNano: number }[],
): Promise<LeaseAnswer[]> {
  const { rows } = await sql<{ budget_id: string; granted: string; free: string; elsewhere: string; balance: string }>`
    select * from take_leases(${processId}::uuid, ${asks.map((a) => a.budgetId)}::bigint[],
      ${asks.map((a) => a.needNano)}::bigint[], ${asks.map((a) => a.wantNano)}::bigint[])`.execute(db);
  return rows.map((row) => ({
    budgetId: Number(row.budget_id),
    grantedNano: Number(row.granted),
    freeNano: Number(row.free),
    elsewhereNano: Number(row.elsewhere),
    balanceNano: Number(row.balance),
  }));
}

/** Gives part of this process's leases back. */
export async function returnLeases(
  db: Db,
  processId: string,
  returns: readonly { budgetId: number; amountNano: number }[],
): Promise<void> {
  if (returns.length === 0) return;
  await sql`with given as (select * from unnest(${returns.map((r) => r.budgetId)}::bigint[],
      ${returns.map((r) => r.amountNano)}::bigint[]) as g (budget_id, amount)),
    told as (select pg_notify('yescale_changed', 'returned:' || budget_id) from given)
    update leases l set amount_nano = l.amount_nano - g.amount from given g, (select count(*) from told) t
     where l.budget_id = g.budget_id and l.process_id = ${processId}::uuid`.execute(db);
}

/** Asks every other process to give back what it does not need of a budget. */
export async function recallLeases(db: Db, processId: string, budgetId: number): Promise<void> {
  await sql`select pg_notify('yescale_changed', ${`recall:${budgetId}:${processId}`})`.execute(db);
}

/** Applies journal records given as JSON object texts; known request ids change nothing. Gives the number newly applied. */
export async function settleBatch(db: Db, processId: string, records: readonly string[]): Promise<number> {
  // Written out, since a query that is built anew costs more than all else that a small batch needs of this process.
  const query = CompiledQuery.raw("select settle_batch($1::uuid, $2::bigint[], $3::json)", [processId, budgetsOf(records), `[${records.join(",")}]`]);
  const { rows } = await db.executeQuery<{ settle_batch: number }>(query as CompiledQuery<{ settle_batch: number }>);
  return rows[0]?.settle_batch ?? 0;
}

/** A record's own members: within a text or a name the quotes would be escaped, and nothing nested has such names. */
const BUDGET_MEMBERS = ['"wallet":', '"keyBudget":', '"caps":['];

/** The budgets that records name, each once. */
function budgetsOf(records: readonly string[]): string[] {
  const ids = new Set<string>();
  for (const record of records)
    for (const member of BUDGET_MEMBERS) {
      const at = record.indexOf(member);
      if (at >= 0) addNumbers(record, at + member.length, ids);
    }
  return [...ids];
}

/** Adds the whole numbers that stand at a position, with commas between them. */
function addNumbers(text: string, from: number, numbers: Set<string>): void {
  let start = from;
  for (let at = from; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x30 && code <= 0x39) continue;
    if (at > start) numbers.add(text.slice(start, at));
    if (code !== 0x2c) return;
    start = at + 1;
  }
}

/** Says this process lives. Gives false when its row is gone (swept as dead): its leases are gone too. */
export async function heartbeat(db: Db, processId: string): Promise<boolean> {
  const result = await sql`update processes set seen_at = now() where id = ${processId}::uuid`.execute(db);
  return (result.numAffectedRows ?? 0n) > 0n;
}

/** Adds this process; its leases hang on the row. */
export async function registerProcess(db: Db, processId: string): Promise<void> {
  await sql`insert into processes (id) values (${processId}::uuid) on conflict (id) do update set seen_at = now()`.execute(db);
}

/** Removes a process and with it all its leases. */
export async function removeProcess(db: Db, processId: string): Promise<void> {
  await sql`delete from processes where id = ${processId}::uuid`.execute(db);
}

/** Removes processes unseen for `deadAfterMs`, so that what they had leased is free again. Gives their number. */
export async function sweepProcesses(db: Db, deadAfterMs: number): Promise<number> {
  const result = await sql`delete from processes where seen_at < now() - ${deadAfterMs} * interval '1 millisecond'`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

/** Live processes, this one included: what the overspend bound is multiplied by. */
export async function countProcesses(db: Db): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*) from processes`.execute(db);
  return Number(rows[0]?.count ?? 1);
}

async function systemBudgetId(db: Db, owner: number): Promise<string> {
  const row = await db.selectFrom("budgets").select("id").where("kind", "=", "system").where("owner_id", "=", String(owner)).executeTakeFirstOrThrow();
  return row.id;
}

/** Moves money or quota between two budgets, once per `ref`. Gives false when that move was made before. */
export async function moveMoney(
  db: Db,
  move: { from: string; to: string; amountNano: bigint; kind: string; ref: string; reason?: string },
): Promise<boolean> {
  const { rows } = await sql<{ move_money: boolean }>`select move_money(${move.from}::bigint, ${move.to}::bigint,
    ${move.amountNano.toString()}::bigint, ${move.kind}, ${move.ref}, ${move.reason ?? null})`.execute(db);
  return rows[0]?.move_money ?? false;
}

/** Credits (positive) or debits (negative) a user's wallet through the ledger, once per `ref`. */
export const creditWallet = (db: Db, { userId, ...credit }: Credit & { userId: string }): Promise<boolean> => creditOwner(db, { kind: "wallet", id: userId }, credit);

interface Credit {
  amountNano: bigint;
  kind: string;
  ref: string;
  reason?: string;
}

/** The same for any wallet. */
export async function creditOwner(db: Db, owner: WalletOwner, credit: Credit): Promise<boolean> {
  const wallet = await ensureBudget(db, owner.kind, owner.id);
  const funding = await systemBudgetId(db, SYSTEM_BUDGETS.funding);
  const [from, to] = credit.amountNano >= 0n ? [funding, wallet] : [wallet, funding];
  const amountNano = credit.amountNano >= 0n ? credit.amountNano : -credit.amountNano;
  if (amountNano === 0n) return false;
  return moveMoney(db, { from, to, amountNano, kind: credit.kind, ref: credit.ref, ...(credit.reason ? { reason: credit.reason } : {}) });
}

/** Sets what a key or a member may still spend to an absolute value, as a move of the difference. */
export async function setCap(db: Db, kind: "key" | "member", ownerId: string, remainNano: bigint, ref: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const budget = await ensureBudget(tx, kind, ownerId);
    const limits = await systemBudgetId(tx, SYSTEM_BUDGETS.limits);
    const { rows } = await sql<{ balance_nano: string }>`select balance_nano from budgets where id = ${budget}::bigint for update`.execute(tx);
    const difference = remainNano - BigInt(rows[0]?.balance_nano ?? "0");
    if (difference === 0n) return;
    const [from, to] = difference > 0n ? [limits, budget] : [budget, limits];
    await moveMoney(tx, { from, to, amountNano: difference > 0n ? difference : -difference, kind: "limit", ref });
  });
}

/**
 * Moves what a wallet has free, once per `ref`: what tasks hold and what processes hold leases on is not free, since work under way may cost it. Gives whether it was moved, and else what is leased, which comes back when it is recalled.
 */
export function moveFree(db: Db, move: { from: string; to: string; amountNano: bigint; kind: string; ref: string; reason?: string }): Promise<{ moved: true } | { moved: false; leasedNano: bigint }> {
  return inTransaction(db, async (tx) => {
    const { rows } = await sql<{ free: string; leased: string }>`
      with wallet as materialized (select id, balance_nano - held_nano as balance_nano from budgets where id = ${move.from}::bigint for update)
      select w.balance_nano - coalesce(sum(greatest(l.amount_nano, 0)), 0) as free, coalesce(sum(greatest(l.amount_nano, 0)), 0) as leased
        from wallet w left join leases l on l.budget_id = w.id group by w.id, w.balance_nano`.execute(tx);
    const { free = "0", leased = "0" } = rows[0] ?? {};
    if (BigInt(free) < move.amountNano) return { moved: false, leasedNano: BigInt(leased) };
    await moveMoney(tx, move);
    return { moved: true };
  });
}

/** Takes out of the gateway what a wallet has free, once per `ref`: see moveFree. */
export async function debitFree(db: Db, owner: WalletOwner, debit: Credit): ReturnType<typeof moveFree> {
  return moveFree(db, { from: await ensureBudget(db, owner.kind, owner.id), to: await systemBudgetId(db, SYSTEM_BUDGETS.funding), ...debit });
}

/** The id of a budget, made with balance 0 when it does not exist. */
export async function ensureBudget(db: Db, kind: BudgetKind, ownerId: string): Promise<string> {
  await sql`insert into budgets (kind, owner_id) values (${kind}, ${ownerId}::bigint) on conflict do nothing`.execute(db);
  const row = await db.selectFrom("budgets").select("id").where("kind", "=", kind).where("owner_id", "=", ownerId).executeTakeFirstOrThrow();
  return row.id;
}

export interface MoneyCheck {
  /** budgets whose kept balance differs from the sum of their moves */
  wrongBalances: { id: string; kind: string; balanceNano: string; sumNano: string }[];
  /** requests whose charge differs from the sum of its lines or from its ledger entry, and charges in the ledger without a request, as far as the request log goes back */
  wrongCharges: string[];
  /** kept balances of all wallets and keys, with what the ledger says of the system ends; must be 0, since a move takes from one budget what it gives another */
  totalNano: string;
}

/** Recomputes every balance and charge from the ledger: what must hold at any time. */
export async function checkMoney(db: Db): Promise<MoneyCheck> {
  const balances = await sql<{ id: string; kind: string; balance: string; total: string }>`
    select b.id, b.kind, b.balance_nano as balance, coalesce(i.total, 0) - coalesce(o.total, 0) as total from budgets b
      left join (select to_budget, sum(amount_nano) total from ledger group by 1) i on i.to_budget = b.id
      left join (select from_budget, sum(amount_nano) total from ledger group by 1) o on o.from_budget = b.id`.execute(db);
  const charges = await sql<{ id: string }>`
    select r.id::text as id from requests r left join ledger l on l.ref = r.id::text and l.kind = 'charge'
       and l.to_budget = (select id from budgets where kind = 'system' and owner_id = 2)
     where r.charge_nano <> coalesce(l.amount_nano, 0)
        or r.charge_nano <> (select coalesce(sum((line->>'amountNano')::numeric), 0) from json_array_elements(r.lines) line)
    union all
    select l.ref from ledger l where l.kind = 'charge' and l.at >= coalesce((select (value #>> '{}')::timestamptz from settings where name = 'request_log_begins'), '-infinity') and not exists (select from requests r where r.id::text = l.ref)
     limit 100`.execute(db);
  return {
    wrongBalances: balances.rows
      .filter((row) => row.kind !== "system" && row.balance !== row.total)
      .map((row) => ({ id: row.id, kind: row.kind, balanceNano: row.balance, sumNano: row.total })),
    wrongCharges: charges.rows.map((row) => row.id),
    totalNano: balances.rows.reduce((sum, row) => sum + BigInt(row.kind === "system" ? row.total : row.balance), 0n).toString(),
  };
}
