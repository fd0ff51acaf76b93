import { readLeftovers, removeLeftover } from "./journal.ts";

/** Records per statement while a leftover journal is applied. */
const RECOVERY_BATCH_RECORDS = 1_000;

export interface Recovery {
  files: number;
  records: number;
  /** records that Postgres did not know yet */
  applied: number;
  damagedLines: number;
}

/**
 * Applies what killed processes left in the journal folder, then frees their leases. Runs before the first request is taken.
 * `alive` are the processes of this host that still write their own journals.
 */
export async function recoverJournals(
  folder: string,
  alive: ReadonlySet<string>,
  store: {
    settleBatch(processId: string, records: readonly string[]): Promise<number>;
    removeProcess(processId: string): Promise<void>;
  },
): Promise<Recovery> {
  const recovery: Recovery = { files: 0, records: 0, applied: 0, damagedLines: 0 };
  for (const leftover of readLeftovers(folder, alive)) {
    for (let at = 0; at < leftover.records.length; at += RECOVERY_BATCH_RECORDS)
      recovery.applied += await store.settleBatch(leftover.processId, leftover.records.slice(at, at + RECOVERY_BATCH_RECORDS));
    recovery.files += 1;
    recovery.records += leftover.records.length;
    recovery.damagedLines += leftover.damagedLines;
    removeLeftover(leftover);
    await store.removeProcess(leftover.processId);
  }
  return recovery;
}
