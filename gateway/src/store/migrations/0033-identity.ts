import { type Kysely, sql } from "kysely";

/**
 * Sign-in: tables of better-auth under names of ours (`identity/auth.ts` maps them), with accounts of ours as its users; who may sign up; what has been guessed; starting credits given. A password
 * moves from the account to its sign-in way: there may be others, and none.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // Accounts made until now, and those that operators make, are nobody's to confirm.
  `alter table users add column email_verified boolean not null default true, add column image text, add column two_factor_enabled boolean not null default false,
     add column updated_at timestamptz not null default now(), add column deleted_at timestamptz`,
  `alter table users alter column email_verified set default false`,
  // An address is one account's, however its letters are written; an account may have none.
  `create unique index users_by_email on users (lower(email)) where email <> ''`,
  `create unique index users_by_lower_name on users (lower(username))`,

  // Whoever makes an account makes its wallet.
  `create function add_wallet() returns trigger language plpgsql as $$
     begin
       insert into budgets (kind, owner_id) values ('wallet', new.id) on conflict do nothing;
       return null;
     end $$`,
  `create trigger users_have_wallets after insert on users for each row execute function add_wallet()`,

  `create table auth_accounts (
     id bigint generated always as identity primary key,
     user_id bigint not null references users on delete cascade,
     provider_id text not null,
     account_id text not null,
     password text,
     access_token text,
     refresh_token text,
     id_token text,
     access_token_expires_at timestamptz,
     refresh_token_expires_at timestamptz,
     scope text,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now(),
     unique (provider_id, account_id))`,
  `create index auth_accounts_by_user on auth_accounts (user_id)`,
  `insert into auth_accounts (user_id, provider_id, account_id, password) select id, 'credential', id::text, password_hash from users where password_hash is not null`,
  `alter table users drop column password_hash`,

  `create table auth_sessions (
     id bigint generated always as identity primary key,
     user_id bigint not null references users on delete cascade,
     token text not null unique,
     expires_at timestamptz not null,
     ip_address text,
     user_agent text,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now())`,
  `create index auth_sessions_by_user on auth_sessions (user_id)`,
  `create index auth_sessions_expiry on auth_sessions (expires_at)`,

  `create table auth_verifications (
     id bigint generated always as identity primary key,
     identifier text not null,
     value text not null,
     expires_at timestamptz not null,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now())`,
  `create index auth_verifications_by_identifier on auth_verifications (identifier)`,
  `create index auth_verifications_expiry on auth_verifications (expires_at)`,

  `create table auth_two_factors (
     id bigint generated always as identity primary key,
     user_id bigint not null references users on delete cascade,
     secret text not null,
     backup_codes text not null,
     verified boolean not null default true,
     failed_verification_count integer not null default 0,
     locked_until timestamptz)`,
  `create index auth_two_factors_by_user on auth_two_factors (user_id)`,

  `create table auth_passkeys (
     id bigint generated always as identity primary key,
     user_id bigint not null references users on delete cascade,
     name text,
     public_key text not null,
     credential_id text not null unique,
     counter bigint not null,
     device_type text not null,
     backed_up boolean not null,
     transports text,
     aaguid text,
     created_at timestamptz not null default now())`,
  `create index auth_passkeys_by_user on auth_passkeys (user_id)`,

  `create table sign_up_invitations (
     id bigint generated always as identity primary key,
     code_hash bytea not null unique,
     email text not null default '',
     note text not null default '',
     invited_by bigint not null references users,
     created_at timestamptz not null default now(),
     expires_at timestamptz not null,
     used_at timestamptz,
     used_by bigint references users)`,

  // Digests, so that who got his credit is known after his account and all that was personal in it is gone.
  `create table starting_credits (
     identity bytea primary key,
     network bytea not null,
     user_id bigint not null references users,
     at timestamptz not null default now())`,
  `create index starting_credits_by_network on starting_credits (network, at)`,

  // Counts of some minutes: nothing is lost if a crash of the server empties them.
  `create unlogged table guesses (subject bytea not null, slot bigint not null, count integer not null, expires_at timestamptz not null, primary key (subject, slot))`,
  `create function count_guesses(p_subjects bytea[], p_seconds integer[]) returns integer[] language plpgsql as $$
     declare
       counts integer[] := '{}';
       counted integer;
     begin
       -- In one order, so that two of them never wait for each other in a circle.
       perform pg_advisory_xact_lock(hashtextextended(encode(s, 'hex'), 33)) from (select distinct unnest(p_subjects) as s order by 1) locks;
       for i in 1 .. cardinality(p_subjects) loop
         insert into guesses as g (subject, slot, count, expires_at)
           select p_subjects[i], s, 1, to_timestamp((s + 1) * p_seconds[i]) from floor(extract(epoch from now()) / p_seconds[i]) s
           on conflict (subject, slot) do update set count = g.count + 1 returning g.count into counted;
         counts := counts || counted;
       end loop;
       return counts;
     end $$`,
];
