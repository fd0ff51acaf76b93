import { type Kysely, sql } from "kysely";

/**
 * What has no first byte of its own, as a task or a sound, is in no bucket. Of NULL and 95 `least` gives 95, so it stood in the last one, as if it had taken more than three hours; no first byte has been waited for that long, so what is
 * there is all of that kind.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create or replace function latency_bucket(ms double precision) returns smallint immutable parallel safe language sql
     return case when ms is null then null when ms <= 1 then 0 else least(95, ceil(4 * ln(ms) / ln(2::double precision)))::smallint end`.execute(db);
  await sql`update usage_latency set first_bytes = 0 where bucket = 95 and first_bytes <> 0`.execute(db);
}
