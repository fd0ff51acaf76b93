import { type Kysely, sql } from "kysely";

/** A channel's weight may be a fraction, as in the settings file. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw("alter table channels alter column weight type double precision").execute(db);
}
