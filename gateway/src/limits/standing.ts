import type { Meter, Moment } from "./meter.ts";
import type { LimitKind } from "./rule.ts";

/** What is left of one limit. */
export interface Left {
  limit: number;
  remaining: number;
  /** milliseconds until nothing is used, if nothing more is */
  resetMs: number;
}

/** What is left of the tightest limit of requests and of tokens among those of a request. */
export interface Standing {
  requests?: Left;
  tokens?: Left;
}

export function standingOf(meters: readonly Meter[], at: Moment): Standing {
  const requests = tightest(meters, at, "requestsPerMinute") ?? tightest(meters, at, "requestsPerDay");
  const tokens = tightest(meters, at, "tokensPerMinute");
  return { ...(requests ? { requests } : {}), ...(tokens ? { tokens } : {}) };
}

function tightest(meters: readonly Meter[], at: Moment, kind: LimitKind): Left | undefined {
  let found: Left | undefined;
  for (const meter of meters) {
    if (meter.kind !== kind || meter.scope === "channel") continue;
    // Of several processes the store's last word counts, less what this one has in hand.
    const used = meter.lease ? Math.max(meter.used(at), meter.lease.usedByAll - meter.lease.free) : meter.used(at);
    const remaining = Math.max(0, meter.max - used);
    if (!found || remaining < found.remaining) found = { limit: meter.max, remaining, resetMs: meter.resetMs(at) };
  }
  return found;
}
