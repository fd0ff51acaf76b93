import { type Kysely, sql } from "kysely";

/**
 * A caller's wish that a task be stopped stands in its row until it has been carried out: a wish that came while the order was on its way was forgotten.
 * `wished`: nobody has been asked yet; `unheard`: the vendor was asked and gave no answer; `asked`: it took the wish, its word decides; `refused`: it cannot, or would not.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table tasks add column cancel text check (cancel in ('wished', 'unheard', 'asked', 'refused'))`,

  // The turn is due now. Whoever has it loses it, but for who waits for the answer to an order, which nobody else would hear. Gives the task's phase; null: there is no such task. Tasks are locked before turns, as everywhere.
  `create function wish_cancel(p_task text, p_now_ms double precision) returns text language plpgsql as $$
     declare t record;
     begin
       select k.phase, k.cancel into t from tasks k where k.id = p_task for no key update;
       if not found then return null; end if;
       if t.phase = 'ended' then return t.phase; end if;
       if t.cancel is null or t.cancel = 'refused' then
         update tasks set cancel = 'wished' where id = p_task;
         if t.phase <> 'sending' then update task_turns set due_at = to_timestamp(p_now_ms / 1000), fence = fence + 1, taken = 0, holder = null where task_id = p_task; end if;
       else
         update task_turns set due_at = least(due_at, to_timestamp(p_now_ms / 1000)) where task_id = p_task and holder is null;
       end if;
       return t.phase;
     end $$`,
];
