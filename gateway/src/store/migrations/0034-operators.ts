import { type Kysely, sql } from "kysely";

/** What operators set and announce while the gateway runs, and what their lists are searched by. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create function tell_setting_change() returns trigger language plpgsql as $$
     begin
       perform pg_notify('yescale_changed', 'settings:0');
       return null;
     end $$`,
  `create trigger settings_changed after insert or update or delete on settings for each row execute function tell_setting_change()`,

  `create table announcements (
     id bigint generated always as identity primary key,
     title text not null,
     text text not null,
     level text not null check (level in ('info', 'warning')),
     starts_at timestamptz not null default now(),
     ends_at timestamptz,
     created_at timestamptz not null default now())`,
  `create trigger announcements_changed after insert or update or delete on announcements for each row execute function tell_setting_change()`,

  // Searched by how a name or an address begins: no pattern of a searcher's is ever run over all rows.
  `create index users_by_name_prefix on users (lower(username) text_pattern_ops)`,
  `create index users_by_email_prefix on users (lower(email) text_pattern_ops) where email <> ''`,
  `create index organisations_by_name_prefix on organisations (lower(name) text_pattern_ops)`,
];
