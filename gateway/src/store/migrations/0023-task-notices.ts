import { type Kysely, sql } from "kysely";

/**
 * What a vendor's notice tells. `told`: the vendor's id of an order (`{"order": number of the try, "ref": id}`), for orders whose answer we have not.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table tasks add column told json`,

  // A turn is due now, unless somebody has it. Who looks for a lost order loses his turn, since the notice says more than any list; who waits for the answer to his order keeps it. A task that ended at its deadline
  // without the vendor's id is looked at once more: what it made has cost something.
  `create function hear_notice(p_task text, p_order integer, p_ref text, p_now_ms double precision) returns void language plpgsql as $$
     declare t record; now_at timestamptz := to_timestamp(p_now_ms / 1000);
     begin
       select k.phase, k.state, k.vendor_ref, k.lost into t from (select phase, state, vendor_ref, phase in ('sending', 'unclear', 'parked') or (phase = 'ended' and error_kind = 'timeout') as lost from tasks where id = p_task for update) k;
       if not found then return; end if;
       if t.vendor_ref is null and t.lost and p_ref is not null then
         update tasks set told = json_build_object('order', p_order, 'ref', p_ref) where id = p_task;
         if t.phase = 'ended' then
           insert into task_turns (task_id, lane, due_at) select p_task, coalesce(k.channel, ''), now_at from tasks k where k.id = p_task on conflict (task_id) do nothing;
         elsif t.phase <> 'sending' then
           update task_turns set due_at = now_at, fence = fence + 1, taken = 0, holder = null where task_id = p_task;
         end if;
       elsif t.phase = 'running' then
         update task_turns set due_at = least(due_at, now_at) where task_id = p_task and holder is null;
       end if;
     end $$`,
];
