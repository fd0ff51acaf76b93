import { type Kysely, sql } from "kysely";

/**
 * The four moves of a task, each one statement for a batch: it is accepted, its turn is taken, what a turn brought is noted, it ends. Budgets are locked first and in the order of their ids, as in
 * `take_leases` and `settle_batch`, then tasks, then turns. Times come from the processes' clock, so that tests have one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [ACCEPT_TASKS(), CLAIM_TURNS(), TELL_TASK(), NOTE_TURNS(), END_TASKS()]) await sql.raw(statement).execute(db);
}

/**
 * Row, hold and first turn of each task, or for one of them a refusal: `insufficient` (with the budget, what other leases have of it and its balance), `known` (the same idempotency key and request: `task` is the
 * one that is there), `conflict` (the same key, another request).
 */
function ACCEPT_TASKS(): string {
  return `create function accept_tasks(p_tasks json) returns table (asked text, outcome text, task text, budget bigint, elsewhere bigint, balance bigint) language plpgsql as $$
     #variable_conflict use_column
     declare t record; existing record; room record;
     begin
       perform 1 from budgets where id in (select b::bigint from json_array_elements(p_tasks) e, json_array_elements_text(e->'budgets') b) order by id for update;
       for t in select * from json_to_recordset(p_tasks) as r (
           id text, request_id uuid, user_id bigint, organisation_id bigint, key_id bigint, group_name text, sandbox boolean, family text, platform text, action text, model text, parent_id text,
           submitted_ms double precision, deadline_ms double precision, due_ms double precision, lane text, request json, notify_url text, callback_token text,
           idempotency_key text, request_hash text, sources json, budgets bigint[], hold_nano bigint, terms json) loop
         asked := t.id; task := t.id; budget := null; elsewhere := null; balance := null;
         if t.idempotency_key is not null then
           select k.id, k.request_hash into existing from tasks k where k.user_id = t.user_id and k.idempotency_key = t.idempotency_key;
           if found then
             task := existing.id;
             outcome := case when existing.request_hash = t.request_hash then 'known' else 'conflict' end;
             return next;
             continue;
           end if;
         end if;
         select b.id, b.balance_nano - b.held_nano as free, l.leased into room
           from unnest(t.budgets) with ordinality as w (id, place) join budgets b on b.id = w.id
           cross join lateral (select coalesce(sum(greatest(amount_nano, 0)), 0)::bigint as leased from leases where budget_id = b.id) l
          where b.balance_nano - b.held_nano - l.leased < t.hold_nano order by w.place limit 1;
         if found then
           outcome := 'insufficient'; budget := room.id; elsewhere := room.leased; balance := room.free;
           return next;
           continue;
         end if;
         insert into tasks (id, request_id, user_id, organisation_id, key_id, group_name, sandbox, family, platform, action, model, parent_id, submitted_at, deadline_at, request, notify_url, callback_token,
             idempotency_key, request_hash, sources, budgets, hold_nano, terms)
           values (t.id, t.request_id, t.user_id, t.organisation_id, t.key_id, t.group_name, t.sandbox, t.family, t.platform, t.action, t.model, t.parent_id, to_timestamp(t.submitted_ms / 1000),
             to_timestamp(t.deadline_ms / 1000), t.request, t.notify_url, t.callback_token, t.idempotency_key, t.request_hash, t.sources, t.budgets, t.hold_nano, t.terms)
           on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing;
         if not found then
           -- Another process was first with this key.
           select k.id, k.request_hash into existing from tasks k where k.user_id = t.user_id and k.idempotency_key = t.idempotency_key;
           task := existing.id;
           outcome := case when existing.request_hash = t.request_hash then 'known' else 'conflict' end;
           return next;
           continue;
         end if;
         update budgets set held_nano = held_nano + t.hold_nano where id = any (t.budgets) and t.hold_nano > 0;
         insert into task_turns (task_id, lane, due_at) values (t.id, t.lane, to_timestamp(t.due_ms / 1000));
         outcome := 'accepted';
         return next;
       end loop;
     end $$`;
}

/**
 * Takes turns that are due: of every lane some, the longest due first, so that a slow vendor holds up nobody else's (K02). Lanes in `p_full` have enough under way. A turn taken is due again
 * after `p_lease_ms`: should its process die, another takes it, under a higher fence.
 */
function CLAIM_TURNS(): string {
  return `create function claim_turns(p_now_ms double precision, p_lease_ms double precision, p_most integer, p_lane_most integer, p_full text[], p_process uuid)
     returns table (task_id text, lane text, fence bigint, taken integer, due_at timestamptz) language sql as $$
     with recursive lanes as (
         (select t.lane from task_turns t order by t.lane limit 1)
         union all
         select (select t.lane from task_turns t where t.lane > l.lane order by t.lane limit 1) from lanes l where l.lane is not null),
       due as (
         select d.task_id, d.due_at from lanes l cross join lateral (
           select t.task_id, t.due_at from task_turns t where t.lane = l.lane and t.due_at <= to_timestamp(p_now_ms / 1000) order by t.due_at limit p_lane_most for update skip locked) d
          where l.lane is not null and not (l.lane = any (p_full)) order by d.due_at limit p_most)
     update task_turns t set due_at = to_timestamp((p_now_ms + p_lease_ms) / 1000), fence = t.fence + 1, taken = t.taken + 1, holder = p_process
       from due where t.task_id = due.task_id
     returning t.task_id, t.lane, t.fence, t.taken, due.due_at $$`;
}

/** Tells every process that a task has changed, and lets the caller's own address be told. */
function TELL_TASK(): string {
  return `create function tell_task(p_task text, p_user bigint, p_notify text, p_state text, p_state_is_new boolean, p_at_ms double precision) returns void language plpgsql as $$
     begin
       perform pg_notify('yescale_changed', 'tasks:' || p_task);
       if p_notify is null or not p_state_is_new then return; end if;
       insert into webhook_deliveries (id, task_id, user_id, url, state, created_at, due_at) values (gen_random_uuid(), p_task, p_user, p_notify, p_state, to_timestamp(p_at_ms / 1000), to_timestamp(p_at_ms / 1000));
     end $$`;
}

/**
 * What turns brought, of those whose fence still holds; gives their ids. A member that is null leaves what is there. `anew`: the task goes to another target, what is known of the last one is dropped.
 */
function NOTE_TURNS(): string {
  return `create function note_turns(p_turns json) returns setof text language plpgsql as $$
     declare r record; t record; forward boolean;
     begin
       for r in select * from json_to_recordset(p_turns) as x (
           id text, fence bigint, due_ms double precision, at_ms double precision, lane text, changed boolean, anew boolean, state text, phase text, holds boolean, progress smallint, progress_estimated boolean, source smallint, attempts json,
           channel text, credential text, upstream_model text, vendor_ref text, memo json, answer json) order by x.id loop
         if r.changed then
           select k.state, k.phase, k.progress, k.user_id, k.notify_url into t from tasks k where k.id = r.id for update;
         end if;
         update task_turns set due_at = to_timestamp(r.due_ms / 1000), lane = coalesce(r.lane, task_turns.lane), taken = case when r.changed then 0 else taken end,
             holder = case when r.holds then holder end where task_id = r.id and fence = r.fence;
         if not found then continue; end if;
         return next r.id;
         if not r.changed or t.phase = 'ended' then continue; end if;
         forward := task_rank(r.state) > task_rank(t.state);
         update tasks set
             state = case when forward then r.state else state end, phase = coalesce(r.phase, phase),
             progress = greatest(progress, r.progress), progress_estimated = case when r.progress >= progress then r.progress_estimated else progress_estimated end,
             started_at = case when started_at is null and r.state = 'IN_PROGRESS' then to_timestamp(r.at_ms / 1000) else started_at end,
             source = coalesce(r.source, source), attempts = coalesce(r.attempts, attempts),
             channel = coalesce(r.channel, channel), credential = coalesce(r.credential, credential), upstream_model = coalesce(r.upstream_model, upstream_model),
             vendor_ref = case when r.anew then r.vendor_ref else coalesce(r.vendor_ref, vendor_ref) end,
             memo = case when r.anew then r.memo else coalesce(r.memo, memo) end,
             answer = case when r.anew then r.answer else coalesce(r.answer, answer) end
           where id = r.id;
         if forward or r.progress > t.progress then perform tell_task(r.id, t.user_id, t.notify_url, r.state, forward, r.at_ms); end if;
       end loop;
     end $$`;
}

/**
 * Ends tasks, each once: state, charge or release on every budget that held, ledger, counters, the row of the usage log and the caller's notice in one transaction (M05, F05). Gives the ids of those that this call ended.
 * `watch_ms`: the vendor may still finish it, so it is looked at again then.
 */
function END_TASKS(): string {
  return `create function end_tasks(p_ends json) returns setof text language plpgsql as $$
     declare e record; t tasks; b bigint;
     begin
       perform 1 from budgets where id in (select unnest(k.budgets) from tasks k where k.id in (select x->>'id' from json_array_elements(p_ends) x)) order by id for update;
       for e in select * from json_to_recordset(p_ends) as r (
           id text, fence bigint, state text, at_ms double precision, watch_ms double precision, outputs json, answer json, memo json, usage json, error_kind text, error_text text, error_detail text, attempts json,
           charge bigint, lines json, status smallint, end_reason text, error_code text, estimated boolean, anomaly text, price_version text, ip text) order by r.id loop
         select * into t from tasks where id = e.id for update;
         if not found or t.phase = 'ended' then continue; end if;
         -- Without a turn only what nobody has been sent may end: since it was looked at, another may have begun to send it (K20).
         if e.fence is null and t.phase <> 'waiting' then continue; end if;
         if e.fence is not null then
           perform 1 from task_turns where task_id = e.id and fence = e.fence for update;
           if not found then continue; end if;
         end if;
         update tasks set state = e.state, phase = 'ended', progress = 100, progress_estimated = false, finished_at = to_timestamp(e.at_ms / 1000),
             outputs = coalesce(e.outputs, outputs), answer = coalesce(e.answer, answer), memo = coalesce(e.memo, memo), usage = coalesce(e.usage, usage), attempts = coalesce(e.attempts, attempts),
             error_kind = e.error_kind, error_text = e.error_text, error_detail = e.error_detail, charge_nano = e.charge, lines = coalesce(e.lines, lines)
           where id = e.id;
         if e.watch_ms is null then delete from task_turns where task_id = e.id;
         else update task_turns set due_at = to_timestamp(e.watch_ms / 1000), fence = fence + 1, taken = 0, holder = null where task_id = e.id;
         end if;
         foreach b in array t.budgets loop
           update budgets set held_nano = held_nano - t.hold_nano, balance_nano = balance_nano - e.charge where id = b;
           if e.charge > 0 then
             insert into ledger (from_budget, to_budget, amount_nano, kind, ref, at)
               select b, s.id, e.charge, 'charge', t.request_id::text, to_timestamp(e.at_ms / 1000)
                 from budgets s where s.kind = 'system' and s.owner_id = case when b = t.budgets[1] then 2 else 4 end;
           end if;
         end loop;
         insert into requests (id, at, user_id, organisation_id, key_id, group_name, dialect, endpoint, model, upstream_model, channel, stream, sandbox, status, error_code, end_reason, attempts, duration_ms, usage, estimated, anomaly, charge_nano, lines, price_version, ip)
           values (t.request_id, t.submitted_at, t.user_id, t.organisation_id, t.key_id, t.group_name, t.family, t.action, t.model, t.upstream_model, t.channel, false, t.sandbox, e.status, e.error_code, e.end_reason, coalesce(e.attempts, t.attempts),
             greatest(0, e.at_ms - extract(epoch from t.submitted_at) * 1000), coalesce(e.usage, '{}'), coalesce(e.estimated, false), e.anomaly, e.charge, coalesce(e.lines, '[]'), e.price_version, e.ip);
         insert into key_usage as k (key_id, used_nano, requests, last_used_at) values (t.key_id, e.charge, 1, to_timestamp(e.at_ms / 1000))
           on conflict (key_id) do update set used_nano = k.used_nano + excluded.used_nano, requests = k.requests + 1, last_used_at = greatest(k.last_used_at, excluded.last_used_at);
         insert into user_usage as u (user_id, used_nano, requests) values (t.user_id, case when t.organisation_id is null then e.charge else 0 end, 1)
           on conflict (user_id) do update set used_nano = u.used_nano + excluded.used_nano, requests = u.requests + 1;
         if t.organisation_id is not null then
           insert into organisation_usage as o (organisation_id, used_nano, requests) values (t.organisation_id, e.charge, 1)
             on conflict (organisation_id) do update set used_nano = o.used_nano + excluded.used_nano, requests = o.requests + 1;
         end if;
         perform tell_task(e.id, t.user_id, t.notify_url, e.state, true, e.at_ms);
         return next e.id;
       end loop;
     end $$`;
}
