import { type Kysely, sql } from "kysely";

/**
 * Limits: the rules, and what several processes have used of them together. `limit_uses` holds units by second (slot: Unix second) for minutes, and in slot 0 for a
 * day or month, which the meter's name tells; `limit_slots` the places that each process holds, freed with its row.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table limit_rules (
     id bigint generated always as identity primary key,
     scope text not null check (scope in ('key', 'user', 'organisation', 'group', 'model', 'channel')),
     subject text not null,
     requests_per_minute bigint check (requests_per_minute >= 0),
     tokens_per_minute bigint check (tokens_per_minute >= 0),
     requests_per_day bigint check (requests_per_day >= 0),
     concurrency bigint check (concurrency >= 0),
     spend_per_day_nano bigint check (spend_per_day_nano >= 0),
     spend_per_month_nano bigint check (spend_per_month_nano >= 0),
     updated_at timestamptz not null default now(),
     unique (scope, subject))`,
  `create trigger limit_rules_changed after insert or update or delete on limit_rules for each row execute function tell_change()`,
  // Counts of minutes and of days that can be summed up again: nothing is lost if a crash of the server empties them.
  `create unlogged table limit_uses (meter text not null, slot bigint not null, used double precision not null, touched_at timestamptz not null default now(), primary key (meter, slot))`,
  `create table limit_slots (meter text not null, process_id uuid not null references processes on delete cascade, held bigint not null, primary key (meter, process_id))`,
  TAKE_LIMITS(),
  ADJUST_LIMITS(),
];

/**
 * Grants units of all named meters, or of none, and counts what is told beside (adds) in any case. Meters are locked in the order of their names' hashes, so that two
 * processes never wait for each other in a circle. Beyond the need at most a quarter of what is left is granted, so that one process does not starve the rest.
 */
function TAKE_LIMITS(): string {
  return `create function take_limits(p_process uuid, p_meters text[], p_kinds text[], p_max double precision[], p_needs double precision[],
       p_wants double precision[], p_adds double precision[], p_bases double precision[])
     returns table (meter_index integer, granted double precision, used double precision, second bigint, wait_ms double precision) language plpgsql as $$
     #variable_conflict use_column
     declare
       now_s bigint;
       totals double precision[] := array_fill(0::double precision, array[cardinality(p_meters)]);
       short boolean := false;
       grant_units double precision;
       wait double precision;
       total double precision;
     begin
       perform pg_advisory_xact_lock(h) from (select distinct hashtextextended(m, 40) as h from unnest(p_meters) m order by 1) locks;
       now_s := floor(extract(epoch from clock_timestamp()));
       for i in 1 .. cardinality(p_meters) loop
         if p_kinds[i] = 'slots' then
           totals[i] := coalesce((select sum(s.held) from limit_slots s where s.meter = p_meters[i]), 0);
         elsif p_kinds[i] = 'period' then
           insert into limit_uses as u (meter, slot, used) values (p_meters[i], 0, p_bases[i] + p_adds[i])
             on conflict (meter, slot) do update set used = greatest(u.used + p_adds[i], p_bases[i]), touched_at = now()
             returning u.used into total;
           totals[i] := total;
         else
           delete from limit_uses u where u.meter = p_meters[i] and u.slot < now_s - 61;
           if p_adds[i] <> 0 then
             insert into limit_uses as u (meter, slot, used) values (p_meters[i], now_s, p_adds[i])
               on conflict (meter, slot) do update set used = u.used + p_adds[i], touched_at = now();
           end if;
           totals[i] := coalesce((select sum(u.used) from limit_uses u where u.meter = p_meters[i]), 0);
         end if;
         short := short or totals[i] + p_needs[i] > p_max[i];
       end loop;
       for i in 1 .. cardinality(p_meters) loop
         wait := 0;
         grant_units := case when short then 0 else least(p_max[i] - totals[i], greatest(p_needs[i], least(p_wants[i], floor((p_max[i] - totals[i]) / 4)))) end;
         if grant_units > 0 then
           if p_kinds[i] = 'slots' then
             insert into limit_slots as s (meter, process_id, held) values (p_meters[i], p_process, grant_units)
               on conflict (meter, process_id) do update set held = s.held + grant_units;
           else
             insert into limit_uses as u (meter, slot, used) values (p_meters[i], case p_kinds[i] when 'period' then 0 else now_s end, grant_units)
               on conflict (meter, slot) do update set used = u.used + grant_units, touched_at = now();
           end if;
         elsif p_kinds[i] = 'minute' and totals[i] + p_needs[i] > p_max[i] then
           select min(f.slot + 62 - now_s) * 1000 into wait from (
             select u.slot, totals[i] - sum(u.used) over (order by u.slot) as rest from limit_uses u where u.meter = p_meters[i]) f
            where f.rest + p_needs[i] <= p_max[i];
         end if;
         meter_index := i;
         granted := grant_units;
         used := totals[i] + grant_units;
         second := now_s;
         wait_ms := coalesce(wait, 62000);
         return next;
       end loop;
     end $$`;
}

/** Counts what was used beyond grants, and gives back what was not used: a second that has left the window changes nothing, and no count falls below zero. */
function ADJUST_LIMITS(): string {
  return `create function adjust_limits(p_process uuid, p_meters text[], p_kinds text[], p_seconds bigint[], p_units double precision[]) returns void language plpgsql as $$
     declare now_s bigint;
     begin
       perform pg_advisory_xact_lock(h) from (select distinct hashtextextended(m, 40) as h from unnest(p_meters) m order by 1) locks;
       now_s := floor(extract(epoch from clock_timestamp()));
       for i in 1 .. cardinality(p_meters) loop
         if p_kinds[i] = 'slots' then
           update limit_slots s set held = greatest(0, s.held + p_units[i]::bigint) where s.meter = p_meters[i] and s.process_id = p_process;
         elsif p_units[i] < 0 then
           update limit_uses u set used = greatest(0, u.used + p_units[i]), touched_at = now()
            where u.meter = p_meters[i] and u.slot = case p_kinds[i] when 'period' then 0 else p_seconds[i] end;
         else
           insert into limit_uses as u (meter, slot, used) values (p_meters[i], case p_kinds[i] when 'period' then 0 else now_s end, p_units[i])
             on conflict (meter, slot) do update set used = u.used + excluded.used, touched_at = now();
         end if;
       end loop;
     end $$`;
}
