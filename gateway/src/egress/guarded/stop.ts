import type { Clock } from "../../clock/clock.ts";
import type { Deadlines, Watch } from "../deadlines.ts";
import { GatewayError } from "../../errors/gateway-error.ts";

/** Ends a fetch from outside: when its time is over, when the caller has left, or when another fetch of the same request failed. */
export class Stop implements Watch {
  deadline: number;
  private readonly last: number;
  private readonly gate = Promise.withResolvers<never>();

  /** `totalMs`: how long all of it may take; `left`: whether the caller has gone. */
  constructor(
    private readonly deadlines: Deadlines,
    private readonly clock: Clock,
    totalMs: number,
    private readonly left: () => boolean,
  ) {
    this.last = clock.monotonic() + totalMs;
    this.deadline = this.last;
    this.gate.promise.catch(() => {});
    deadlines.add(this);
  }

  /** What it is waited for, or the reason to stop, whichever comes first. */
  race<T>(wanted: Promise<T>): Promise<T> {
    return Promise.race([wanted, this.gate.promise]);
  }

  /** Something must happen within so many milliseconds; undefined: at the very end. */
  within(ms: number | undefined): void {
    this.deadline = ms === undefined ? this.last : Math.min(this.last, this.clock.monotonic() + ms);
  }

  /** Ends it. Must be called when the fetch has ended by itself too, so that nothing watches it any more. */
  stop(reason: GatewayError): void {
    this.deadlines.remove(this);
    this.gate.reject(reason);
  }

  /** Called by Deadlines. */
  tick(): void {
    if (this.left()) this.stop(new GatewayError("mediaDownload", { internalText: "the caller left" }));
  }

  /** Called by Deadlines. */
  stopped(): void {
    this.stop(new GatewayError("shuttingDown"));
  }

  /** Called by Deadlines. */
  expired(): void {
    this.stop(new GatewayError("mediaDownload", { publicText: "The media could not be downloaded from its address in time." }));
  }
}
