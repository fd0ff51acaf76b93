import { type Kysely, sql } from "kysely";

/**
 * Answers of `POST /v1/responses` that callers may ask for and go on from. What was said is sealed (compressed, then AES-256-GCM with the master key), so a dump of the
 * database tells who answered when, and nothing of what. `item_ids`: ids of the items that came new with this response, its own input and its output.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table stored_responses (
     user_id bigint not null references users,
     id text not null,
     key_id bigint not null references api_keys,
     model text not null,
     item_ids text[] not null,
     sealed bytea not null,
     created_at timestamptz not null,
     expires_at timestamptz not null,
     primary key (user_id, id))`,
  `create index stored_responses_expiry on stored_responses (expires_at)`,
  `create index stored_responses_items on stored_responses using gin (item_ids)`,
  // Sealed bytes are as random: to compress them again costs time and saves nothing.
  `alter table stored_responses alter column sealed set storage external`,
];
