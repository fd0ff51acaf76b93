import { type Acceptance, claimTurns, FIRST_FENCE, freeTurns, type NewTask, noteCancel, noteLate, restTask, taskLooks, tasksById, tellTasks, type Turn } from "../store/queries/tasks.ts";
import { cancelled, expire, mayBeFound } from "./ends.ts";
import { locate, lost, PARKED_PAUSE_MS, search } from "./lost.ts";
import { Moves } from "./moves.ts";
import { News } from "./news.ts";
import { askOn, askToStop, carryOn, look, pauseMs, takeReading } from "./reading.ts";
import type { TaskServices } from "./services.ts";
import { placeOf, type Step } from "./step.ts";
import { submit } from "./submit.ts";
import { copyRest } from "./succeed.ts";
import { type LookedAt, lookedAtOf, type Task, taskOf } from "./task.ts";
import { LEASE_MS, TurnTaker } from "./turns.ts";

/** A step that failed for a reason of ours is repeated after this. */
const FAULT_PAUSE_MS = 5_000;
/** How often turns of ended processes are looked for. */
const FREE_MS = 5_000;

/**
 * Which way a task goes.
 *
 *   accept    price, hold, row and first turn in one transaction                                          accept.ts, accept_tasks
 *   turn      whoever takes a due turn does the task's next step; a fence says whose word counts          turns.ts, claim_turns
 *   submit    marked as being sent, then sent, to one target after the other under the same hold          submit.ts
 *   look      the vendor is asked at its own pace; only its word or the deadline ends a task              reading.ts
 *   unclear   the answer to an order was lost: it is looked for, never sent again blindly                 lost.ts
 *   end       outputs copied; state, charge or release, log row and notice in one transaction             succeed.ts, ends.ts, end_tasks
 *
 * The row is the truth. A process may die at any point: its turn becomes due again, and what it had begun is found in the row.
 */
export class TaskEngine {
  readonly moves: Moves;
  private readonly turns: TurnTaker;
  private readonly news: News;
  private freeing: ReturnType<typeof setInterval> | undefined;

  /** `changed`: a task has another state or progress. */
  constructor(
    private readonly services: TaskServices,
    changed: (id: string) => void,
  ) {
    this.news = new News(changed, (ids) => tellTasks(services.db, ids));
    this.moves = new Moves(services.db, (ids) => this.news.tell(ids));
    this.turns = new TurnTaker(
      { claim: (want) => claimTurns(services.db, { ...want, processId: services.processId }), steps: (turns) => this.steps(turns) },
      services.clock,
      (error) => services.log.warn({ error: error instanceof Error ? error.message : String(error) }, "due tasks could not be looked for"),
    );
  }

  start(): void {
    this.turns.start();
    this.free();
    this.freeing = setInterval(() => this.free(), FREE_MS);
  }

  /** Accepts a task, and begins with it at once where there is room; `row` is the task as it will be then. Rejects when the database cannot be asked. */
  async accept(task: NewTask, row: () => Task): Promise<Acceptance> {
    const { processId, clock } = this.services;
    const over = this.turns.take(task.lane);
    const turn: Turn = { taskId: task.id, lane: task.lane, fence: FIRST_FENCE, taken: 1, dueAt: task.due_ms };
    let begun = false;
    try {
      const answer = await this.moves.accept(over ? { ...task, holder: processId, due_ms: clock.now() + LEASE_MS } : task);
      begun = over !== undefined && answer.outcome === "accepted";
      // Who waits for the answer goes first.
      if (begun) void this.guarded(turn, async () => this.stepWith(turn, await new Promise<Task>((resolve) => setImmediate(() => resolve(row()))))).finally(over);
      return answer;
    } catch (error) {
      // It may have been accepted all the same, and then nobody else does its first step.
      if (over) void Bun.sleep(FAULT_PAUSE_MS).then(() => this.later(turn, 0)).catch(() => undefined);
      throw error;
    } finally {
      if (!begun) {
        over?.();
        this.wake();
      }
    }
  }

  /** Takes turns that are due now and does their steps, once: for who keeps the time himself (tests). Gives how many there were. */
  async round(): Promise<number> {
    const { db, clock, processId } = this.services;
    const turns = await claimTurns(db, { nowMs: clock.now(), leaseMs: LEASE_MS, most: 100, laneMost: 100, full: [], processId });
    await Promise.all(this.steps(turns));
    return turns.length;
  }

  /** Turns of processes that are no more are due at once. */
  private free(): void {
    const { db, clock, log } = this.services;
    freeTurns(db, clock.now()).then(
      (count) => count > 0 && this.wake(),
      (error: unknown) => log.warn({ error: String(error) }, "turns of ended processes could not be freed"),
    );
  }

  /** Something is due now. */
  wake(): void {
    this.turns.wake();
  }

  /** Begins no more steps; resolves when those under way are done, or after `waitMs`: others take their turns up later. */
  async stop(waitMs: number): Promise<void> {
    clearInterval(this.freeing);
    await this.turns.stop(waitMs);
    await this.news.stop();
  }

  private steps(turns: readonly Turn[]): Promise<void>[] {
    if (turns.length === 0) return [];
    const { db } = this.services;
    const ids = turns.map(({ taskId }) => taskId);
    // Nearly all of them are at work: what a look does not need stays in the database.
    const looks = taskLooks(db, ids).then((found) => new Map(found.map((row) => [row.id, lookedAtOf(row)])));
    const others = looks.then((found) => tasksById(db, ids.filter((id) => !found.has(id)))).then((found) => new Map(found.map((row) => [row.id, taskOf(row)])));
    return turns.map((turn) => this.guarded(turn, async () => {
      const seen = (await looks).get(turn.taskId);
      return seen ? this.lookAt(turn, seen) : this.stepWith(turn, (await others).get(turn.taskId));
    }));
  }

  private async whole(id: string): Promise<Task | undefined> {
    return (await tasksById(this.services.db, [id])).map(taskOf)[0];
  }

  /** A look at a job at work. Only its end, or a further question, needs the whole task. */
  private async lookAt(turn: Turn, seen: LookedAt): Promise<void> {
    const { services } = this;
    const place = placeOf(seen, services);
    if (!place || services.clock.now() >= seen.deadline_at.getTime()) return this.stepWith(turn, await this.whole(seen.id));
    if (seen.cancel === "wished" || seen.cancel === "unheard") return this.stopThere(turn, seen, place);
    const reading = await look({ task: seen, services }, place);
    if (!reading) return this.later(turn, this.untilDeadline(seen, pauseMs(seen, place, services.clock.now(), services.random, false) * Math.min(1 + turn.taken, 8)));
    const { state } = reading;
    if (!reading.again && (state === "QUEUED" || state === "IN_PROGRESS")) return carryOn({ task: seen, turn, moves: this.moves, services }, { ...reading, state }, place);
    const task = await this.whole(seen.id);
    // Meanwhile it may have ended, or a deadline may have given it to somebody else.
    if (task?.phase !== "running" || task.vendor_ref !== seen.vendor_ref || task.channel !== seen.channel) return this.stepWith(turn, task);
    return takeReading(this.stepFor(turn, task), reading, place, false);
  }

  /** Its caller wants it stopped: the vendor is asked to, then how it stands, and only then are they told who wait. */
  private async stopThere(turn: Turn, seen: LookedAt, place: NonNullable<ReturnType<typeof placeOf>>): Promise<void> {
    const cancel = await askToStop({ task: seen, services: this.services }, place);
    await noteCancel(this.services.db, turn, cancel);
    await this.lookAt(turn, { ...seen, cancel: cancel === "unheard" ? null : cancel });
    this.news.tell([seen.id]);
  }

  private stepFor(turn: Turn, task: Task): Step {
    return { task, turn, moves: this.moves, services: this.services, wake: () => this.wake() };
  }

  private stepWith(turn: Turn, task: Task | undefined): Promise<void> {
    return task ? this.step(this.stepFor(turn, task)) : restTask(this.services.db, turn.taskId);
  }

  /** Does a task's next step. Never rejects. */
  private async guarded(turn: Turn, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.services.log.error({ task: turn.taskId, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "a task's step failed");
      await this.later(turn, FAULT_PAUSE_MS).catch(() => undefined);
    }
  }

  private async later(turn: Turn, ms: number): Promise<void> {
    const now = this.services.clock.now();
    await this.moves.note({ id: turn.taskId, fence: turn.fence, at_ms: now, due_ms: now + ms, changed: false });
  }

  private step(step: Step): Promise<void> {
    const { task, services } = step;
    if (task.phase === "ended") return this.watch(step);
    // Nobody has it, or nobody can tell who has.
    if (task.cancel !== null && (task.phase === "waiting" || task.phase === "parked")) return cancelled(step);
    if (services.clock.now() >= task.deadline_at.getTime()) return expire(step);
    if (task.phase === "waiting") return submit(step);
    // A process died between sending and the answer: as if the answer were lost.
    if (task.phase === "sending") return lost(step);
    if (task.phase === "unclear" || task.phase === "parked") return search(step);
    return this.look(step);
  }

  private async look(step: Step): Promise<void> {
    const { task, turn, services } = step;
    const place = placeOf(task, services);
    // The account was taken out of the settings: it may come back until the deadline (K07).
    if (!place) return this.later(turn, this.untilDeadline(task, PARKED_PAUSE_MS / 10));
    const reading = await look(step, place);
    if (reading) return takeReading(step, reading, place, false);
    return this.later(turn, this.untilDeadline(task, pauseMs(task, place, services.clock.now(), services.random, false) * Math.min(1 + turn.taken, 8)));
  }

  /** After a deadline: what the vendor finishes then has cost us something, so an operator hears of it. */
  private async watch(step: Step): Promise<void> {
    const { task, services } = step;
    const place = placeOf(task, services);
    if (task.state === "SUCCESS" && place) return copyRest(step, place);
    if (task.state === "FAILURE" && place && task.vendor_ref === null) {
      const found = await locate(step, place);
      if (found === undefined && mayBeFound(step) && turnsLeft(step)) return this.later(step.turn, PARKED_PAUSE_MS);
      if (found && found !== "none") Object.assign(task, { vendor_ref: found.ref, memo: found.memo ?? {} });
    }
    if (task.state === "FAILURE" && place && task.vendor_ref !== null) {
      const first = await look(step, place);
      const reading = first && (await askOn(step, first, place));
      if (reading?.state === "SUCCESS") return noteLate(services.db, { taskId: task.id, outputs: (reading.outputs ?? []).map(({ bytes, ...output }) => ({ ...output, ...(bytes ? { size: bytes.length } : {}) })), usage: reading.usage ?? {}, costNano: Number(task.hold_nano) });
      if (reading && (reading.state === "QUEUED" || reading.state === "IN_PROGRESS") && turnsLeft(step)) return this.later(step.turn, PARKED_PAUSE_MS);
    }
    return restTask(services.db, task.id);
  }

  private untilDeadline(task: Pick<Task, "deadline_at">, ms: number): number {
    return Math.max(0, Math.min(ms, task.deadline_at.getTime() - this.services.clock.now()));
  }
}

/** A day of looks at what came too late. */
const turnsLeft = ({ turn }: Step): boolean => turn.taken < 288;
