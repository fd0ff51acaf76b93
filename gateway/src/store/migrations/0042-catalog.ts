import { type Kysely, sql } from "kysely";

/** What operators lay over models and groups while the gateway runs. Every change tells all processes; who made it stands in the audit log, what was paid when in `price_versions`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table catalog_overrides (
     kind text not null check (kind in ('model', 'group')),
     name text not null,
     entry jsonb not null,
     updated_at timestamptz not null default now(),
     primary key (kind, name))`,
  `create function tell_catalog_change() returns trigger language plpgsql as $$
     begin
       perform pg_notify('yescale_changed', 'catalog_overrides:0');
       return null;
     end $$`,
  `create trigger catalog_overrides_changed after insert or update or delete on catalog_overrides
     for each statement execute function tell_catalog_change()`,
];
