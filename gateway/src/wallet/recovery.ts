import { readLeftovers, removeLeftover } from "./journal.ts";
import type { SetAside } from "./set-aside.ts";
import { settleAll } from "./settle-all.ts";

export interface Recovery {
  files: number;
  records: number;
  /** records that Postgres did not know yet */
  applied: number;
  damagedLines: number;
  /** records that Postgres refuses: kept beside the journals, see SetAside */
  setAside: number;
}

/**
 * Applies what killed processes left in the journal folder, then frees their leases. Runs before the first request is taken.
 * `alive` are the processes of this host that still write their own journals. Rejects when the database is away: the journals stay.
 */
export async function recoverJournals(
  folder: string,
  alive: ReadonlySet<string>,
  store: {
    settleBatch(processId: string, records: readonly string[]): Promise<number>;
    removeProcess(processId: string): Promise<void>;
  },
  aside: SetAside,
): Promise<Recovery> {
  const recovery: Recovery = { files: 0, records: 0, applied: 0, damagedLines: 0, setAside: 0 };
  for (const leftover of readLeftovers(folder, alive)) {
    let at = 0;
    await settleAll(() => leftover.records.slice(at), {
      settle: (records) => store.settleBatch(leftover.processId, records),
      setAside: (record, error) => {
        aside.add(leftover.processId, record, error instanceof Error ? error.message : String(error));
        recovery.setAside += 1;
      },
      done: (count, applied) => {
        at += count;
        recovery.applied += applied;
      },
    });
    recovery.files += 1;
    recovery.records += leftover.records.length;
    recovery.damagedLines += leftover.damagedLines;
    removeLeftover(leftover);
    await store.removeProcess(leftover.processId);
  }
  return recovery;
}
