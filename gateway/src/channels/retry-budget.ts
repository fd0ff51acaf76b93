/** A request goes to at most this many targets, however many there are. */
export const ATTEMPTS_PER_REQUEST_MAX = 6;
/** Retries may add this share to the traffic: when everything fails, the vendors see little more than without retries. */
const RETRY_SHARE = 0.2;
/** Retries that are free at any time, so that a quiet gateway can always fail over. */
const RETRIES_SAVED_MAX = 50;

/** Bounds retries over all requests of a process: each first attempt earns a share of one, each retry spends one. */
export class RetryBudget {
  private saved = RETRIES_SAVED_MAX;

  firstAttempt(): void {
    this.saved = Math.min(RETRIES_SAVED_MAX, this.saved + RETRY_SHARE);
  }

  /** The channels were changed by an operator: what failed before says little about what comes. */
  refill(): void {
    this.saved = RETRIES_SAVED_MAX;
  }

  /** Whether one more attempt may be made; counts it. */
  retry(): boolean {
    if (this.saved < 1) return false;
    this.saved -= 1;
    return true;
  }
}
