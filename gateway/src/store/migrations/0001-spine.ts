import { type Kysely, sql } from "kysely";

/**
 * Accounts, keys, channels, money and the request log.
 * Money columns are nano-dollars in bigint. The ledger is append-only: a trigger refuses update and delete.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table users (
     id bigint generated always as identity primary key,
     username text not null unique,
     display_name text not null default '',
     email text not null default '',
     role smallint not null default 1,
     status smallint not null default 1,
     access_key_hash bytea unique,
     password_hash text,
     created_at timestamptz not null default now())`,

  `create table api_keys (
     id bigint generated always as identity primary key,
     user_id bigint not null references users,
     name text not null,
     hash bytea not null unique,
     visible text not null,
     status smallint not null default 1,
     expires_at timestamptz,
     unlimited boolean not null default true,
     group_name text not null default 'default',
     model_limits text[],
     allow_ips text[],
     sandbox boolean not null default false,
     created_at timestamptz not null default now(),
     deleted_at timestamptz)`,
  `create index api_keys_by_user on api_keys (user_id, id)`,

  `create table budgets (
     id bigint generated always as identity primary key,
     kind text not null check (kind in ('system', 'wallet', 'key')),
     owner_id bigint not null,
     balance_nano bigint not null default 0,
     unique (kind, owner_id))`,
  // The four far ends of every move; their balances are sums, never kept, so that no row is hot.
  `insert into budgets (kind, owner_id) values ('system', 1), ('system', 2), ('system', 3), ('system', 4)`,

  `create table ledger (
     seq bigint generated always as identity primary key,
     from_budget bigint not null references budgets,
     to_budget bigint not null references budgets,
     amount_nano bigint not null check (amount_nano > 0),
     kind text not null,
     ref text not null,
     reason text,
     at timestamptz not null default now(),
     unique (ref, kind, from_budget))`,
  `create index ledger_from on ledger (from_budget, seq)`,
  `create index ledger_to on ledger (to_budget, seq)`,
  `create function refuse_change() returns trigger language plpgsql as $$
     begin raise exception 'the ledger is append-only'; end $$`,
  `create trigger ledger_append_only before update or delete on ledger
     for each row execute function refuse_change()`,

  `create table processes (
     id uuid primary key,
     started_at timestamptz not null default now(),
     seen_at timestamptz not null default now())`,
  `create table leases (
     budget_id bigint not null references budgets,
     process_id uuid not null references processes on delete cascade,
     amount_nano bigint not null,
     primary key (budget_id, process_id))`,
  `create index leases_by_process on leases (process_id)`,

  `create table requests (
     id uuid primary key,
     at timestamptz not null,
     user_id bigint not null,
     key_id bigint not null,
     group_name text not null,
     dialect text not null,
     endpoint text not null,
     model text not null,
     upstream_model text,
     channel text,
     stream boolean not null,
     sandbox boolean not null,
     status smallint not null,
     error_code text,
     end_reason text not null,
     attempts jsonb not null,
     first_byte_ms real,
     duration_ms real not null,
     usage jsonb not null,
     estimated boolean not null,
     anomaly text,
     charge_nano bigint not null,
     lines jsonb not null,
     price_version text,
     ip text)`,
  `create index requests_by_user on requests (user_id, id desc)`,

  `create table key_usage (
     key_id bigint primary key, used_nano bigint not null default 0,
     requests bigint not null default 0, last_used_at timestamptz)`,
  `create table user_usage (
     user_id bigint primary key, used_nano bigint not null default 0, requests bigint not null default 0)`,

  `create table channels (
     id bigint generated always as identity primary key,
     name text not null unique,
     vendor text not null,
     base_url text,
     models text[],
     model_mapping jsonb not null default '{}',
     groups text[],
     priority integer not null default 0,
     weight integer not null default 1,
     timeouts jsonb not null default '{}',
     proxy text,
     enabled boolean not null default true,
     created_at timestamptz not null default now())`,
  `create table channel_credentials (
     id bigint generated always as identity primary key,
     channel_id bigint not null references channels on delete cascade,
     sealed text not null,
     enabled boolean not null default true,
     created_at timestamptz not null default now())`,

  `create table price_versions (version text primary key, prices jsonb not null, at timestamptz not null default now())`,
  `create table settings (name text primary key, value jsonb not null)`,

  // Any change, by whatever hand, tells every process what to read again.
  `create function tell_change() returns trigger language plpgsql as $$
     begin
       perform pg_notify('yescale_changed', tg_table_name || ':' || coalesce(new.id, old.id));
       return null;
     end $$`,
  ...["users", "api_keys", "channels"].map(
    (table) => `create trigger ${table}_changed after insert or update or delete on ${table}
      for each row execute function tell_change()`,
  ),
  `create function tell_credential_change() returns trigger language plpgsql as $$
     begin
       perform pg_notify('yescale_changed', 'channels:' || coalesce(new.channel_id, old.channel_id));
       return null;
     end $$`,
  `create trigger channel_credentials_changed after insert or update or delete on channel_credentials
     for each row execute function tell_credential_change()`,

  TAKE_LEASES(),
  SETTLE_BATCH(),
  MOVE_MONEY(),
];

/**
 * Leases on all named budgets, or on none. Gives one row per budget: what was granted, or (granted 0 everywhere) what is free
 * and what other processes hold. Rows are locked in id order, so that two processes never wait for each other in a circle.
 * A grant takes at most a quarter of what is free beyond the need, so that one process does not starve the rest.
 */
function TAKE_LEASES(): string {
  return `create function take_leases(p_process uuid, p_budgets bigint[], p_needs bigint[], p_wants bigint[])
     returns table (budget_id bigint, granted bigint, free bigint, elsewhere bigint, balance bigint) language plpgsql as $$
     #variable_conflict use_column
     begin
       perform 1 from processes where id = p_process for key share;
       if not found then raise exception 'process % is not registered', p_process using errcode = 'YE001'; end if;
       perform 1 from budgets b where b.id = any (p_budgets) order by b.id for update;
       return query
         with ask as materialized (
           select b.id, a.need, a.want, b.balance_nano as balance,
                  coalesce(sum(greatest(l.amount_nano, 0)) filter (where l.process_id <> p_process), 0)::bigint as elsewhere,
                  (b.balance_nano - coalesce(sum(greatest(l.amount_nano, 0)), 0))::bigint as free
             from unnest(p_budgets, p_needs, p_wants) as a (id, need, want)
             join budgets b on b.id = a.id
             left join leases l on l.budget_id = b.id
            group by b.id, a.need, a.want, b.balance_nano),
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

/**
 * Applies a batch of journal records: request rows, ledger moves, balances, leases and counters in one transaction.
 * A request id that is known already changes nothing, so a journal may be applied any number of times.
 */
function SETTLE_BATCH(): string {
  return `create function settle_batch(p_process uuid, p_records jsonb) returns integer language plpgsql as $$
     declare applied integer;
     begin
       perform 1 from budgets where id in (
         select (r->>'wallet')::bigint from jsonb_array_elements(p_records) r
         union select (r->>'keyBudget')::bigint from jsonb_array_elements(p_records) r where r->>'keyBudget' is not null)
         order by id for update;
       with record as materialized (
         select distinct on (id) * from jsonb_to_recordset(p_records) as r (
           id uuid, at double precision, "user" bigint, key bigint, wallet bigint, "keyBudget" bigint, "group" text,
           dialect text, endpoint text, model text, "upstreamModel" text, channel text, stream boolean, sandbox boolean,
           status smallint, error text, "end" text, attempts jsonb, "firstByteMs" real, "durationMs" real,
           usage jsonb, estimated boolean, anomaly text, charge bigint, lines jsonb, "priceVersion" text, ip text)),
       fresh as (
         insert into requests (id, at, user_id, key_id, group_name, dialect, endpoint, model, upstream_model, channel, stream,
             sandbox, status, error_code, end_reason, attempts, first_byte_ms, duration_ms, usage, estimated, anomaly,
             charge_nano, lines, price_version, ip)
           select id, to_timestamp(at / 1000), "user", key, "group", dialect, endpoint, model, "upstreamModel", channel, stream,
             sandbox, status, error, "end", attempts, "firstByteMs", "durationMs", usage, estimated, anomaly,
             charge, lines, "priceVersion", ip
           from record
         on conflict (id) do nothing
         returning id),
       paid as (
         select r.id, r.at, r.wallet as budget, 'wallet' as kind, r.charge from record r join fresh using (id) where r.charge > 0
         union all
         select r.id, r.at, r."keyBudget", 'key', r.charge from record r join fresh using (id)
          where r.charge > 0 and r."keyBudget" is not null),
       entries as (
         insert into ledger (from_budget, to_budget, amount_nano, kind, ref, at)
           select p.budget, s.id, p.charge, 'charge', p.id::text, to_timestamp(p.at / 1000)
             from paid p join budgets s on s.kind = 'system' and s.owner_id = case p.kind when 'wallet' then 2 else 4 end),
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
           select r."user", sum(r.charge), count(*) from record r join fresh using (id) group by r."user"
           on conflict (user_id) do update set used_nano = u.used_nano + excluded.used_nano,
             requests = u.requests + excluded.requests)
       select count(*) into applied from fresh;
       return applied;
     end $$`;
}

/**
 * One move between two budgets, once per (ref, kind, from). Kept balances follow; system ends keep none.
 * Tells every process, so that a wallet known to be empty is looked at again.
 */
function MOVE_MONEY(): string {
  return `create function move_money(p_from bigint, p_to bigint, p_amount bigint, p_kind text, p_ref text, p_reason text)
     returns boolean language plpgsql as $$
     begin
       perform 1 from budgets where id in (p_from, p_to) and kind <> 'system' order by id for update;
       insert into ledger (from_budget, to_budget, amount_nano, kind, ref, reason)
         values (p_from, p_to, p_amount, p_kind, p_ref, p_reason) on conflict do nothing;
       if not found then return false; end if;
       update budgets set balance_nano = balance_nano - p_amount where id = p_from and kind <> 'system';
       update budgets set balance_nano = balance_nano + p_amount where id = p_to and kind <> 'system';
       perform pg_notify('yescale_changed', 'budgets:' || id) from budgets where id in (p_from, p_to) and kind <> 'system';
       return true;
     end $$`;
}
