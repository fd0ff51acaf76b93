import type { Clock } from "../clock/clock.ts";

/** How exactly a deadline is kept, and how soon it is noticed that a caller has left. One timer looks after thousands of calls, instead of a timer and a listener each. */
const TICK_MS = 50;

/** Something to be stopped when its time is over. */
export interface Watch {
  /** monotonic milliseconds; move it forward as bytes arrive */
  deadline: number;
  expired(): void;
  /** Looked at each tick: something else that may end it. */
  tick?(): void;
  /** The process stops and will wait no longer. */
  stopped?(): void;
}

/** All running upstream calls, looked at by one timer that runs only while there are any. */
export class Deadlines {
  private readonly watches = new Set<Watch>();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly clock: Clock) {}

  add(watch: Watch): void {
    this.watches.add(watch);
    this.timer ??= setInterval(() => this.tick(), TICK_MS);
  }

  remove(watch: Watch): void {
    this.watches.delete(watch);
  }

  /** Ends everything: the process stops. */
  endAll(): void {
    for (const watch of this.watches) {
      if (watch.stopped) watch.stopped();
      else {
        this.remove(watch);
        watch.expired();
      }
    }
  }

  get size(): number {
    return this.watches.size;
  }

  /** Ends what is overdue; called by the timer, and by tests after moving their clock. */
  tick(): void {
    const now = this.clock.monotonic();
    for (const watch of this.watches) {
      watch.tick?.();
      if (watch.deadline > now || !this.watches.has(watch)) continue;
      this.remove(watch);
      watch.expired();
    }
    if (this.watches.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
