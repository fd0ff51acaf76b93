import type { Exchange } from "../http/connection.ts";
import { Histogram } from "../measure/histogram.ts";
import type { LoadResult } from "./job.ts";

/** Adds up exchanges to a result. */
export class Tally {
  readonly #total = new Histogram();
  readonly #firstByte = new Histogram();
  readonly #served = new Histogram();
  readonly #gaps = new Histogram();
  readonly #failures: Record<string, number> = {};
  readonly #began = performance.now();
  #ended = this.#began;
  #succeeded = 0;
  #failed = 0;
  #bodyBytes = 0;
  #events = 0;
  #reads = 0;

  /** Failed exchanges so far. */
  get failed(): number {
    return this.#failed;
  }

  /** Adds a finished exchange; `lateBy` microseconds are added to its latencies (it should have been sent earlier). */
  add(exchange: Exchange, lateBy = 0): void {
    this.#ended = performance.now();
    this.#bodyBytes += exchange.bodyBytes;
    this.#events += exchange.events;
    this.#reads += exchange.reads;
    const status = exchange.head?.status;
    if (exchange.failure === undefined && status === 200) {
      this.#succeeded++;
      this.#total.record(exchange.total + lateBy);
      this.#served.record(exchange.total);
      this.#firstByte.record(exchange.firstByte + lateBy);
      return;
    }
    this.#failed++;
    const reason = exchange.failure ?? `status ${status}`;
    this.#failures[reason] = (this.#failures[reason] ?? 0) + 1;
  }

  /** Adds the arrival of events of one stream, `gap` microseconds after those before. */
  addEvents(events: number, gap: number | undefined): void {
    if (gap !== undefined) this.#gaps.record(gap);
    if (events > 1) this.#gaps.record(0, events - 1);
  }

  /** The sum so far. */
  result(): LoadResult {
    return {
      succeeded: this.#succeeded,
      failed: this.#failed,
      failures: this.#failures,
      seconds: (this.#ended - this.#began) / 1000,
      bodyBytes: this.#bodyBytes,
      events: this.#events,
      reads: this.#reads,
      total: this.#total.toData(),
      firstByte: this.#firstByte.toData(),
      served: this.#served.toData(),
      gaps: this.#gaps.toData(),
    };
  }
}
