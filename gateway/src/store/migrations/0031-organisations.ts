import { type Kysely, sql } from "kysely";

/**
 * Organisations: a wallet that several accounts spend from, each within a cap of its own if it has one. A cap is a budget like a key's quota, so a charge may now be taken
 * from any number of budgets: the one that pays (`wallet`) and those that only limit (`caps`).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table organisations (
     id bigint generated always as identity primary key,
     name text not null,
     status smallint not null default 1,
     created_at timestamptz not null default now(),
     deleted_at timestamptz)`,
  `create table members (
     id bigint generated always as identity primary key,
     organisation_id bigint not null references organisations,
     user_id bigint not null references users,
     role text not null check (role in ('owner', 'admin', 'member')),
     unlimited boolean not null default true,
     created_at timestamptz not null default now(),
     unique (organisation_id, user_id))`,
  `create index members_by_user on members (user_id)`,
  `create table organisation_invitations (
     id bigint generated always as identity primary key,
     organisation_id bigint not null references organisations,
     role text not null check (role in ('admin', 'member')),
     email text not null default '',
     code_hash bytea not null unique,
     invited_by bigint not null references users,
     created_at timestamptz not null default now(),
     expires_at timestamptz not null,
     accepted_by bigint references users,
     accepted_at timestamptz)`,
  `create index organisation_invitations_by_organisation on organisation_invitations (organisation_id, id)`,
  `create table organisation_usage (
     organisation_id bigint primary key, used_nano bigint not null default 0, requests bigint not null default 0)`,
  `alter table budgets drop constraint budgets_kind_check`,
  `alter table budgets add constraint budgets_kind_check check (kind in ('system', 'wallet', 'key', 'organisation', 'member'))`,
  `alter table api_keys add column organisation_id bigint references organisations`,
  `create index api_keys_by_organisation on api_keys (organisation_id, id) where organisation_id is not null`,
  `alter table requests add column organisation_id bigint`,
  `create index requests_by_organisation on requests (organisation_id, id desc) where organisation_id is not null`,

  `create trigger organisations_changed after insert or update or delete on organisations
     for each row execute function tell_change()`,
  `create function tell_member_change() returns trigger language plpgsql as $$
     begin
       perform pg_notify('yescale_changed', 'organisations:' || coalesce(new.organisation_id, old.organisation_id));
       return null;
     end $$`,
  `create trigger members_changed after insert or update or delete on members
     for each row execute function tell_member_change()`,

  SETTLE_BATCH(),
];

/** As in 0012, but for the budgets that limit beside the one that pays, and who that is. A journal of an older version names one such budget, as `keyBudget`. */
function SETTLE_BATCH(): string {
  return `create or replace function settle_batch(p_process uuid, p_budgets bigint[], p_records json) returns integer language plpgsql as $$
     declare applied integer;
     begin
       perform 1 from budgets where id = any (p_budgets) order by id for update;
       with record as materialized (
         select distinct on (id) * from json_to_recordset(p_records) as r (
           id uuid, at double precision, "user" bigint, organisation bigint, key bigint, wallet bigint, "keyBudget" bigint, caps bigint[], "group" text,
           dialect text, endpoint text, model text, "upstreamModel" text, channel text, stream boolean, sandbox boolean,
           status smallint, error text, "end" text, attempts json, "firstByteMs" real, "durationMs" real,
           usage json, estimated boolean, anomaly text, charge bigint, lines json, "priceVersion" text, ip text)),
       fresh as (
         insert into requests (id, at, user_id, organisation_id, key_id, group_name, dialect, endpoint, model, upstream_model, channel, stream,
             sandbox, status, error_code, end_reason, attempts, first_byte_ms, duration_ms, usage, estimated, anomaly,
             charge_nano, lines, price_version, ip)
           select id, to_timestamp(at / 1000), "user", organisation, key, "group", dialect, endpoint, model, "upstreamModel", channel, stream,
             sandbox, status, error, "end", attempts, "firstByteMs", "durationMs", usage, estimated, anomaly,
             charge, lines, "priceVersion", ip
           from record
         on conflict (id) do nothing
         returning id),
       paid as (
         select r.id, r.at, r.wallet as budget, 2 as far_end, r.charge from record r join fresh using (id) where r.charge > 0
         union all
         select r.id, r.at, c.budget, 4, r.charge from record r join fresh using (id)
           cross join lateral unnest(coalesce(r.caps, case when r."keyBudget" is not null then array[r."keyBudget"] end)) as c (budget)
          where r.charge > 0),
       entries as (
         insert into ledger (from_budget, to_budget, amount_nano, kind, ref, at)
           select p.budget, s.id, p.charge, 'charge', p.id::text, to_timestamp(p.at / 1000)
             from paid p join budgets s on s.kind = 'system' and s.owner_id = p.far_end),
       sums as (select budget, sum(charge)::bigint as total from paid group by budget),
       balances as (
         update budgets b set balance_nano = b.balance_nano - s.total from sums s where b.id = s.budget),
       spent as (
         update leases l set amount_nano = l.amount_nano - s.total from sums s
          where l.budget_id = s.budget and l.process_id = p_process),
       keys as (
         insert into key_usage as k (key_id, used_nano, requests, last_used_at)
           select r.key, sum(r.charge), count(*), to_timestamp(max(r.at) / 1000) from record r join fresh using (id) group by r.key
           on conflict (key_id) do update set used_nano = k.used_nano + excluded.used_nano,
             requests = k.requests + excluded.requests, last_used_at = greatest(k.last_used_at, excluded.last_used_at)),
       people as (
         insert into user_usage as u (user_id, used_nano, requests)
           select r."user", coalesce(sum(r.charge) filter (where r.organisation is null), 0), count(*) from record r join fresh using (id) group by r."user"
           on conflict (user_id) do update set used_nano = u.used_nano + excluded.used_nano,
             requests = u.requests + excluded.requests),
       groups as (
         insert into organisation_usage as o (organisation_id, used_nano, requests)
           select r.organisation, sum(r.charge), count(*) from record r join fresh using (id) where r.organisation is not null group by r.organisation
           on conflict (organisation_id) do update set used_nano = o.used_nano + excluded.used_nano,
             requests = o.requests + excluded.requests)
       select count(*) into applied from fresh;
       return applied;
     end $$`;
}
