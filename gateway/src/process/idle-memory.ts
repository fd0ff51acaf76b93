/** How often it is looked whether there is nothing to do. */
const LOOK_MS = 2_000;
/** A monitor's questions are no work. */
const IDLE_DONE_MAX = 10;
/** Less than this is not worth a collection, which takes some 30 ms. */
const GROWN_BYTES_MIN = 16 * 1024 * 1024;

/** What the process does, as far as its memory goes. */
export interface Work {
  /** things done since the start: a number that grows with each */
  done(): number;
  /** things under way */
  underWay(): number;
  /** resident memory, in bytes */
  resident(): number;
}

/**
 * Gives memory back to the system while there is nothing to do. Under load it is kept (`npm start` has the allocator wait 30 s instead of a moment): pages that are given back and
 * taken again with every collection cost a tenth of a request's processor time. `collect` frees what is unused, all of it.
 */
export class IdleMemory {
  private readonly timer: ReturnType<typeof setInterval>;
  private seen = -1;
  private least = 0;

  constructor(
    private readonly work: Work,
    private readonly collect: () => void,
  ) {
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.timer.unref();
  }

  /** Called by the timer, and by tests. */
  look(): void {
    const done = this.work.done();
    const idle = this.seen >= 0 && done - this.seen <= IDLE_DONE_MAX && this.work.underWay() === 0;
    this.seen = done;
    if (!idle || this.work.resident() - this.least < GROWN_BYTES_MIN) return;
    this.collect();
    this.least = this.work.resident();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
