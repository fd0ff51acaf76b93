import { sql } from "kysely";
import type { Db } from "../database.ts";

/** Whose rule it is. */
export type LimitSetter = "operator" | "owner";

/** A rule as the table has it; absent kinds are not limited. */
export interface LimitRow {
  scope: string;
  subject: string;
  /** of an operator, or of the key's owner: both hold */
  setBy: LimitSetter;
  requestsPerMinute: number | undefined;
  tokensPerMinute: number | undefined;
  requestsPerDay: number | undefined;
  concurrency: number | undefined;
  spendPerDay: number | undefined;
  spendPerMonth: number | undefined;
}

const ruleRows = (db: Db) => db.selectFrom("limit_rules").selectAll();
type Row = Awaited<ReturnType<ReturnType<typeof ruleRows>["execute"]>>[number];
const whole = (value: string | null): number | undefined => (value === null ? undefined : Number(value));

const ruleOf = (row: Row): LimitRow => ({
  scope: row.scope, subject: row.subject, setBy: row.set_by === "owner" ? "owner" : "operator", requestsPerMinute: whole(row.requests_per_minute), tokensPerMinute: whole(row.tokens_per_minute), requestsPerDay: whole(row.requests_per_day),
  concurrency: whole(row.concurrency), spendPerDay: whole(row.spend_per_day_nano), spendPerMonth: whole(row.spend_per_month_nano),
});

export const allLimitRules = async (db: Db): Promise<{ id: number; rule: LimitRow }[]> => (await ruleRows(db).orderBy("scope").orderBy("subject").orderBy("set_by", "desc").execute()).map((row) => ({ id: Number(row.id), rule: ruleOf(row) }));

export async function oneLimitRule(db: Db, id: number): Promise<LimitRow | undefined> {
  const row = await ruleRows(db).where("id", "=", String(id)).executeTakeFirst();
  return row && ruleOf(row);
}

/** Rules of a scope, or of one subject of it, operators' first. */
export async function limitRules(db: Db, scope: string, subjects?: readonly string[]): Promise<LimitRow[]> {
  if (subjects?.length === 0) return [];
  let query = ruleRows(db).where("scope", "=", scope).orderBy("subject").orderBy("set_by", "desc");
  if (subjects) query = query.where("subject", "in", subjects);
  return (await query.execute()).map(ruleOf);
}

/** Sets a subject's limits as a whole; without any, its rule is gone. */
export async function setLimitRule(db: Db, rule: Partial<LimitRow> & Pick<LimitRow, "scope" | "subject">): Promise<void> {
  const { scope, subject, setBy = "operator", requestsPerMinute, tokensPerMinute, requestsPerDay, concurrency, spendPerDay, spendPerMonth } = rule;
  if ([requestsPerMinute, tokensPerMinute, requestsPerDay, concurrency, spendPerDay, spendPerMonth].every((max) => max === undefined)) {
    await db.deleteFrom("limit_rules").where("scope", "=", scope).where("subject", "=", subject).where("set_by", "=", setBy).execute();
    return;
  }
  const text = (max: number | undefined): string | null => (max === undefined ? null : String(max));
  const values = {
    requests_per_minute: text(requestsPerMinute), tokens_per_minute: text(tokensPerMinute), requests_per_day: text(requestsPerDay), concurrency: text(concurrency),
    spend_per_day_nano: text(spendPerDay), spend_per_month_nano: text(spendPerMonth), updated_at: new Date(),
  };
  await db.insertInto("limit_rules").values({ scope, subject, set_by: setBy, ...values }).onConflict((conflict) => conflict.columns(["scope", "subject", "set_by"]).doUpdateSet(values)).execute();
}

interface Ask {
  meter: string;
  kind: string;
  max: number;
  need: number;
  want: number;
  add: number;
  base: number;
}

/** Asks for units of several meters, all or none; see migration 0040. */
export async function takeLimits(db: Db, processId: string, asks: readonly Ask[]): Promise<{ granted: number; used: number; second: number; waitMs: number }[]> {
  const { rows } = await sql<{ granted: number; used: number; second: string; wait_ms: number }>`select * from take_limits(${processId}::uuid, ${asks.map((ask) => ask.meter)}::text[],
    ${asks.map((ask) => ask.kind)}::text[], ${asks.map((ask) => ask.max)}::double precision[], ${asks.map((ask) => ask.need)}::double precision[],
    ${asks.map((ask) => ask.want)}::double precision[], ${asks.map((ask) => ask.add)}::double precision[], ${asks.map((ask) => ask.base)}::double precision[]) order by meter_index`.execute(db);
  return rows.map((row) => ({ granted: row.granted, used: row.used, second: Number(row.second), waitMs: row.wait_ms }));
}

/** Counts units used (positive) or given back (negative). `second` 0: now; what has left the window changes nothing. */
export async function adjustLimits(db: Db, processId: string, changes: readonly { meter: string; kind: string; second: number; units: number }[]): Promise<void> {
  await sql`select adjust_limits(${processId}::uuid, ${changes.map((c) => c.meter)}::text[], ${changes.map((c) => c.kind)}::text[],
    ${changes.map((c) => c.second)}::bigint[], ${changes.map((c) => c.units)}::double precision[])`.execute(db);
}

/** Forgets counts that no window or period has any more. */
export async function sweepLimits(db: Db): Promise<void> {
  await sql`delete from limit_uses where (slot > 0 and slot < extract(epoch from clock_timestamp()) - 3600) or touched_at < now() - interval '40 days'`.execute(db);
}
