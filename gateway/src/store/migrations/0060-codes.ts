import { type Kysely, sql } from "kysely";

/** Redemption codes: made in batches, each good once. A code is kept as a digest; what identifies it to a person are its last characters. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table code_batches (
     id bigint generated always as identity primary key,
     name text not null,
     amount_nano bigint not null check (amount_nano > 0),
     count integer not null check (count > 0),
     expires_at timestamptz,
     disabled_at timestamptz,
     created_by bigint not null references users,
     created_at timestamptz not null default now())`,
  `create table redemption_codes (
     id bigint generated always as identity primary key,
     batch_id bigint not null references code_batches,
     code_hash bytea not null unique,
     visible text not null,
     disabled_at timestamptz,
     redeemed_by bigint references users,
     redeemed_at timestamptz,
     check ((redeemed_by is null) = (redeemed_at is null)))`,
  `create index redemption_codes_by_batch on redemption_codes (batch_id, id)`,
  `create index redemption_codes_by_user on redemption_codes (redeemed_by, id) where redeemed_by is not null`,
];
