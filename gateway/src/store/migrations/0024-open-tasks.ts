import { type Kysely, sql } from "kysely";

/**
 * Tasks count as requests under way until they end: `concurrency` in a task's order names whose number is limited. A batch of submits is a few statements now, where it was several for each. What callers say of a request
 * (metadata) stands in the log's row of a task too.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [`create index tasks_open_by_user on tasks (user_id) where phase <> 'ended'`, OPEN_TASKS(), INSERT_TASKS(), ACCEPT_TASKS(), END_TASKS()]) await sql.raw(statement).execute(db);
}

/** How many tasks of a subject have not ended, counted up to `p_most`. */
function OPEN_TASKS(): string {
  return `create function open_tasks(p_scope text, p_subject text, p_user bigint, p_most integer) returns integer language plpgsql stable as $$
     declare n integer;
     begin
       if p_scope = 'key' then select count(*) into n from (select 1 from tasks where phase <> 'ended' and user_id = p_user and key_id = p_subject::bigint limit p_most) x;
       elsif p_scope = 'user' then select count(*) into n from (select 1 from tasks where phase <> 'ended' and user_id = p_subject::bigint limit p_most) x;
       elsif p_scope = 'organisation' then select count(*) into n from (select 1 from tasks where phase <> 'ended' and organisation_id = p_subject::bigint limit p_most) x;
       elsif p_scope = 'group' then select count(*) into n from (select 1 from tasks where phase <> 'ended' and group_name = p_subject limit p_most) x;
       else select count(*) into n from (select 1 from tasks where phase <> 'ended' and model = p_subject limit p_most) x;
       end if;
       return n;
     end $$`;
}

/**
 * Row, hold and first turn of each task, or for one of them a refusal: `insufficient` (with the budget, what other leases have of it and its balance), `known` (the same idempotency key and request: `task` is the one that is
 * there), `conflict` (the same key, another request), `crowded` (`budget` is the place of the limit in the order's list). Budgets are locked and read once; most rows are written in one statement at the end, those that later
 * ones of the batch must see (a key, a limit) at once.
 */
function ACCEPT_TASKS(): string {
  return `create or replace function accept_tasks(p_tasks json) returns table (asked text, outcome text, task text, budget bigint, elsewhere bigint, balance bigint) language plpgsql as $$
     #variable_conflict use_column
     declare t record; c record; existing record; b bigint; i integer; short integer; ids bigint[]; free bigint[]; leased bigint[]; added bigint[]; later text[] := '{}'; at_once boolean;
     begin
       select array_agg(l.id), array_agg(l.free) into ids, free from (
         select id, balance_nano - held_nano as free from budgets where id in (select x::bigint from json_array_elements(p_tasks) e, json_array_elements_text(e->'budgets') x) order by id for update) l;
       select array_agg((select coalesce(sum(greatest(amount_nano, 0)), 0)::bigint from leases where budget_id = o.id) order by o.place) into leased from unnest(ids) with ordinality as o (id, place);
       added := array_fill(0::bigint, array[coalesce(array_length(ids, 1), 0)]);
       for t in select * from json_to_recordset(p_tasks) as r (id text, user_id bigint, idempotency_key text, request_hash text, budgets bigint[], hold_nano bigint, concurrency json) loop
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
         short := null;
         foreach b in array t.budgets loop
           i := array_position(ids, b);
           if i is not null and free[i] - leased[i] < t.hold_nano then short := i; exit; end if;
         end loop;
         if short is not null then
           outcome := 'insufficient'; budget := ids[short]; elsewhere := leased[short]; balance := free[short];
           return next;
           continue;
         end if;
         short := null;
         if t.concurrency is not null then
           for c in select x.*, o.place from json_array_elements(t.concurrency) with ordinality as o (value, place), json_to_record(o.value) as x (scope text, subject text, max integer) loop
             if open_tasks(c.scope, c.subject, t.user_id, c.max) >= c.max then short := c.place; exit; end if;
           end loop;
         end if;
         if short is not null then
           outcome := 'crowded'; budget := short - 1;
           return next;
           continue;
         end if;
         at_once := t.idempotency_key is not null or t.concurrency is not null;
         if at_once then
           if insert_tasks(p_tasks, array[t.id]) = 0 then
             -- Another process was first with this key.
             select k.id, k.request_hash into existing from tasks k where k.user_id = t.user_id and k.idempotency_key = t.idempotency_key;
             task := existing.id;
             outcome := case when existing.request_hash = t.request_hash then 'known' else 'conflict' end;
             return next;
             continue;
           end if;
         else later := later || t.id;
         end if;
         foreach b in array t.budgets loop
           i := array_position(ids, b);
           if i is not null then free[i] := free[i] - t.hold_nano; added[i] := added[i] + t.hold_nano; end if;
         end loop;
         outcome := 'accepted';
         return next;
       end loop;
       if later <> '{}' then perform insert_tasks(p_tasks, later); end if;
       update budgets q set held_nano = q.held_nano + u.nano from unnest(ids, added) as u (id, nano) where q.id = u.id and u.nano > 0;
     end $$`;
}

/** Rows and first turns of those tasks of the list that are named. Gives how many there are now. */
function INSERT_TASKS(): string {
  return `create function insert_tasks(p_tasks json, p_ids text[]) returns integer language plpgsql as $$
     declare n integer;
     begin
       with made as (
         insert into tasks (id, request_id, user_id, organisation_id, key_id, group_name, sandbox, family, platform, action, model, parent_id, submitted_at, deadline_at, request, notify_url, callback_token,
             idempotency_key, request_hash, sources, budgets, hold_nano, terms)
           select r.id, r.request_id, r.user_id, r.organisation_id, r.key_id, r.group_name, r.sandbox, r.family, r.platform, r.action, r.model, r.parent_id, to_timestamp(r.submitted_ms / 1000),
               to_timestamp(r.deadline_ms / 1000), r.request, r.notify_url, r.callback_token, r.idempotency_key, r.request_hash, r.sources, r.budgets, r.hold_nano, r.terms
             from json_to_recordset(p_tasks) as r (
               id text, request_id uuid, user_id bigint, organisation_id bigint, key_id bigint, group_name text, sandbox boolean, family text, platform text, action text, model text, parent_id text,
               submitted_ms double precision, deadline_ms double precision, request json, notify_url text, callback_token text,
               idempotency_key text, request_hash text, sources json, budgets bigint[], hold_nano bigint, terms json) where r.id = any (p_ids)
           on conflict (user_id, idempotency_key) where idempotency_key is not null do nothing
           returning id)
       insert into task_turns (task_id, lane, due_at) select r.id, r.lane, to_timestamp(r.due_ms / 1000) from json_to_recordset(p_tasks) as r (id text, lane text, due_ms double precision) join made on made.id = r.id;
       get diagnostics n = row_count;
       return n;
     end $$`;
}

/** As in 0022, with what the caller said of the request. */
function END_TASKS(): string {
  return `create or replace function end_tasks(p_ends json) returns setof text language plpgsql as $$
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
         insert into requests (id, at, user_id, organisation_id, key_id, group_name, dialect, endpoint, model, upstream_model, channel, stream, sandbox, status, error_code, end_reason, attempts, duration_ms, usage, estimated, anomaly, charge_nano, lines, price_version, ip, metadata)
           values (t.request_id, t.submitted_at, t.user_id, t.organisation_id, t.key_id, t.group_name, t.family, t.action, t.model, t.upstream_model, t.channel, false, t.sandbox, e.status, e.error_code, e.end_reason, coalesce(e.attempts, t.attempts),
             greatest(0, e.at_ms - extract(epoch from t.submitted_at) * 1000), coalesce(e.usage, '{}'), coalesce(e.estimated, false), e.anomaly, e.charge, coalesce(e.lines, '[]'), e.price_version, e.ip, (t.request->'metadata')::jsonb);
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
