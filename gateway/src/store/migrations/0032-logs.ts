import { type Kysely, sql } from "kysely";

/**
 * What an account's log shows beside requests: money that came or went otherwise, changes made by operators. Ids are UUIDs of version 7, as those of requests are, so that both lists are
 * one in the order of time, page by page, by index. The ledger tells its moves itself: no way of money can forget to.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // RFC 9562, 5.7: 48 bits of milliseconds, then version and variant, the rest random.
  `create function uuid_at(p_at timestamptz) returns uuid language sql volatile as $$
     select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing substring(int8send(floor(extract(epoch from p_at) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid $$`,
  `create table log_events (
     id uuid primary key,
     user_id bigint references users,
     organisation_id bigint references organisations,
     type smallint not null,
     content text not null,
     amount_nano bigint not null default 0)`,
  `create index log_events_by_user on log_events (user_id, id) where user_id is not null`,
  `create index log_events_by_organisation on log_events (organisation_id, id) where organisation_id is not null`,

  // 1 top-up, 3 management, 6 refund: the family's types of log rows. Charges are in the rows of requests; what only limits is no money.
  `create function log_ledger_move() returns trigger language plpgsql as $$
     begin
       insert into log_events (id, user_id, organisation_id, type, content, amount_nano)
         select uuid_at(new.at), case b.kind when 'wallet' then b.owner_id end, case b.kind when 'organisation' then b.owner_id end,
                case when new.kind = 'refund' then 6 when b.id = new.to_budget then 1 else 3 end,
                coalesce(nullif(new.reason, ''), new.kind), case when b.id = new.to_budget then new.amount_nano else -new.amount_nano end
           from budgets b where b.id in (new.from_budget, new.to_budget) and b.kind in ('wallet', 'organisation');
       return null;
     end $$`,
  `create trigger ledger_logged after insert on ledger for each row when (new.kind <> 'charge') execute function log_ledger_move()`,
  `insert into log_events (id, user_id, type, content, amount_nano)
     select uuid_at(l.at), b.owner_id, case when l.kind = 'refund' then 6 when b.id = l.to_budget then 1 else 3 end,
            coalesce(nullif(l.reason, ''), l.kind), case when b.id = l.to_budget then l.amount_nano else -l.amount_nano end
       from ledger l join budgets b on b.id in (l.from_budget, l.to_budget) and b.kind = 'wallet' where l.kind <> 'charge'`,

  // All in one direction, so that a page can be asked for by comparing whole rows: only then the planner never takes the primary key and reads everybody's rows instead.
  `drop index requests_by_user`,
  `create index requests_by_user on requests (user_id, id)`,
  `drop index requests_by_organisation`,
  `create index requests_by_organisation on requests (organisation_id, id) where organisation_id is not null`,
  `create index requests_by_key on requests (key_id, id)`,
  `create index requests_by_model on requests (user_id, model, id)`,
  // Requests of the account that the log holds no more.
  `alter table user_usage add column pruned bigint not null default 0`,

  `create index requests_failed on requests (user_id, id) where status >= 400`,
  `create index requests_failed_by_model on requests (user_id, model, id) where status >= 400`,
];
