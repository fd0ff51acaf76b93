import { type Kysely, sql } from "kysely";

/**
 * Settlement is told which budgets it will touch, and locks them without reading the records for it: each record was taken apart three times before. Measured for batches of 1,000
 * records: 41 us of Postgres' time a record before, 29 now.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("drop function settle_batch(uuid, json)").execute(db);
  await sql.raw(SETTLE_BATCH()).execute(db);
}

/** As in 0003, but for the locks. Budgets in `p_budgets` that no record names cost a lock and nothing else. */
function SETTLE_BATCH(): string {
  return `create function settle_batch(p_process uuid, p_budgets bigint[], p_records json) returns integer language plpgsql as $$
     declare applied integer;
     begin
       perform 1 from budgets where id = any (p_budgets) order by id for update;
       with record as materialized (
         select distinct on (id) * from json_to_recordset(p_records) as r (
           id uuid, at double precision, "user" bigint, key bigint, wallet bigint, "keyBudget" bigint, "group" text,
           dialect text, endpoint text, model text, "upstreamModel" text, channel text, stream boolean, sandbox boolean,
           status smallint, error text, "end" text, attempts json, "firstByteMs" real, "durationMs" real,
           usage json, estimated boolean, anomaly text, charge bigint, lines json, "priceVersion" text, ip text)),
       fresh as (
         insert into requests (id, at, user_id, key_id, group_name, dialect, endpoint, model, upstream_model, channel, stream,
             sandbox, status, error_code, end_reason, attempts, first_byte_ms, duration_ms, usage, estimated, anomaly,
             charge_nano, lines, price_version, ip)
           select id, to_timestamp(at / 1000), "user", key, "group", dialect, endpoint, model, "upstreamModel", channel, stream,
             sandbox, status, error, "end", attempts, "firstByteMs", "durationMs", usage, estimated, anomaly,
             charge, lines, "priceVersion", ip
           from record
         on conflict (id) do nothing
         returning id),
       paid as (
         select r.id, r.at, r.wallet as budget, 'wallet' as kind, r.charge from record r join fresh using (id) where r.charge > 0
         union all
         select r.id, r.at, r."keyBudget", 'key', r.charge from record r join fresh using (id)
          where r.charge > 0 and r."keyBudget" is not null),
       entries as (
         insert into ledger (from_budget, to_budget, amount_nano, kind, ref, at)
           select p.budget, s.id, p.charge, 'charge', p.id::text, to_timestamp(p.at / 1000)
             from paid p join budgets s on s.kind = 'system' and s.owner_id = case p.kind when 'wallet' then 2 else 4 end),
       sums as (select budget, sum(charge)::bigint as total from paid group by budget),
       balances as (
         update budgets b set balance_nano = b.balance_nano - s.total from sums s where b.id = s.budget),
       spent as (
         update leases l set amount_nano = l.amount_nano - s.total from sums s
          where l.budget_id = s.budget and l.process_id = p_process),
       keys as (
         insert into key_usage as k (key_id, used_nano, requests, last_used_at)
           select r.key, sum(r.charge), count(*), to_timestamp(max(r.at) / 1000) from record r join fresh using (id) group by r.key
           on conflict (key_id) do update set used_nano = k.used_nano + excluded.used_nano,
             requests = k.requests + excluded.requests, last_used_at = greatest(k.last_used_at, excluded.last_used_at)),
       people as (
         insert into user_usage as u (user_id, used_nano, requests)
           select r."user", sum(r.charge), count(*) from record r join fresh using (id) group by r."user"
           on conflict (user_id) do update set used_nano = u.used_nano + excluded.used_nano,
             requests = u.requests + excluded.requests)
       select count(*) into applied from fresh;
       return applied;
     end $$`;
}
