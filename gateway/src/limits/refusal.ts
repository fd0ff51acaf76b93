import { GatewayError } from "../errors/gateway-error.ts";
import type { Refused } from "./limit-book.ts";
import type { LimitKind, LimitScope } from "./rule.ts";

const NANO_PER_USD = 1e9;

const WHOSE: Record<Exclude<LimitScope, "channel">, string> = { key: "this API key", user: "this account", organisation: "this organisation", group: "this API key's group", model: "this model" };
const WHAT: Record<LimitKind, (max: number) => string> = {
  requestsPerMinute: (max) => `${max} requests per minute`,
  tokensPerMinute: (max) => `${max} tokens per minute`,
  requestsPerDay: (max) => `${max} requests per day (UTC)`,
  concurrency: (max) => `${max} requests at a time`,
  spendPerDay: (max) => `$${max / NANO_PER_USD} per day (UTC)`,
  spendPerMonth: (max) => `$${max / NANO_PER_USD} per month (UTC)`,
};

/** What a caller is told who met a limit. A channel is ours alone: its limits have no words for callers. */
export function limitError({ refused, units, waitMs }: Refused, headers: Readonly<Record<string, string>> = {}): GatewayError {
  const { scope, kind, max } = refused;
  const never = !Number.isFinite(waitMs);
  const retry = never ? {} : { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
  const internalText = `limit of ${refused.name}: ${max}`;
  if (scope === "channel") return new GatewayError("rateLimited", { internalText, retryAfterSeconds: 1, ...retry });
  const limit = `The limit of ${WHOSE[scope]} is ${WHAT[kind](max)}`;
  if (kind === "spendPerDay" || kind === "spendPerMonth") return new GatewayError("spendLimit", { internalText, publicText: `${limit}.`, ...retry, headers });
  if (never && max > 0) return new GatewayError("beyondLimit", { internalText, publicText: `${limit}; this request alone needs ${units}.`, headers });
  if (never) return new GatewayError("beyondLimit", { internalText, publicText: `${limit}.`, headers });
  return new GatewayError("rateLimited", { internalText, publicText: `${limit}. Try again in ${retry.retryAfterSeconds ?? 1} s.`, ...retry, headers });
}
