import { RedisClient } from "bun";
import type { Clock } from "../clock/clock.ts";
import { LimitBook } from "../limits/limit-book.ts";
import { Limits } from "../limits/limits.ts";
import { periodStart } from "../limits/periods.ts";
import { RedisMeters } from "../limits/redis-store.ts";
import type { LimitKind, LimitRule, LimitScope } from "../limits/rule.ts";
import { type MeterStore, SharedMeters } from "../limits/shared-meters.ts";
import type { Logger } from "../observe/log.ts";
import type { Db } from "../store/database.ts";
import { adjustLimits, allLimitRules, type LimitRow, oneLimitRule, sweepLimits, takeLimits } from "../store/queries/limits.ts";
import { usedSince } from "../store/queries/usage.ts";

/** A Redis that does not answer a connection by then is away: limits go on by shares. */
const REDIS_CONNECT_MS = 1_000;
/** The most that the client takes: it goes on until it is closed. */
const REDIS_RETRIES = 4_294_967_295;
const SWEEP_MS = 600_000;
/** A store that is away is told of once a while, not for each question. */
const TOLD_EVERY_MS = 10_000;

export interface Limiting {
  limits: Limits;
  /** how many processes share the limits now */
  shareWith(processes: number): void;
  stop(): Promise<void>;
}

/** All limits, wired to their rules and to what several processes count together: Redis where there is one, else Postgres. */
export async function startLimiting(db: Db, processId: string, redisUrl: string | undefined, clock: Clock, log: Logger): Promise<Limiting> {
  const redis = redisUrl === undefined ? undefined : new RedisClient(redisUrl, { connectionTimeout: REDIS_CONNECT_MS, enableOfflineQueue: false, autoReconnect: true, maxRetries: REDIS_RETRIES });
  const redisMeters = redis && new RedisMeters(redis, processId);
  if (redisMeters && !(await redisMeters.open(REDIS_CONNECT_MS))) log.warn({}, "REDIS_URL cannot be reached; limits are divided among the processes until it can");
  const store: MeterStore = redisMeters ?? { take: (asks) => takeLimits(db, processId, asks), adjust: (changes) => adjustLimits(db, processId, changes) };
  let toldAt = Number.NEGATIVE_INFINITY;
  const shared = new SharedMeters(store, clock, (error) => {
    if (clock.monotonic() - toldAt < TOLD_EVERY_MS) return;
    toldAt = clock.monotonic();
    log.warn({ error: String(error) }, "the store of limits is away; they are divided among the processes");
  });
  const book = new LimitBook(clock, (meter, kind, period) => usedSince(db, meter.scope, meter.subject, meter.kind === "requestsPerDay" ? "requests" : "spend", new Date(periodStart(kind, period))), shared);
  const limits = new Limits({ all: async () => (await allLimitRules(db)).map(({ id, rule }) => ({ id, rule: ruleOf(rule) })), one: async (id) => oneLimitRule(db, id).then((row) => row && ruleOf(row)) }, book, clock);
  limits.start();
  const sweep = setInterval(() => void sweepLimits(db).catch(() => undefined), SWEEP_MS);
  return {
    limits,
    shareWith: (processes) => (shared.processes = processes),
    async stop() {
      clearInterval(sweep);
      await limits.stop();
      await redisMeters?.stop();
    },
  };
}

function ruleOf({ scope, subject, setBy, ...max }: LimitRow): LimitRule {
  const set = Object.entries(max).filter((entry): entry is [LimitKind, number] => entry[1] !== undefined);
  return { scope: scope as LimitScope, subject, own: setBy === "owner", max: Object.fromEntries(set) };
}
