import { type Kysely, sql } from "kysely";

/** When which prices came into force. `price_versions` knows the first time only: prices that were taken back to what they had been looked as if the later ones still held. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table price_changes (seq bigint generated always as identity primary key, version text not null references price_versions, at timestamptz not null default clock_timestamp())`.execute(db);
  await sql`insert into price_changes (version, at) select version, at from price_versions order by at`.execute(db);
}
