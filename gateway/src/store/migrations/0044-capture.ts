import { type Kysely, sql } from "kysely";

/**
 * Bodies of requests and answers, kept for keys whose owner asked for it and for as many days as he said. What was said is sealed (compressed, then AES-256-GCM with the master key), like stored responses.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table api_keys add column capture_days smallint check (capture_days between 1 and 90)`,
  `create table captured_bodies (
     request_id uuid primary key,
     user_id bigint not null,
     key_id bigint not null,
     sealed bytea not null,
     created_at timestamptz not null default now(),
     expires_at timestamptz not null)`,
  `create index captured_bodies_expiry on captured_bodies (expires_at)`,
  `create index captured_bodies_by_key on captured_bodies (key_id)`,
  `alter table captured_bodies alter column sealed set storage external`,
];
