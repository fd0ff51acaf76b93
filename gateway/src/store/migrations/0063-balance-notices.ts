import { type Kysely, sql } from "kysely";

/** Who wants to hear when his wallet runs low, and what is to be told. `armed`: the wallet was not below it when it was looked at last, so a fall below it is news. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table balance_notices (
     user_id bigint primary key references users,
     below_nano bigint not null check (below_nano > 0),
     by_mail boolean not null,
     url text,
     armed boolean not null default true,
     updated_at timestamptz not null default now())`,
  `create table account_messages (
     id uuid primary key,
     user_id bigint not null references users,
     way text not null check (way in ('mail', 'webhook')),
     url text,
     balance_nano bigint not null,
     below_nano bigint not null,
     attempts integer not null default 0,
     status integer,
     error text,
     created_at timestamptz not null,
     due_at timestamptz,
     delivered_at timestamptz,
     given_up_at timestamptz)`,
  `create index account_messages_due on account_messages (due_at) where due_at is not null`,
  `create index account_messages_by_user on account_messages (user_id, created_at)`,
];
