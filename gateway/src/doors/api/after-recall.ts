import type { Db } from "../../store/database.ts";
import { ensureBudget, recallLeases, type WalletOwner } from "../../store/queries/money.ts";

/** How long processes get to give back what they have leased of a wallet and do not need. */
const RECALL_MS = 500;
/** No process: all are asked. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** Moves what a wallet has free. Where what is leased stands in the way, processes are asked to give back at once what they have set aside of it and do not need, and it is tried once more. */
export async function afterRecall<Result>(db: Db, owner: WalletOwner, move: () => Promise<Result>, leasedNano: (result: Result) => bigint): Promise<Result> {
  const result = await move();
  if (leasedNano(result) <= 0n) return result;
  await recallLeases(db, NOBODY, Number(await ensureBudget(db, owner.kind, owner.id)));
  await Bun.sleep(RECALL_MS);
  return move();
}
