import type { Db } from "../../store/database.ts";
import { userNames } from "../../store/queries/accounts.ts";
import { keyNames } from "../../store/queries/keys.ts";

/** Names that rows refer to by id. */
export interface RowNames {
  users: ReadonlyMap<string, string>;
  keys: ReadonlyMap<string, string>;
}

/** The names of the accounts and keys of which rows speak. */
export async function namesOf(db: Db, rows: readonly { user_id: string | null; key_id: string | null }[]): Promise<RowNames> {
  const idsOf = (ids: readonly (string | null)[]): string[] => [...new Set(ids.flatMap((id) => id ?? []))];
  const [keys, users] = await Promise.all([keyNames(db, idsOf(rows.map((row) => row.key_id))), userNames(db, idsOf(rows.map((row) => row.user_id)))]);
  return { keys, users };
}
