import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { WalletOwner } from "./money.ts";

export interface LedgerEntry {
  seq: string;
  at: Date;
  kind: string;
  /** nano-dollars; negative: out of the wallet */
  amount_nano: string;
  reason: string | null;
  ref: string;
}

/** What went into a wallet and out of it, newest first: at most `limit` entries, of those below `before`. Both ways run along an index. */
export async function ledgerOf(db: Db, owner: WalletOwner, page: { before?: string | undefined; limit: number }): Promise<LedgerEntry[]> {
  const before = page.before ?? "9223372036854775807";
  const { rows } = await sql<LedgerEntry>`
    with wallet as (select id from budgets where kind = ${owner.kind} and owner_id = ${owner.id}::bigint)
    select * from (
      (select seq, at, kind, amount_nano, reason, ref from ledger where to_budget = (select id from wallet) and seq < ${before}::bigint order by seq desc limit ${page.limit})
      union all
      (select seq, at, kind, -amount_nano, reason, ref from ledger where from_budget = (select id from wallet) and seq < ${before}::bigint order by seq desc limit ${page.limit})) moves
    order by seq desc limit ${page.limit}`.execute(db);
  return rows;
}

/** One request of an account's; undefined when it has none of that id. */
export const requestOf = (db: Db, userId: string, id: string) => db.selectFrom("requests").selectAll().where("id", "=", id).where("user_id", "=", userId).executeTakeFirst();
