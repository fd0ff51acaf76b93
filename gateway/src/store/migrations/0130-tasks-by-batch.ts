import { type Kysely, sql } from "kysely";

/**
 * Notes and ends of a batch are a few statements for all of it, where they were several for each task, and an end locks the budgets last. Measured at 500 tasks a second of one wallet: an accepted batch waited for that lock most of its
 * time, since an end held it through all its rows, and through the one lock of the database that every `notify` takes until its transaction is on disk. So these transactions notify no more: who made the change tells of it afterwards
 * (`tellTasks`), and whoever waits elsewhere looks again by himself should that word be lost.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of ["drop function note_turns(json)", NOTE_TURNS(), END_TASKS(), "drop function tell_task(text, bigint, text, text, boolean, double precision)"]) await sql.raw(statement).execute(db);
}

/** Rows are found by their keys, however small the tables were when a session made its plan. */
const BY_INDEX = "set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off";

/**
 * What turns brought, of those whose fence still holds; gives their ids, and whether callers see another task now. A member that is null leaves what is there. `anew`: the task goes to another target, what is known of the last one is
 * dropped. Tasks are locked first, then turns, each in the order of their ids; deadlines are read after that (0028).
 */
function NOTE_TURNS(): string {
  return `create function note_turns(p_turns json) returns table (task text, news boolean) language plpgsql ${BY_INDEX} as $$
     begin
       perform 1 from tasks k where k.id in (select x.id from json_to_recordset(p_turns) as x (id text, changed boolean) where x.changed) order by k.id for no key update;
       perform 1 from json_to_recordset(p_turns) as x (id text, fence bigint) join task_turns q on q.task_id = x.id and q.fence = x.fence order by q.task_id for no key update of q;
       return query
         with mine as materialized (
           select distinct on (x.id) x.*, k.phase = 'ended' as over, k.progress as shown, k.deadline_at, k.user_id, k.notify_url, coalesce(task_rank(x.state) > task_rank(k.state), false) as forward
             from json_to_recordset(p_turns) as x (
               id text, fence bigint, due_ms double precision, at_ms double precision, lane text, changed boolean, anew boolean, state text, phase text, holds boolean, progress smallint, progress_estimated boolean, source smallint,
               attempts json, channel text, credential text, upstream_model text, vendor_ref text, memo json, answer json)
             join task_turns q on q.task_id = x.id and q.fence = x.fence
             join tasks k on k.id = x.id
            order by x.id),
         turned as (
           update task_turns q set
               due_at = case when m.over or m.holds then to_timestamp(m.due_ms / 1000) else least(to_timestamp(m.due_ms / 1000), greatest(m.deadline_at, to_timestamp(m.at_ms / 1000))) end,
               lane = coalesce(m.lane, q.lane), taken = case when m.changed then 0 else q.taken end, holder = case when m.holds then q.holder end
             from mine m where q.task_id = m.id),
         noted as (
           update tasks k set
               state = case when m.forward then m.state else k.state end, phase = coalesce(m.phase, k.phase),
               progress = greatest(k.progress, m.progress), progress_estimated = case when m.progress >= k.progress then m.progress_estimated else k.progress_estimated end,
               started_at = case when k.started_at is null and m.state = 'IN_PROGRESS' then to_timestamp(m.at_ms / 1000) else k.started_at end,
               source = coalesce(m.source, k.source), attempts = coalesce(m.attempts, k.attempts),
               channel = coalesce(m.channel, k.channel), credential = coalesce(m.credential, k.credential), upstream_model = coalesce(m.upstream_model, k.upstream_model),
               vendor_ref = case when m.anew then m.vendor_ref else coalesce(m.vendor_ref, k.vendor_ref) end,
               memo = case when m.anew then m.memo else coalesce(m.memo, k.memo) end,
               answer = case when m.anew then m.answer else coalesce(m.answer, k.answer) end
             from mine m where k.id = m.id and m.changed and not m.over),
         told as (
           insert into webhook_deliveries (id, task_id, user_id, url, state, created_at, due_at)
             select gen_random_uuid(), m.id, m.user_id, m.notify_url, m.state, to_timestamp(m.at_ms / 1000), to_timestamp(m.at_ms / 1000)
               from mine m where m.changed and not m.over and m.forward and m.notify_url is not null)
         select m.id, m.changed and not m.over and (m.forward or coalesce(m.progress > m.shown, false)) from mine m;
     end $$`;
}

/**
 * Ends tasks: state, charge or release, log row and the caller's notice at once; gives the ids of those that this call ended. Locked are tasks, then turns, each in the order of their ids, then budgets, then what is counted of keys and
 * users, as in `settle_batch`. Nobody locks a task who has locked a budget before.
 */
function END_TASKS(): string {
  return `create or replace function end_tasks(p_ends json) returns setof text language plpgsql ${BY_INDEX} as $$
     declare done text[];
     begin
       perform 1 from tasks k where k.id in (select x.id from json_to_recordset(p_ends) as x (id text)) order by k.id for no key update;
       perform 1 from json_to_recordset(p_ends) as x (id text, fence bigint) join task_turns q on q.task_id = x.id and q.fence = x.fence order by q.task_id for no key update of q;
       with ok as materialized (
         select distinct on (e.id) e.*, k.request_id, k.submitted_at, k.user_id, k.organisation_id, k.key_id, k.group_name, k.family, k.action, k.model, k.upstream_model, k.channel, k.sandbox, k.attempts as tried, k.notify_url,
                (k.request->'metadata')::jsonb as metadata
           from json_to_recordset(p_ends) as e (
             id text, fence bigint, state text, at_ms double precision, watch_ms double precision, outputs json, answer json, memo json, usage json, error_kind text, error_text text, error_detail text, attempts json,
             charge bigint, lines json, status smallint, end_reason text, error_code text, estimated boolean, anomaly text, price_version text, ip text)
           join tasks k on k.id = e.id
           left join task_turns q on q.task_id = e.id
          -- Without a turn only what nobody has been sent may end: since it was looked at, another may have begun to send it (K20).
          where k.phase <> 'ended' and case when e.fence is null then k.phase = 'waiting' else q.fence = e.fence end
          order by e.id),
       ended as (
         update tasks k set state = e.state, phase = 'ended', progress = 100, progress_estimated = false, finished_at = to_timestamp(e.at_ms / 1000),
             outputs = coalesce(e.outputs, k.outputs), answer = coalesce(e.answer, k.answer), memo = coalesce(e.memo, k.memo), usage = coalesce(e.usage, k.usage), attempts = coalesce(e.attempts, k.attempts),
             error_kind = e.error_kind, error_text = e.error_text, error_detail = e.error_detail, charge_nano = e.charge, lines = coalesce(e.lines, k.lines)
           from ok e where k.id = e.id),
       rested as (delete from task_turns q using ok e where q.task_id = e.id and e.watch_ms is null),
       watched as (update task_turns q set due_at = to_timestamp(e.watch_ms / 1000), fence = q.fence + 1, taken = 0, holder = null from ok e where q.task_id = e.id and e.watch_ms is not null),
       told as (
         insert into webhook_deliveries (id, task_id, user_id, url, state, created_at, due_at)
           select gen_random_uuid(), e.id, e.user_id, e.notify_url, e.state, to_timestamp(e.at_ms / 1000), to_timestamp(e.at_ms / 1000) from ok e where e.notify_url is not null),
       logged as (
         insert into requests (id, at, user_id, organisation_id, key_id, group_name, dialect, endpoint, model, upstream_model, channel, stream, sandbox, status, error_code, end_reason, attempts, duration_ms, usage, estimated, anomaly,
             charge_nano, lines, price_version, ip, metadata)
           select e.request_id, e.submitted_at, e.user_id, e.organisation_id, e.key_id, e.group_name, e.family, e.action, e.model, e.upstream_model, e.channel, false, e.sandbox, e.status, e.error_code, e.end_reason,
               coalesce(e.attempts, e.tried), greatest(0, e.at_ms - extract(epoch from e.submitted_at) * 1000), coalesce(e.usage, '{}'), coalesce(e.estimated, false), e.anomaly, e.charge, coalesce(e.lines, '[]'), e.price_version,
               e.ip, e.metadata
             from ok e)
       select array_agg(e.id) into done from ok e;
       if done is null then return; end if;
       perform 1 from budgets b where b.id in (select unnest(k.budgets) from tasks k where k.id = any (done)) order by b.id for no key update;
       with t as materialized (
         select k.request_id, k.user_id, k.organisation_id, k.key_id, k.budgets, k.hold_nano, k.charge_nano, k.finished_at from tasks k where k.id = any (done)),
       share as materialized (
         select t.request_id, u.budget, u.place, t.hold_nano, t.charge_nano, t.finished_at from t cross join unnest(t.budgets) with ordinality as u (budget, place)),
       balances as (
         update budgets b set held_nano = b.held_nano - s.held, balance_nano = b.balance_nano - s.charged
           from (select budget, sum(hold_nano)::bigint as held, sum(charge_nano)::bigint as charged from share group by budget) s where b.id = s.budget),
       entries as (
         insert into ledger (from_budget, to_budget, amount_nano, kind, ref, at)
           select s.budget, y.id, s.charge_nano, 'charge', s.request_id::text, s.finished_at
             from share s join budgets y on y.kind = 'system' and y.owner_id = case when s.place = 1 then 2 else 4 end where s.charge_nano > 0),
       keys as (
         insert into key_usage as u (key_id, used_nano, requests, last_used_at)
           select t.key_id, sum(t.charge_nano), count(*), max(t.finished_at) from t group by t.key_id order by t.key_id
           on conflict (key_id) do update set used_nano = u.used_nano + excluded.used_nano, requests = u.requests + excluded.requests, last_used_at = greatest(u.last_used_at, excluded.last_used_at)),
       people as (
         insert into user_usage as u (user_id, used_nano, requests)
           select t.user_id, coalesce(sum(t.charge_nano) filter (where t.organisation_id is null), 0), count(*) from t group by t.user_id order by t.user_id
           on conflict (user_id) do update set used_nano = u.used_nano + excluded.used_nano, requests = u.requests + excluded.requests)
       insert into organisation_usage as o (organisation_id, used_nano, requests)
         select t.organisation_id, sum(t.charge_nano), count(*) from t where t.organisation_id is not null group by t.organisation_id order by t.organisation_id
         on conflict (organisation_id) do update set used_nano = o.used_nano + excluded.used_nano, requests = o.requests + excluded.requests;
       return query select unnest(done);
     end $$`;
}
