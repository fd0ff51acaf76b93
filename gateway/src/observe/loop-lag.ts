/** Often enough to see what a caller feels, seldom enough to cost nothing. */
const BEAT_MS = 100;
/** The worst of one to two such spans is told: longer than a usual scrape interval. */
const SPAN_MS = 30_000;

/** Watches how late the event loop gets to its timers: what blocks it delays every request of the process. */
export class LoopLag {
  private readonly timer: ReturnType<typeof setInterval>;
  private due: number;
  private spanEnds: number;
  private worst = 0;
  private before = 0;

  /** `monotonic`: milliseconds. */
  constructor(private readonly monotonic: () => number) {
    this.due = monotonic() + BEAT_MS;
    this.spanEnds = monotonic() + SPAN_MS;
    this.timer = setInterval(() => this.beat(), BEAT_MS);
    this.timer.unref();
  }

  /** The longest delay seen lately, in seconds. */
  worstSeconds(): number {
    return Math.max(this.worst, this.before) / 1000;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private beat(): void {
    const now = this.monotonic();
    if (now >= this.spanEnds) {
      this.before = this.worst;
      this.worst = 0;
      this.spanEnds = now + SPAN_MS;
    }
    this.worst = Math.max(this.worst, now - this.due);
    this.due = now + BEAT_MS;
  }
}

