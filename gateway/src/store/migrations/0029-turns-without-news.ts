import { type Kysely, sql } from "kysely";

/**
 * Turns that bring nothing new are noted in one statement. The functions of 0022 and 0028 failed for a batch of nothing else ("record t is not assigned yet"), so that such a turn came back only when its lease was over.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("drop function note_turns(json)").execute(db);
  await sql.raw(NOTE_TURNS()).execute(db);
}

/** As in 0028 otherwise: turns are locked before deadlines are read. */
function NOTE_TURNS(): string {
  return `create function note_turns(p_turns json) returns setof text language plpgsql as $$
     declare r record; t record; forward boolean; latest timestamptz;
     begin
       perform 1 from task_turns q join json_to_recordset(p_turns) as x (id text, fence bigint, changed boolean) on q.task_id = x.id and q.fence = x.fence where not x.changed order by q.task_id for update of q;
       return query update task_turns q set due_at = case when k.phase <> 'ended' and x.holds is not true then least(to_timestamp(x.due_ms / 1000), greatest(k.deadline_at, to_timestamp(x.at_ms / 1000))) else to_timestamp(x.due_ms / 1000) end,
           lane = coalesce(x.lane, q.lane), holder = case when x.holds then q.holder end
         from json_to_recordset(p_turns) as x (id text, fence bigint, due_ms double precision, at_ms double precision, lane text, changed boolean, holds boolean) join tasks k on k.id = x.id
         where not x.changed and q.task_id = x.id and q.fence = x.fence returning q.task_id;
       for r in select * from json_to_recordset(p_turns) as x (
           id text, fence bigint, due_ms double precision, at_ms double precision, lane text, changed boolean, anew boolean, state text, phase text, holds boolean, progress smallint, progress_estimated boolean, source smallint, attempts json,
           channel text, credential text, upstream_model text, vendor_ref text, memo json, answer json) where x.changed order by x.id loop
         select k.state, k.phase, k.progress, k.user_id, k.notify_url, k.deadline_at into t from tasks k where k.id = r.id for update;
         perform 1 from task_turns where task_id = r.id and fence = r.fence for update;
         if not found then continue; end if;
         latest := case when t.phase <> 'ended' and r.holds is not true then greatest(t.deadline_at, to_timestamp(r.at_ms / 1000)) end;
         update task_turns set due_at = least(to_timestamp(r.due_ms / 1000), latest), lane = coalesce(r.lane, task_turns.lane), taken = 0, holder = case when r.holds then holder end where task_id = r.id;
         return next r.id;
         if t.phase = 'ended' then continue; end if;
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
