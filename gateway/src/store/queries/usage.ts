import { sql } from "kysely";
import type { Db } from "../database.ts";
import { firstIdOf } from "./request-ids.ts";

/** Rows of the log that one transaction adds up. */
const ADDED_MAX = 20_000;
/** Rows that one statement removes: short enough to hold nothing up. */
const REMOVED_MAX = 5_000;

/** Adds to the sums what the log has beyond them. Ends at once where another process is at it. */
export async function addUpUsage(db: Db): Promise<void> {
  const { rows } = await sql<{ last: string; mark: string }>`select last_request_seq() as last, (select seq from usage_watermark) as mark`.execute(db);
  const last = Number(rows[0]?.last ?? 0);
  let mark = Number(rows[0]?.mark ?? 0);
  while (mark < last) {
    const added = await sql<{ mark: string | null }>`select add_up_usage(${last}, ${ADDED_MAX}) as mark`.execute(db);
    const [row] = added.rows;
    if (!row || row.mark === null) return;
    mark = Number(row.mark);
  }
}

/** Removes sums by the hour from before a moment. */
export async function pruneHours(db: Db, before: Date): Promise<void> {
  await sql`delete from usage_rollups where span = 'hour' and start < ${before}`.execute(db);
}

/** The setting that says from when on the request log is whole. */
const LOG_BEGINS = "request_log_begins";

/** Removes requests from before a moment that are in the sums. The ledger keeps their charges. */
export async function pruneRequests(db: Db, before: Date): Promise<number> {
  await sql`insert into settings (name, value) values (${LOG_BEGINS}, to_jsonb(${before.toISOString()}::text))
    on conflict (name) do update set value = excluded.value where (settings.value #>> '{}')::timestamptz < (excluded.value #>> '{}')::timestamptz`.execute(db);
  let removed = 0;
  for (;;) {
    // Ids begin with the time of arrival (UUID v7, RFC 9562), so the oldest are found by the primary key.
    const { rows } = await sql<{ n: string }>`with gone as (
        delete from requests where id in (
          select r.id from requests r where r.id < ${firstIdOf(before.getTime())}::uuid and r.seq <= (select seq from usage_watermark) order by r.id limit ${REMOVED_MAX})
        returning user_id),
      counted as (update user_usage u set pruned = u.pruned + g.n from (select user_id, count(*) as n from gone group by user_id) g where u.user_id = g.user_id)
      select count(*) as n from gone`.execute(db);
    const count = Number(rows[0]?.n ?? 0);
    removed += count;
    if (count < REMOVED_MAX) return removed;
  }
}

/** Columns of the sums and the log that usage is asked by. */
export const USAGE_COLUMNS = { key: "key_id", user: "user_id", organisation: "organisation_id", group: "group_name", model: "model", channel: "channel" } as const;
export type UsageColumn = keyof typeof USAGE_COLUMNS;

/** What a subject has used since a UTC midnight: requests that were let in, or their charges in nano-dollars. */
export async function usedSince(db: Db, scope: UsageColumn, subject: string, what: "requests" | "spend", since: Date): Promise<number> {
  const column = sql.ref(USAGE_COLUMNS[scope]);
  const [summed, logged] = what === "requests" ? [sql`sum(requests)`, sql`count(*) filter (where end_reason <> 'rejected')`] : [sql`sum(charge_nano)`, sql`sum(charge_nano)`];
  const { rows } = await sql<{ used: string }>`select
    coalesce((select ${summed} from usage_rollups where span = 'day' and start >= ${since} and ${column}::text = ${subject}), 0)
    + coalesce((select ${logged} from requests where seq > (select seq from usage_watermark) and at >= ${since} and ${column}::text = ${subject}), 0) as used`.execute(db);
  return Number(rows[0]?.used ?? 0);
}

/** Which part of the usage is asked for. `metadata` can be told of the log only, which may be shorter than the sums. */
export interface UsageFilter {
  since: Date;
  until: Date;
  span: "hour" | "day" | "all";
  by: readonly UsageColumn[];
  where: Partial<Record<UsageColumn, string>>;
  sandbox: boolean;
  metadata?: Record<string, string> | undefined;
  limit: number;
}

export interface UsageSum {
  /** begin of the hour or day; null for all of the time asked for */
  start: Date | null;
  /** by column, in the order of `by` */
  of: Record<string, string>;
  requests: number;
  rejected: number;
  errors: number;
  chargeNano: bigint;
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number;
  durations: { bucket: number; count: number }[];
  firstBytes: { bucket: number; count: number }[];
}

interface SumRow {
  start: Date | null;
  of: Record<string, string>;
  requests: string;
  rejected: string;
  errors: string;
  charge_nano: string;
  prompt_tokens: number;
  completion_tokens: number;
  cached_tokens: number;
  times: [number, number, number][] | null;
}

/** Usage by hour, day or as a whole, divided by columns; newest first. With metadata it is summed from the log itself. */
export async function usageSums(db: Db, filter: UsageFilter): Promise<UsageSum[]> {
  const { rows } = await (filter.metadata ? fromLog(filter, filter.metadata) : fromSums(filter)).execute(db);
  return rows.map((row) => ({
    start: row.start, of: row.of, requests: Number(row.requests), rejected: Number(row.rejected), errors: Number(row.errors), chargeNano: BigInt(row.charge_nano),
    promptTokens: row.prompt_tokens, completionTokens: row.completion_tokens, cachedTokens: row.cached_tokens,
    durations: (row.times ?? []).map(([bucket, count]) => ({ bucket, count })), firstBytes: (row.times ?? []).map(([bucket, , count]) => ({ bucket, count })),
  }));
}

const columnOf = (by: UsageColumn) => sql.ref(USAGE_COLUMNS[by]);
const divided = (by: readonly UsageColumn[]) => (by.length === 0 ? sql`'{}'::jsonb` : sql`jsonb_build_object(${sql.join(by.flatMap((one) => [sql.lit(one), sql`${columnOf(one)}::text`]))})`);
const wheres = (where: UsageFilter["where"]) => Object.entries(where).map(([name, value]) => sql` and ${columnOf(name as UsageColumn)}::text = ${value}`);

/** The sums' own spans: whole days where the answer is by the day or longer and what is asked for begins and ends with days, else hours. */
function fromSums({ since, until, span, by, where, sandbox, limit }: UsageFilter) {
  const wholeDays = [since, until].every((moment) => moment.getTime() % 86_400_000 === 0);
  const from = span !== "hour" && wholeDays ? "day" : "hour";
  const start = span === "all" ? sql`null::timestamptz` : sql`date_trunc(${sql.lit(span)}, start, 'UTC')`;
  return sql<SumRow>`
    with chosen as materialized (
      select id, ${start} as start, ${divided(by)} as of, requests, rejected, errors, charge_nano, prompt_tokens, completion_tokens, cached_tokens
        from usage_rollups where span = ${from} and start >= ${since} and start < ${until} and sandbox = ${sandbox}${sql.join(wheres(where), sql``)}),
    sums as (
      select start, of, sum(requests) as requests, sum(rejected) as rejected, sum(errors) as errors, sum(charge_nano)::bigint as charge_nano,
             sum(prompt_tokens) as prompt_tokens, sum(completion_tokens) as completion_tokens, sum(cached_tokens) as cached_tokens
        from chosen group by 1, 2 order by start desc nulls last, charge_nano desc, of limit ${limit}),
    times as (
      select start, of, jsonb_agg(jsonb_build_array(bucket, durations, first_bytes)) as times from (
        select c.start, c.of, l.bucket, sum(l.durations) as durations, sum(l.first_bytes) as first_bytes from chosen c join usage_latency l on l.rollup_id = c.id group by 1, 2, 3) b group by 1, 2)
    select s.*, t.times from sums s left join times t on t.of = s.of and t.start is not distinct from s.start order by s.start desc nulls last, s.charge_nano desc, s.of`;
}

function fromLog({ since, until, span, by, where, sandbox, limit }: UsageFilter, metadata: Record<string, string>) {
  const start = span === "all" ? sql`null::timestamptz` : sql`date_trunc(${sql.lit(span)}, at, 'UTC')`;
  const tokens = (...classes: string[]) => sql.join(classes.map((name) => sql`coalesce((usage->>${sql.lit(name)})::double precision, 0)`), sql` + `);
  return sql<SumRow>`
    with chosen as materialized (
      select ${start} as start, ${divided(by)} as of, end_reason, error_code, charge_nano, latency_bucket(duration_ms) as duration, latency_bucket(first_byte_ms) as first_byte,
             ${tokens("input", "inputAudio", "inputImage", "cacheRead", "cacheReadAudio", "cacheReadImage", "cacheWrite", "cacheWriteHour")} as prompt_tokens,
             ${tokens("output", "reasoning", "outputAudio", "outputImage")} as completion_tokens, ${tokens("cacheRead", "cacheReadAudio", "cacheReadImage")} as cached_tokens
        from requests where metadata @> ${JSON.stringify(metadata)}::jsonb and at >= ${since} and at < ${until} and sandbox = ${sandbox}${sql.join(wheres(where), sql``)}),
    sums as (
      select start, of, count(*) filter (where end_reason <> 'rejected') as requests, count(*) filter (where end_reason = 'rejected') as rejected,
             count(*) filter (where end_reason in ('upstream_error', 'upstream_cut') and error_code is distinct from 'vendor_refused') as errors, sum(charge_nano)::bigint as charge_nano,
             sum(prompt_tokens) as prompt_tokens, sum(completion_tokens) as completion_tokens, sum(cached_tokens) as cached_tokens
        from chosen group by 1, 2 order by start desc nulls last, charge_nano desc, of limit ${limit}),
    times as (
      select start, of, jsonb_agg(jsonb_build_array(bucket, durations, first_bytes)) as times from (
        select c.start, c.of, b.bucket, count(*) filter (where b.what = 'd') as durations, count(*) filter (where b.what = 'f') as first_bytes
          from chosen c cross join lateral (values (c.duration, 'd'), (c.first_byte, 'f')) as b (bucket, what) where c.end_reason = 'complete' and b.bucket is not null group by 1, 2, 3) x group by 1, 2)
    select s.*, t.times from sums s left join times t on t.of = s.of and t.start is not distinct from s.start order by s.start desc nulls last, s.charge_nano desc, s.of`;
}
