import type { Clock } from "../clock/clock.ts";
import type { Journal } from "./journal.ts";
import type { SetAside } from "./set-aside.ts";
import { settleAll } from "./settle-all.ts";

/** A record waits at most this long for company: the cost of a batch hardly grows with its size. */
const BATCH_DELAY_MS = 100;
/** First wait after a failed batch, doubled up to the maximum. */
const RETRY_DELAY_MS_MIN = 100;
const RETRY_DELAY_MS_MAX = 5_000;
/** Records have what their callers said of them: those that the database has do not stay in a file for longer. */
const JOURNAL_RENEWED_MS = 3_600_000;

/** What a settler tells of its troubles. */
export interface SettlerTroubles {
  /** a batch did not go through; it is tried again */
  failed(error: unknown): void;
  /** the database refuses a record for what it holds; it was set aside */
  setAside(error: unknown, record: string): void;
}

/** Brings journal records to the database: in order, in batches, again and again until it has them. One that the database will never take is set aside. */
export class Settler {
  private queue: string[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly renewal: ReturnType<typeof setInterval>;
  private running: Promise<void> | undefined;
  private retryDelayMs = RETRY_DELAY_MS_MIN;
  private stopped = false;
  committedTotal = 0;
  setAsideTotal = 0;

  constructor(
    private readonly journal: Journal,
    private readonly settleBatch: (records: readonly string[]) => Promise<number>,
    private readonly aside: SetAside,
    private readonly processId: string,
    private readonly troubles: SettlerTroubles,
    private readonly clock: Clock,
    renewedMs = JOURNAL_RENEWED_MS,
  ) {
    journal.onWritten = (records) => this.written(records);
    this.renewal = setInterval(() => journal.renew(), renewedMs);
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
    clearInterval(this.renewal);
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
    try {
      await settleAll(() => this.queue, {
        settle: this.settleBatch,
        setAside: (record, error) => {
          this.aside.add(this.processId, record, error instanceof Error ? error.message : String(error));
          this.setAsideTotal += 1;
          this.committedTotal -= 1;
          this.troubles.setAside(error, record);
        },
        done: (count) => {
          this.retryDelayMs = RETRY_DELAY_MS_MIN;
          this.queue.splice(0, count);
          this.committedTotal += count;
          this.journal.applied(count);
        },
      });
    } catch (error) {
      this.retryDelayMs = Math.min(this.retryDelayMs * 2, RETRY_DELAY_MS_MAX);
      this.troubles.failed(error);
    }
  }
}
