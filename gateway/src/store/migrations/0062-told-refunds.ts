import { type Kysely, sql } from "kysely";

/** How much of a payment its service says was given back: it may tell so before it tells of the payment, or while a refund of ours is under way. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table orders add column told_minor bigint not null default 0 check (told_minor >= 0)").execute(db);
}
