import { isDataRefusal } from "../store/database.ts";

/** Records per statement: large enough for thousands of charges a second, small enough to stay far below the statement time-out. */
const BATCH_RECORDS_MAX = 1_000;

export interface SettleSteps {
  /** brings records to the database in one transaction; rejects when it did not */
  settle(records: readonly string[]): Promise<number>;
  /** keeps a record that the database refuses; throws when it cannot be kept */
  setAside(record: string, error: unknown): void;
  /** the oldest `count` records are done: `applied` of them were new to the database */
  done(count: number, applied: number): void;
}

/**
 * Settles what `waiting` holds, oldest first, until it is empty. `done` must take the records away. A batch that the database refuses for its content is halved until the record
 * at fault stands alone; that one is set aside, and the rest goes on. Rejects with any other fault of the database (it is away, it is full): what is not done then stays as it was.
 */
export async function settleAll(waiting: () => readonly string[], steps: SettleSteps): Promise<void> {
  let size = BATCH_RECORDS_MAX;
  for (;;) {
    const batch = waiting().slice(0, size);
    const [first] = batch;
    if (first === undefined) return;
    try {
      const applied = await steps.settle(batch);
      steps.done(batch.length, applied);
      size = Math.min(size * 2, BATCH_RECORDS_MAX);
    } catch (error) {
      if (!isDataRefusal(error)) throw error;
      if (batch.length > 1) size = Math.ceil(batch.length / 2);
      else {
        steps.setAside(first, error);
        steps.done(1, 0);
      }
    }
  }
}
