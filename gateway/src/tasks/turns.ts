import type { Clock } from "../clock/clock.ts";
import type { Turn } from "../store/queries/tasks.ts";

/** Steps under way in one process. A step waits for a vendor nearly all its time. */
const AT_ONCE = 256;
/** Of them, of one lane (an account at a vendor): a slow one leaves the rest to the others. */
const LANE_AT_ONCE = 64;
/** Taken of a lane at a time. A lane gets more only while it has at most as many under way that these still fit. */
const LANE_TAKEN_MAX = LANE_AT_ONCE / 2;
/** How often due turns are looked for. A look that finds nothing reads one index entry per lane. */
const LOOK_MS = 200;
/** Looks begin this far apart, so that what becomes due meanwhile is taken together: with a few hundred submits a second every look would find one or two, and leave the database to nobody else. */
const LOOKS_APART_MS = 10;
/** A turn is somebody else's after this; longer than six looks and the copying of outputs, and so than any step but a synchronous vendor's, which asks for more itself. */
export const LEASE_MS = 240_000;
/** A look that failed (the database is away) is repeated after this. */
const FAILED_LOOK_MS = 1_000;

export interface TurnSource {
  claim(want: { nowMs: number; leaseMs: number; most: number; laneMost: number; full: readonly string[] }): Promise<Turn[]>;
  /** Does the steps of turns that were taken; each settles when it is done, and never rejects. */
  steps(turns: readonly Turn[]): Promise<void>[];
}

/**
 * Takes turns that are due and has their steps done, some at a time. A turn is one narrow row, a batch of them one statement, every lane gets its share, and the fence says whose word counts
 * (why this is no library's: ARCHITECTURE.md, "The way of a task").
 */
export class TurnTaker {
  private running = 0;
  private readonly lanes = new Map<string, number>();
  private stopped = false;
  /** something has become due since the last look began */
  private woken = false;
  private wakeUp: (() => void) | undefined;
  private loop: Promise<void> | undefined;
  private idle: (() => void) | undefined;

  constructor(
    private readonly source: TurnSource,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {}

  start(): void {
    this.loop = this.run();
  }

  /** Something is due now. */
  wake(): void {
    this.woken = true;
    this.wakeUp?.();
  }

  /**
   * Room for a turn that need not be claimed, since its task is only being accepted; undefined: it is left to be claimed like others. What is given is called when its step is over. Half of all room, and of a lane's, stays for turns
   * that are due, so that many new tasks hold up no old one.
   */
  take(lane: string): (() => void) | undefined {
    if (this.loop === undefined || this.stopped || this.running >= AT_ONCE / 2 || (this.lanes.get(lane) ?? 0) >= LANE_AT_ONCE - LANE_TAKEN_MAX) return undefined;
    this.count(lane, 1);
    return () => this.over(lane);
  }

  /** Takes no more turns; resolves when the steps under way are done, or after `waitMs`: their turns are taken by others later. */
  async stop(waitMs: number): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.loop;
    if (this.running > 0) await Promise.race([new Promise<void>((resolve) => (this.idle = resolve)), Bun.sleep(waitMs)]);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const begun = performance.now();
      let found: number | undefined;
      this.woken = false;
      try {
        found = await this.look();
      } catch (error) {
        this.failed(error);
      }
      if (found === undefined) await this.rest(FAILED_LOOK_MS);
      else if ((found === 0 || this.running >= AT_ONCE) && !this.woken) await this.rest(LOOK_MS);
      const early = LOOKS_APART_MS - (performance.now() - begun);
      if (early > 0 && !this.stopped) await Bun.sleep(early);
    }
  }

  private async look(): Promise<number> {
    const most = AT_ONCE - this.running;
    if (most === 0) return 0;
    const full = [...this.lanes].filter(([, count]) => count > LANE_AT_ONCE - LANE_TAKEN_MAX).map(([lane]) => lane);
    const turns = await this.source.claim({ nowMs: this.clock.now(), leaseMs: LEASE_MS, most, laneMost: LANE_TAKEN_MAX, full });
    for (const turn of turns) this.count(turn.lane, 1);
    for (const [index, step] of this.source.steps(turns).entries())
      void step.finally(() => this.over(turns[index]?.lane ?? ""));
    return turns.length;
  }

  private over(lane: string): void {
    this.count(lane, -1);
    this.wake();
    if (this.running === 0) this.idle?.();
  }

  private count(lane: string, by: number): void {
    this.running += by;
    const count = (this.lanes.get(lane) ?? 0) + by;
    if (count === 0) this.lanes.delete(lane);
    else this.lanes.set(lane, count);
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.wakeUp = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wakeUp = done;
    });
  }
}
