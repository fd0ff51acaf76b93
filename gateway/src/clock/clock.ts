/** Time comes in from outside, so that tests move it by hand. */
export interface Clock {
  /** wall clock, Unix milliseconds */
  now(): number;
  /** monotonic milliseconds with fractions, for durations and deadlines */
  monotonic(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };
