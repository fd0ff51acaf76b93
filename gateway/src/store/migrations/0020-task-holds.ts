import { type Kysely, sql } from "kysely";

/**
 * Holds of tasks: money reserved for work that outlives the process which accepted it, so it is kept with the budget and not in a lease. What is held is free for nobody.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table budgets add column held_nano bigint not null default 0 check (held_nano >= 0)").execute(db);
  await sql.raw(TAKE_LEASES()).execute(db);
}

/** As in 0011, less what tasks hold. */
function TAKE_LEASES(): string {
  return `create or replace function take_leases(p_process uuid, p_budgets bigint[], p_needs bigint[], p_wants bigint[])
     returns table (budget_id bigint, granted bigint, free bigint, elsewhere bigint, balance bigint) language plpgsql as $$
     #variable_conflict use_column
     begin
       perform 1 from processes where id = p_process for key share;
       if not found then raise exception 'process % is not registered', p_process using errcode = 'YE001'; end if;
       perform 1 from budgets b where b.id = any (p_budgets) order by b.id for update;
       return query
         with ask as materialized (
           select b.id, a.need, a.want, b.balance_nano - b.held_nano as balance,
                  coalesce(sum(greatest(l.amount_nano, 0)) filter (where l.process_id <> p_process), 0)::bigint as elsewhere,
                  (b.balance_nano - b.held_nano - coalesce(sum(case when l.process_id = p_process then l.amount_nano else greatest(l.amount_nano, 0) end), 0))::bigint as free
             from unnest(p_budgets, p_needs, p_wants) as a (id, need, want)
             join budgets b on b.id = a.id
             left join leases l on l.budget_id = b.id
            group by b.id, a.need, a.want, b.balance_nano, b.held_nano),
         verdict as (
           select count(*) < cardinality(p_budgets) or bool_or(a.free < a.need) as short from ask a),
         grants as (
           select a.*, case when v.short then 0
                            else least(a.free, greatest(a.need, least(a.want, a.free / 4))) end as amount
             from ask a, verdict v),
         kept as (
           insert into leases as l (budget_id, process_id, amount_nano)
             select g.id, p_process, g.amount from grants g where g.amount > 0
             on conflict (budget_id, process_id) do update set amount_nano = l.amount_nano + excluded.amount_nano)
         select g.id, g.amount, g.free - g.amount, g.elsewhere, g.balance from grants g;
     end $$`;
}
