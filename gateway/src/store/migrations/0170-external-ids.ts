import { type Kysely, sql } from "kysely";

/** Kling's callers name their tasks, and ask by that name. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index tasks_by_external on tasks (user_id, (request #>> '{seen,external}')) where request #>> '{seen,external}' is not null`.execute(db);
}
