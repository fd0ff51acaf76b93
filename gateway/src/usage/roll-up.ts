import type { Logger } from "../observe/log.ts";
import type { Db } from "../store/database.ts";
import { sweepCaptured } from "../store/queries/capture.ts";
import { addUpUsage, pruneHours, pruneRequests } from "../store/queries/usage.ts";

/** How old the sums may be, unless somebody asks for them. */
const ADD_UP_MS = 5_000;
/** How often what has reached its age is removed. */
const PRUNE_MS = 3_600_000;
/** Sums by the hour are kept this long; those by the day for ever. */
const HOURS_KEPT_DAYS = 92;
const DAY_MS = 86_400_000;

/** Adds the request log up, beside the way of requests. Every process tries; one at a time does it, and a mark says how far it has come. */
export class RollUp {
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly db: Db,
    private readonly log: Logger,
    /** how long the request log is kept; 0: for ever */
    private readonly logDays: number,
    private readonly now: () => number,
  ) {}

  start(): void {
    const quietly = (work: () => Promise<unknown>, what: string) => (): void => void work().catch((error: unknown) => this.log.warn({ error: String(error) }, what));
    this.timers.push(setInterval(quietly(() => this.addUp(), "usage could not be added up; it is tried again"), ADD_UP_MS));
    const prune = quietly(() => this.prune(), "old rows could not be removed; it is tried again");
    this.timers.push(setInterval(prune, PRUNE_MS));
    prune();
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.running?.catch(() => undefined);
  }

  /** Brings the sums up to what is in the log now. Rejects when the database does not answer. */
  addUp(): Promise<void> {
    this.running ??= addUpUsage(this.db).finally(() => (this.running = undefined));
    return this.running;
  }

  /** Removes what has reached its age: captured bodies, rows of the log that are in the sums, and sums by the hour. */
  async prune(): Promise<void> {
    const now = this.now();
    await sweepCaptured(this.db);
    await pruneHours(this.db, new Date(now - HOURS_KEPT_DAYS * DAY_MS));
    if (this.logDays > 0) await pruneRequests(this.db, new Date(now - this.logDays * DAY_MS));
  }
}
