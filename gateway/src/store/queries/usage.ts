import { sql } from "kysely";
import type { Db } from "../database.ts";

const COLUMNS: Record<string, string> = { key: "key_id", user: "user_id", organisation: "organisation_id", group: "group_name", model: "model", channel: "channel" };

/** What a subject has used since a moment: requests that were let in, or their charges in nano-dollars. */
export async function usedSince(db: Db, scope: string, subject: string, what: "requests" | "spend", since: Date): Promise<number> {
  const column = COLUMNS[scope];
  if (column === undefined) return 0;
  const value = what === "requests" ? sql`count(*) filter (where end_reason <> 'rejected')` : sql`coalesce(sum(charge_nano), 0)`;
  const { rows } = await sql<{ used: string }>`select ${value} as used from requests where ${sql.ref(column)}::text = ${subject} and at >= ${since}`.execute(db);
  return Number(rows[0]?.used ?? 0);
}
