import { type Kysely, sql } from "kysely";

/**
 * A task may be accepted with its first turn taken by the process that accepts it (`holder`), which begins at once with what it knows. That turn was taken in a statement of its own before, and the row read again.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of ["drop function insert_tasks(json, text[])", INSERT_TASKS(), CLAIM_TURNS()]) await sql.raw(statement).execute(db);
}

/** Rows and first turns of those tasks of the list that are named. Gives how many there are now. */
function INSERT_TASKS(): string {
  return `create function insert_tasks(p_tasks json, p_ids text[]) returns integer language plpgsql as $$
     declare n integer;
     begin
       with asked as materialized (
         select * from json_to_recordset(p_tasks) as r (
           id text, request_id uuid, user_id bigint, organisation_id bigint, key_id bigint, group_name text, sandbox boolean, family text, platform text, action text, model text, parent_id text,
           submitted_ms double precision, deadline_ms double precision, due_ms double precision, lane text, request json, notify_url text, callback_token text,
           idempotency_key text, request_hash text, sources json, budgets bigint[], hold_nano bigint, terms json, holder uuid) where r.id = any (p_ids)),
       made as (
         insert into tasks (id, request_id, user_id, organisation_id, key_id, group_name, sandbox, family, platform, action, model, parent_id, submitted_at, deadline_at, request, notify_url, callback_token,
             idempotency_key, request_hash, sources, budgets, hold_nano, terms)
           select r.id, r.request_id, r.user_id, r.organisation_id, r.key_id, r.group_name, r.sandbox, r.family, r.platform, r.action, r.model, r.parent_id, to_timestamp(r.submitted_ms / 1000),
               to_timestamp(r.deadline_ms / 1000), r.request, r.notify_url, r.callback_token, r.idempotency_key, r.request_hash, r.sources, r.budgets, r.hold_nano, r.terms from asked r
           on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
           returning id)
       insert into task_turns (task_id, lane, due_at, holder, fence, taken)
         select r.id, r.lane, to_timestamp(r.due_ms / 1000), r.holder, case when r.holder is null then 0 else 1 end, case when r.holder is null then 0 else 1 end from asked r join made on made.id = r.id;
       get diagnostics n = row_count;
       return n;
     end $$`;
}

/**
 * As in 0022, but for the fence, which is raised by any number: who takes turns does not wait until that is on disk (`claimTurns`), so the same turn may be given out once more after a crash of the server, and whoever had it before
 * must not take the new fence for his.
 */
function CLAIM_TURNS(): string {
  return `create or replace function claim_turns(p_now_ms double precision, p_lease_ms double precision, p_most integer, p_lane_most integer, p_full text[], p_process uuid)
     returns table (task_id text, lane text, fence bigint, taken integer, due_at timestamptz) language sql as $$
     with recursive lanes as (
         (select t.lane from task_turns t order by t.lane limit 1)
         union all
         select (select t.lane from task_turns t where t.lane > l.lane order by t.lane limit 1) from lanes l where l.lane is not null),
       due as (
         select d.task_id, d.due_at from lanes l cross join lateral (
           select t.task_id, t.due_at from task_turns t where t.lane = l.lane and t.due_at <= to_timestamp(p_now_ms / 1000) order by t.due_at limit p_lane_most for update skip locked) d
          where l.lane is not null and not (l.lane = any (p_full)) order by d.due_at limit p_most)
     update task_turns t set due_at = to_timestamp((p_now_ms + p_lease_ms) / 1000), fence = t.fence + 1 + floor(random() * 1e9)::bigint, taken = t.taken + 1, holder = p_process
       from due where t.task_id = due.task_id
     returning t.task_id, t.lane, t.fence, t.taken, due.due_at $$`;
}
