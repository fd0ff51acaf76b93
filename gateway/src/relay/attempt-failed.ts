import { UpstreamFailure } from "../egress/upstream.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import type { FaultKind } from "../vendors/_kit/adapter.ts";

/** Why one attempt came to nothing. `answer` is the vendor's own refusal, when it is the caller's to read. */
export class AttemptFailed extends Error {
  /** what the vendor says it has consumed all the same: it may bill that */
  usage: Usage | undefined;
  /** our own program failed at it: that says nothing of the channel */
  ours = false;

  constructor(
    readonly kind: FaultKind | "network" | "timeout" | "aborted" | "stopping",
    message: string,
    readonly status?: number,
    readonly retryAfter?: number,
    readonly answer?: { status: number; body: string; contentType: string; policy?: boolean },
  ) {
    super(message);
  }

  /** Whether the fault is that of one credential: the channel's others may still serve. */
  get ofCredential(): boolean {
    return this.kind === "auth" || this.kind === "no_balance" || this.kind === "rate_limited" || this.kind === "denied";
  }
}

/** Anything thrown while reading from a vendor, as a failed attempt. */
export function failed(error: unknown): AttemptFailed {
  if (error instanceof AttemptFailed) return error;
  if (!(error instanceof UpstreamFailure)) {
    const failure = new AttemptFailed("server", error instanceof Error ? error.message : String(error));
    failure.ours = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
    return failure;
  }
  if (error.reason === "too_large") return new AttemptFailed("server", error.message);
  return new AttemptFailed(error.reason, error.message);
}
