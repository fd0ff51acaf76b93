import { type Kysely, sql } from "kysely";

/** What came from another database, under its id there: a second import of the same takes nothing twice. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `create table imported (
         label text not null,
         kind text not null check (kind in ('user', 'key', 'channel')),
         old_id text not null,
         id bigint not null,
         at timestamptz not null default now(),
         primary key (label, kind, old_id))`,
    )
    .execute(db);
}
