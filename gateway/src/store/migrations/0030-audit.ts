import { type Kysely, sql } from "kysely";

/** Who changed what: one row per change by an operator. Append-only, like the ledger. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table audit_log (
     id bigint generated always as identity primary key,
     at timestamptz not null default now(),
     actor_id bigint references users,
     action text not null,
     subject text not null,
     before jsonb,
     after jsonb,
     request_id text not null)`,
  `create index audit_log_by_subject on audit_log (subject, id desc)`,
  `create index audit_log_by_action on audit_log (action, id desc)`,
  `create function refuse_audit_change() returns trigger language plpgsql as $$
     begin raise exception 'the audit log is append-only'; end $$`,
  `create trigger audit_log_append_only before update or delete on audit_log
     for each row execute function refuse_audit_change()`,
];
