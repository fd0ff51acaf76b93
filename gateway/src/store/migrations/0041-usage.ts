import { type Kysely, sql } from "kysely";

/**
 * Usage, summed up by hour and day, and what callers say of their requests (metadata).
 *
 * `requests.seq` numbers rows as they come in; the sums hold all up to `usage_watermark`, which moves in the transaction that adds them. A row takes its number before its
 * transaction ends, so rows could come in behind a mark that has passed them: whoever inserts holds a lock (shared), and the mark is taken while nobody does.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

/** Advisory lock of whoever inserts into `requests`. */
const INSERTING = 4041;

const STATEMENTS = [
  `alter table requests add column seq bigint generated always as identity, add column metadata jsonb`,
  // Rows lie in the order of their numbers: a summary of ranges finds the newest as fast as a tree, and costs an insert nothing.
  `create index requests_seq on requests using brin (seq) with (pages_per_range = 16, autosummarize = on)`,
  `create index requests_metadata on requests using gin (metadata jsonb_path_ops) where metadata is not null`,
  `create function mark_requests_insert() returns trigger language plpgsql as $$
     begin
       perform pg_advisory_xact_lock_shared(${INSERTING});
       return null;
     end $$`,
  `create trigger requests_inserting before insert on requests for each statement execute function mark_requests_insert()`,
  // The last number that was given out; all up to it are committed or will never be.
  `create function last_request_seq() returns bigint language plpgsql as $$
     declare last bigint;
     begin
       perform pg_advisory_xact_lock(${INSERTING});
       select case when is_called then last_value else 0 end into last from requests_seq_seq;
       return last;
     end $$`,

  `create table usage_watermark (one boolean primary key default true check (one), seq bigint not null)`,
  `insert into usage_watermark (seq) values (0)`,
  `create table usage_rollups (
     id bigint generated always as identity primary key,
     span text not null check (span in ('hour', 'day')),
     start timestamptz not null,
     user_id bigint not null,
     organisation_id bigint not null,
     key_id bigint not null,
     group_name text not null,
     model text not null,
     channel text not null,
     sandbox boolean not null,
     requests bigint not null,
     rejected bigint not null,
     errors bigint not null,
     charge_nano bigint not null,
     prompt_tokens double precision not null,
     completion_tokens double precision not null,
     cached_tokens double precision not null,
     unique (span, start, user_id, organisation_id, key_id, group_name, model, channel, sandbox))`,
  `create index usage_rollups_by_user on usage_rollups (user_id, span, start)`,
  `create index usage_rollups_by_model on usage_rollups (model, span, start)`,
  // How often an answer (its first byte) took as long as a bucket says (usage/latency.ts).
  `create table usage_latency (
     rollup_id bigint not null references usage_rollups on delete cascade,
     bucket smallint not null,
     durations bigint not null,
     first_bytes bigint not null,
     primary key (rollup_id, bucket))`,
  `create function latency_bucket(ms double precision) returns smallint immutable parallel safe language sql
     return case when ms <= 1 then 0 else least(95, ceil(4 * ln(ms) / ln(2::double precision)))::smallint end`,
  ADD_UP(),
  SETTLE_BATCH(),
];

/** Adds the rows numbered from the mark to `p_until` to the sums, `p_most` numbers at a time, and moves the mark. Gives the mark, or null while another process is at it. */
function ADD_UP(): string {
  return `create function add_up_usage(p_until bigint, p_most bigint) returns bigint language plpgsql as $$
     declare
       mark bigint;
       until_seq bigint;
     begin
       select w.seq into mark from usage_watermark w for update skip locked;
       if not found then return null; end if;
       until_seq := least(p_until, mark + p_most);
       if until_seq <= mark then return mark; end if;
       with fresh as materialized (
         select s.span, date_trunc(s.span, r.at, 'UTC') as start, r.user_id, coalesce(r.organisation_id, 0) as organisation_id, r.key_id, r.group_name, r.model,
                coalesce(r.channel, '') as channel, r.sandbox, r.end_reason, r.charge_nano, r.duration_ms, r.first_byte_ms,
                coalesce(u.input, 0) + coalesce(u."inputAudio", 0) + coalesce(u."inputImage", 0) + coalesce(u."cacheRead", 0) + coalesce(u."cacheReadAudio", 0)
                  + coalesce(u."cacheReadImage", 0) + coalesce(u."cacheWrite", 0) + coalesce(u."cacheWriteHour", 0) as prompt_tokens,
                coalesce(u.output, 0) + coalesce(u.reasoning, 0) + coalesce(u."outputAudio", 0) + coalesce(u."outputImage", 0) as completion_tokens,
                coalesce(u."cacheRead", 0) + coalesce(u."cacheReadAudio", 0) + coalesce(u."cacheReadImage", 0) as cached_tokens
           from requests r
           cross join lateral json_to_record(r.usage) as u (input double precision, "inputAudio" double precision, "inputImage" double precision, "cacheRead" double precision,
             "cacheReadAudio" double precision, "cacheReadImage" double precision, "cacheWrite" double precision, "cacheWriteHour" double precision,
             output double precision, reasoning double precision, "outputAudio" double precision, "outputImage" double precision)
           cross join (values ('hour'), ('day')) as s (span)
          where r.seq > mark and r.seq <= until_seq),
       sums as (
         insert into usage_rollups as t (span, start, user_id, organisation_id, key_id, group_name, model, channel, sandbox,
             requests, rejected, errors, charge_nano, prompt_tokens, completion_tokens, cached_tokens)
           select span, start, user_id, organisation_id, key_id, group_name, model, channel, sandbox,
               count(*) filter (where end_reason <> 'rejected'), count(*) filter (where end_reason = 'rejected'),
               count(*) filter (where end_reason in ('upstream_error', 'upstream_cut')),
               sum(charge_nano), sum(prompt_tokens), sum(completion_tokens), sum(cached_tokens)
             from fresh group by 1, 2, 3, 4, 5, 6, 7, 8, 9
           on conflict (span, start, user_id, organisation_id, key_id, group_name, model, channel, sandbox) do update set
             requests = t.requests + excluded.requests, rejected = t.rejected + excluded.rejected, errors = t.errors + excluded.errors, charge_nano = t.charge_nano + excluded.charge_nano,
             prompt_tokens = t.prompt_tokens + excluded.prompt_tokens, completion_tokens = t.completion_tokens + excluded.completion_tokens, cached_tokens = t.cached_tokens + excluded.cached_tokens
           returning t.id, t.span, t.start, t.user_id, t.organisation_id, t.key_id, t.group_name, t.model, t.channel, t.sandbox),
       times as (
         select s.id, b.bucket, count(*) filter (where b.what = 'duration') as durations, count(*) filter (where b.what = 'first_byte') as first_bytes
           from fresh f
           join sums s using (span, start, user_id, organisation_id, key_id, group_name, model, channel, sandbox)
           cross join lateral (values (latency_bucket(f.duration_ms), 'duration'), (latency_bucket(f.first_byte_ms), 'first_byte')) as b (bucket, what)
          -- How long a request took that failed or was left says nothing of how long an answer takes.
          where f.end_reason = 'complete' and b.bucket is not null
          group by 1, 2)
       insert into usage_latency as l (rollup_id, bucket, durations, first_bytes)
         select t.id, t.bucket, t.durations, t.first_bytes from times t
         on conflict (rollup_id, bucket) do update set durations = l.durations + excluded.durations, first_bytes = l.first_bytes + excluded.first_bytes;
       update usage_watermark set seq = until_seq;
       return until_seq;
     end $$`;
}

/** As in 0031, and what the caller said of the request. */
function SETTLE_BATCH(): string {
  return `create or replace function settle_batch(p_process uuid, p_budgets bigint[], p_records json) returns integer language plpgsql as $$
     declare applied integer;
     begin
       perform 1 from budgets where id = any (p_budgets) order by id for update;
       with record as materialized (
         select distinct on (id) * from json_to_recordset(p_records) as r (
           id uuid, at double precision, "user" bigint, organisation bigint, key bigint, wallet bigint, "keyBudget" bigint, caps bigint[], "group" text,
           dialect text, endpoint text, model text, "upstreamModel" text, channel text, stream boolean, sandbox boolean,
           status smallint, error text, "end" text, attempts json, "firstByteMs" real, "durationMs" real,
           usage json, estimated boolean, anomaly text, charge bigint, lines json, "priceVersion" text, ip text, metadata jsonb)),
       fresh as (
         insert into requests (id, at, user_id, organisation_id, key_id, group_name, dialect, endpoint, model, upstream_model, channel, stream,
             sandbox, status, error_code, end_reason, attempts, first_byte_ms, duration_ms, usage, estimated, anomaly,
             charge_nano, lines, price_version, ip, metadata)
           select id, to_timestamp(at / 1000), "user", organisation, key, "group", dialect, endpoint, model, "upstreamModel", channel, stream,
             sandbox, status, error, "end", attempts, "firstByteMs", "durationMs", usage, estimated, anomaly,
             charge, lines, "priceVersion", ip, metadata
           from record
         on conflict (id) do nothing
         returning id),
       paid as (
         select r.id, r.at, r.wallet as budget, 2 as far_end, r.charge from record r join fresh using (id) where r.charge > 0
         union all
         select r.id, r.at, c.budget, 4, r.charge from record r join fresh using (id)
           cross join lateral unnest(coalesce(r.caps, case when r."keyBudget" is not null then array[r."keyBudget"] end)) as c (budget)
          where r.charge > 0),
       entries as (
         insert into ledger (from_budget, to_budget, amount_nano, kind, ref, at)
           select p.budget, s.id, p.charge, 'charge', p.id::text, to_timestamp(p.at / 1000)
             from paid p join budgets s on s.kind = 'system' and s.owner_id = p.far_end),
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
           select r."user", coalesce(sum(r.charge) filter (where r.organisation is null), 0), count(*) from record r join fresh using (id) group by r."user"
           on conflict (user_id) do update set used_nano = u.used_nano + excluded.used_nano,
             requests = u.requests + excluded.requests),
       groups as (
         insert into organisation_usage as o (organisation_id, used_nano, requests)
           select r.organisation, sum(r.charge), count(*) from record r join fresh using (id) where r.organisation is not null group by r.organisation
           on conflict (organisation_id) do update set used_nano = o.used_nano + excluded.used_nano,
             requests = o.requests + excluded.requests)
       select count(*) into applied from fresh;
       return applied;
     end $$`;
}
