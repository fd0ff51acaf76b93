import { type Kysely, sql } from "kysely";

/** Organisations hear of low balances too: whose wallet it is, as budgets have it; what is told is of the organisation, to one of its admins by mail or to its own address (then of nobody). */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table balance_notices drop constraint balance_notices_user_id_fkey`,
  `alter table balance_notices drop constraint balance_notices_pkey`,
  `alter table balance_notices rename column user_id to owner_id`,
  `alter table balance_notices add column kind text not null default 'wallet' check (kind in ('wallet', 'organisation'))`,
  `alter table balance_notices add primary key (kind, owner_id)`,
  `alter table account_messages add column organisation_id bigint references organisations`,
  `alter table account_messages alter column user_id drop not null`,
  `alter table account_messages add check (user_id is not null or organisation_id is not null)`,
  `create index account_messages_by_organisation on account_messages (organisation_id) where organisation_id is not null`,
];
