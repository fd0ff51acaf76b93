import { type Kysely, sql } from "kysely";

/** A request that its vendor refused for what it asks (`vendor_refused`) is its caller's error: it says nothing about whether the model can be had. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(ADD_UP()).execute(db);
}

/** As in 0041, but for what counts as an error. */
function ADD_UP(): string {
  return `create or replace function add_up_usage(p_until bigint, p_most bigint) returns bigint language plpgsql as $$
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
                coalesce(r.channel, '') as channel, r.sandbox, r.end_reason, r.error_code, r.charge_nano, r.duration_ms, r.first_byte_ms,
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
               count(*) filter (where end_reason in ('upstream_error', 'upstream_cut') and error_code is distinct from 'vendor_refused'),
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
