import type { Clock } from "./clock.ts";

/** A clock that stands still until `advance`d (milliseconds). */
export class FakeClock implements Clock {
  private current: number;
  private elapsed = 0;

  constructor(startUnixMs = Date.UTC(2026, 0, 1)) {
    this.current = startUnixMs;
  }

  now(): number {
    return this.current;
  }

  monotonic(): number {
    return this.elapsed;
  }

  advance(ms: number): void {
    this.current += ms;
    this.elapsed += ms;
  }
}
