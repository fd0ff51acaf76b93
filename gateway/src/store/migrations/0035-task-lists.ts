import { type Kysely, sql } from "kysely";

/** An account's tasks in the order of their requests, which lists are read in by position. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index tasks_by_user_request on tasks (user_id, request_id)`.execute(db);
}
