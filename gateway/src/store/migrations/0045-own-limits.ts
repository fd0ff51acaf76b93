import { type Kysely, sql } from "kysely";

/** A key's owner may limit it, too. Both limits hold: nobody can loosen what an operator has set. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table limit_rules add column set_by text not null default 'operator' check (set_by in ('operator', 'owner'))`,
  `alter table limit_rules add constraint limit_rules_owner_check check (set_by = 'operator' or scope = 'key')`,
  `alter table limit_rules drop constraint limit_rules_scope_subject_key`,
  `alter table limit_rules add constraint limit_rules_one unique (scope, subject, set_by)`,
];
