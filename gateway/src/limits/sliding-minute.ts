/** Seconds of the window, and one more: what was used within a second may have been used at its end. */
const SECONDS = 61;

/**
 * What was used in the last 60 seconds, by the second: no 60 seconds ever hold more than was let through, whatever second they begin in. What was used is
 * free again 60 to 61 seconds later. Times are monotonic milliseconds that never go back.
 */
export class SlidingMinute {
  private readonly used = new Float64Array(SECONDS);
  private newest = 0;
  private sum = 0;

  total(nowMs: number): number {
    this.advance(Math.floor(nowMs / 1000));
    return this.sum;
  }

  /** Adds units (or takes them back) where they were used; what has left the window is not touched. */
  add(units: number, nowMs: number, usedAtMs = nowMs): void {
    this.advance(Math.floor(nowMs / 1000));
    const second = Math.floor(usedAtMs / 1000);
    if (second <= this.newest - SECONDS) return;
    const slot = second % SECONDS;
    const before = this.used[slot] as number;
    this.used[slot] = Math.max(0, before + units);
    this.sum += (this.used[slot] as number) - before;
  }

  /** Milliseconds until `units` fit below `max`; infinite when they never do. */
  waitMs(units: number, max: number, nowMs: number): number {
    if (units > max) return Number.POSITIVE_INFINITY;
    let total = this.total(nowMs);
    if (total + units <= max) return 0;
    for (let second = this.newest - SECONDS + 1; second <= this.newest; second += 1) {
      total -= this.used[((second % SECONDS) + SECONDS) % SECONDS] as number;
      if (total + units <= max) return (second + SECONDS) * 1000 - nowMs;
    }
    return SECONDS * 1000;
  }

  private advance(second: number): void {
    if (second <= this.newest) return;
    const from = Math.max(this.newest + 1, second - SECONDS + 1);
    for (let passed = from; passed <= second; passed += 1) {
      this.sum -= this.used[passed % SECONDS] as number;
      this.used[passed % SECONDS] = 0;
    }
    this.newest = second;
    // Fractions of tokens do not occur, but a sum that errs must not err for ever.
    if (second - from >= SECONDS - 1) this.sum = 0;
  }
}
