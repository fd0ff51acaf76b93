import type { Clock } from "../clock/clock.ts";
import type { Logger } from "../observe/log.ts";
import type { Db } from "../store/database.ts";
import { countProcesses, heartbeat, registerProcess, removeProcess, sweepProcesses } from "../store/queries/money.ts";
import type { LeaseBook } from "../wallet/lease-book.ts";

const HEARTBEAT_MS = 2_500;
/** A process unseen for this long is dead: twice the time after which it itself stops spending its leases (lease-book.ts). */
const DEAD_AFTER_MS = 30_000;

/** Keeps this process's row alive, which its leases hang on; frees the leases of processes that died. */
export class Presence {
  private timer: ReturnType<typeof setInterval> | undefined;
  /** told how many processes live, this one included */
  onCount: (processes: number) => void = () => undefined;

  constructor(
    private readonly db: Db,
    private readonly processId: string,
    private readonly leases: LeaseBook,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    await registerProcess(this.db, this.processId);
    await this.beat();
    this.timer = setInterval(() => void this.beat().catch((error) => this.log.warn({ error: String(error) }, "the database does not answer")), HEARTBEAT_MS);
  }

  /** `settled`: nothing is left in the journal, so the leases may be freed at once; else the next start frees them after applying it. */
  async stop(settled: boolean): Promise<void> {
    clearInterval(this.timer);
    if (settled) await removeProcess(this.db, this.processId).catch(() => undefined);
  }

  private async beat(): Promise<void> {
    const asked = this.clock.monotonic();
    if (!(await heartbeat(this.db, this.processId))) {
      this.log.warn({ processId: this.processId }, "this process had been given up; its leases are taken anew");
      this.leases.forgetLeases();
      await registerProcess(this.db, this.processId);
    }
    this.leases.confirm(asked);
    await sweepProcesses(this.db, DEAD_AFTER_MS);
    this.leases.processes = Math.max(1, await countProcesses(this.db));
    this.onCount(this.leases.processes);
    await this.leases.giveBack();
  }
}
