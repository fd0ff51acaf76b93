import type { Clock } from "../clock/clock.ts";
import type { Journal } from "./journal.ts";

/** Records per statement: large enough for thousands of charges a second, small enough to stay far below the statement time-out. */
const BATCH_RECORDS_MAX = 1_000;
/** A record waits at most this long for company: the cost of a batch hardly grows with its size. */
const BATCH_DELAY_MS = 100;
/** First wait after a failed batch, doubled up to the maximum. */
const RETRY_DELAY_MS_MIN = 100;
const RETRY_DELAY_MS_MAX = 5_000;

/** Brings journal records to the database: in order, in batches, again and again until it has them. */
export class Settler {
  private queue: string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  private retryDelayMs = RETRY_DELAY_MS_MIN;
  private stopped = false;
  committedTotal = 0;

  constructor(
    private readonly journal: Journal,
    private readonly settleBatch: (records: readonly string[]) => Promise<number>,
    private readonly onError: (error: unknown) => void,
    private readonly clock: Clock,
  ) {
    journal.onWritten = (records) => this.written(records);
  }

  /** Records appended and not yet in the database. */
  get pending(): number {
    return this.queue.length;
  }

  /** Monotonic time since which something is waiting, for a stuck-settlement gauge. */
  waitingSince: number | undefined;

  /** Journals a record, then lets it wait for its batch. Rejects when the journal cannot be written. */
  add(json: string): Promise<void> {
    return this.journal.append(json);
  }

  /** The journal has written records, in this order. */
  private written(records: readonly string[]): void {
    for (const json of records) this.queue.push(json);
    this.waitingSince ??= this.clock.monotonic();
    if (!this.running && !this.timer) this.timer = setTimeout(() => this.run(), BATCH_DELAY_MS);
  }

  /** Resolves when everything added so far is in the database, or when `limitMs` is over. Gives whether all is. */
  async drain(limitMs: number): Promise<boolean> {
    const deadline = this.clock.monotonic() + limitMs;
    while (this.queue.length > 0 && this.clock.monotonic() < deadline) {
      this.run();
      await Promise.race([this.running, Bun.sleep(Math.max(1, deadline - this.clock.monotonic()))]);
    }
    return this.queue.length === 0;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private run(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.work().finally(() => {
      this.running = undefined;
      if (this.queue.length > 0 && !this.stopped) this.timer = setTimeout(() => this.run(), this.retryDelayMs === RETRY_DELAY_MS_MIN ? BATCH_DELAY_MS : this.retryDelayMs);
      else this.waitingSince = undefined;
    });
  }

  private async work(): Promise<void> {
    while (this.queue.length > 0) {
      const batch = this.queue.slice(0, BATCH_RECORDS_MAX);
      try {
        await this.settleBatch(batch);
      } catch (error) {
        this.onError(error);
        this.retryDelayMs = Math.min(this.retryDelayMs * 2, RETRY_DELAY_MS_MAX);
        return;
      }
      this.retryDelayMs = RETRY_DELAY_MS_MIN;
      this.queue.splice(0, batch.length);
      this.committedTotal += batch.length;
      this.journal.applied(batch.length);
    }
  }
}
