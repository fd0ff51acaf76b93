import type { KeyRecord } from "../accounts/key-record.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { isUnreachable } from "../store/database.ts";
import { deliveriesOf } from "../store/queries/deliveries.ts";
import { keyFigures } from "../store/queries/keys.ts";
import { deleteTask, followUpsOf, hasten, taskByCallback, taskOfClip, taskOfUser, tasksById, tasksOfUser, type TaskList, wishCancel } from "../store/queries/tasks.ts";
import type { TaskPhase } from "../store/schema.ts";
import type { JsonObject, Notice } from "../vendors/_kit/media/adapter.ts";
import { accept, type Accepted, CALLBACK_SECRET_LENGTH, quoted, type TaskOrder } from "./accept.ts";
import { TaskEngine } from "./engine.ts";
import { isEventToken } from "./event-token.ts";
import { filmFacts } from "./given-film.ts";
import type { SecretOf } from "./notices.ts";
import type { TaskServices } from "./services.ts";
import { jobOf, orderNumber, placeOf, sandboxOf } from "./step.ts";
import { hasEnded, type Task, taskOf } from "./task.ts";
import { callVendor, CallFailed, endsAtOnce } from "./vendor-call.ts";
import { VendorKeys } from "./vendor-keys.ts";

/** Longest wait of one call: beyond it proxies give up. */
export const WAIT_SECONDS_MAX = 60;
/** Waiting callers are told by Postgres; should a word be lost, they look again after this. */
const LOOK_AGAIN_MS = 5_000;
/** A vendor is asked about a task that has ended within this; the caller waits for it. */
const QUESTION_MS_MAX = 10_000;
/** While the database is away it is asked again after this. */
const AWAY_MS = 500;
/** The caller waits so long for what becomes of a wish to stop. */
const CANCEL_MS_MAX = 10_000;

/** A task that its caller wants stopped. `asked`: its vendor has taken the wish; `later`: it will be asked as soon as there is somebody to ask; `refused`: it cannot be stopped, and goes on. */
export interface Cancelling {
  task: Task;
  stop: "ended" | "asked" | "later" | "refused";
}

/** Tasks as doors see them. All is by the key's user: any key of the same user sees a task, nobody else does. */
export class Tasks {
  readonly engine: TaskEngine;
  private readonly waiters = new Map<string, Set<() => void>>();
  private readonly keys: VendorKeys;
  /** the process ends: `waits` are told how their task stands, and at last whoever waits for an end */
  private ending: "waits" | "all" | undefined;

  constructor(
    private readonly services: TaskServices,
    /** what notices to a user's addresses are signed with */
    readonly secretOf: SecretOf,
  ) {
    this.engine = new TaskEngine(services, (id) => this.changed(id));
    this.keys = new VendorKeys(services);
  }

  start(): void {
    this.engine.start();
  }

  /** Who waits is answered with the task as it is; who waits for its end alone is when the steps under way are over, which may take `waitMs`. */
  async stop(waitMs: number): Promise<void> {
    this.ending = "waits";
    this.wakeAll();
    await this.engine.stop(waitMs);
    this.ending = "all";
    this.wakeAll();
  }

  /** Nobody waits any more: the process ends. */
  get stopping(): boolean {
    return this.ending !== undefined;
  }

  /** Callers who wait just now. */
  get waiting(): number {
    return this.waiters.size;
  }

  private wakeAll(): void {
    for (const id of this.waiters.keys()) this.changed(id);
  }

  quote(order: Parameters<typeof quoted>[0]): ReturnType<typeof quoted> {
    return quoted(order, this.services);
  }

  /** Length and sides of a film that a caller gives. Rejects with GatewayError. */
  film(url: string): ReturnType<typeof filmFacts> {
    return filmFacts(url, this.services);
  }

  accept(order: TaskOrder): Promise<Accepted> {
    return accept(order, this.engine, this.services);
  }

  /** A task of the key's user; undefined when there is none, whoever else has one of that id. */
  async get({ userId }: Pick<KeyRecord, "userId">, id: string): Promise<Task | undefined> {
    const row = await taskOfUser(this.services.db, userId, id);
    return row && taskOf(row);
  }

  /** The key's user's task that made a clip of Suno's; undefined when none of his did. */
  async ofClip({ userId }: Pick<KeyRecord, "userId">, clip: string): Promise<Task | undefined> {
    const row = await taskOfClip(this.services.db, userId, clip);
    return row && taskOf(row);
  }

  /** The task whose events a token opens, whoever asks; undefined when there is none of that id, or the token is another's. */
  async byEventToken(id: string, token: string): Promise<Task | undefined> {
    const [row] = await tasksById(this.services.db, [id]);
    return row && row.deleted_at === null && isEventToken(token, taskOf(row)) ? taskOf(row) : undefined;
  }

  /** The same once it has ended, or as it is when the time is over. `left`: the caller has gone. */
  wait(key: Pick<KeyRecord, "userId">, id: string, seconds: number, left?: () => boolean): Promise<Task | undefined> {
    return this.until(key, id, hasEnded, Math.min(Math.max(seconds, 0), WAIT_SECONDS_MAX), left);
  }

  /** The same for clients that know no tasks, and can do nothing with one that goes on: while the process ends they wait for what may still come. */
  waitForEnd(key: Pick<KeyRecord, "userId">, id: string, left: () => boolean): Promise<Task | undefined> {
    return this.until(key, id, hasEnded, WAIT_SECONDS_MAX, left, "all");
  }

  /** The same once it is another than `known`, or as it is when the time is over; as it was known while the database is away. */
  next(key: Pick<KeyRecord, "userId">, known: Task, seconds: number, left: () => boolean): Promise<Task | undefined> {
    return this.until(key, known.id, (task) => task.state !== known.state || task.progress !== known.progress, seconds, left).catch((error: unknown) => {
      if (isUnreachable(error)) return known;
      throw error;
    });
  }

  /** The same once it `isSo`, or as it is when the time is over. */
  when(key: Pick<KeyRecord, "userId">, id: string, isSo: (task: Task) => boolean, seconds: number, left: () => boolean): Promise<Task | undefined> {
    return this.until(key, id, isSo, seconds, left);
  }

  private async until(key: Pick<KeyRecord, "userId">, id: string, isSo: (task: Task) => boolean, seconds: number, left: () => boolean = () => false, until: "waits" | "all" = "waits"): Promise<Task | undefined> {
    const { clock } = this.services;
    for (let restMs = seconds * 1000; ; ) {
      const began = clock.monotonic();
      const hearing = this.hearing(id);
      let task: Task | undefined;
      try {
        task = await this.get(key, id);
      } catch (error) {
        hearing.stop();
        // The database is away: it may be back before the time is over.
        if (!isUnreachable(error) || restMs <= 0 || left() || this.stopping) throw error;
        const pauseMs = Math.min(restMs, AWAY_MS);
        await Bun.sleep(pauseMs);
        restMs -= pauseMs;
        continue;
      }
      if (!task || isSo(task) || restMs <= 0 || left() || this.ending === "all" || this.ending === until) {
        hearing.stop();
        return task;
      }
      const pauseMs = Math.min(restMs, LOOK_AGAIN_MS);
      const heard = await Promise.race([hearing.heard.then(() => true), Bun.sleep(pauseMs).then(() => false)]);
      hearing.stop();
      restMs -= heard ? clock.monotonic() - began : pauseMs;
    }
  }

  /** US dollars in nano that a key may still spend: its wallet's, or its own quota's where that is less. Rejects with GatewayError. */
  async creditNano({ id }: Pick<KeyRecord, "id">): Promise<bigint> {
    await this.services.flush();
    const found = await keyFigures(this.services.db, String(id));
    if (!found) throw new GatewayError("invalidKey");
    const [wallet, own] = [BigInt(found.wallet_nano), BigInt(found.remain_nano)];
    return found.unlimited || wallet < own ? wallet : own;
  }

  deliveries(taskId: string): ReturnType<typeof deliveriesOf> {
    return deliveriesOf(this.services.db, taskId);
  }

  /** A task has changed, whoever changed it. */
  changed(id: string): void {
    for (const wake of this.waiters.get(id) ?? []) wake();
  }

  async list({ userId }: Pick<KeyRecord, "userId">, want: TaskList): Promise<Task[]> {
    return (await tasksOfUser(this.services.db, userId, want)).map(taskOf);
  }

  /** Tasks of the key's user that follow up another. */
  async followUps({ userId }: Pick<KeyRecord, "userId">, parentId: string): Promise<Task[]> {
    return (await followUpsOf(this.services.db, userId, parentId)).map(taskOf);
  }

  /** Hides an ended task from its user; false when there is none such. */
  delete({ userId }: Pick<KeyRecord, "userId">, id: string): Promise<boolean> {
    return deleteTask(this.services.db, userId, id);
  }

  /** Asks the account that made a task something more about it. Undefined: it cannot be asked, or gave no answer. */
  async ask(task: Task, question: string): Promise<JsonObject | undefined> {
    const place = placeOf(task, this.services);
    const asked = place?.media.questions?.[question];
    if (!place || !asked || task.vendor_ref === null) return undefined;
    try {
      return asked.read(await callVendor(asked.call(jobOf(task)), place, { timeoutMs: QUESTION_MS_MAX, headers: sandboxOf(task, place.channel.simulated) }, this.services));
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      return undefined;
    }
  }

  /** Wants a task stopped: at once while nobody has it, else its vendor is asked, whose word decides. The wish stands in the row, so that it is carried out also after this has given up waiting. Gives the task as it is then. */
  async cancel(key: Pick<KeyRecord, "userId">, id: string, waitMs = CANCEL_MS_MAX): Promise<Cancelling | undefined> {
    const { services } = this;
    if (!(await this.get(key, id))) return undefined;
    const wish = async (): Promise<TaskPhase | undefined> => {
      const phase = await wishCancel(services.db, id, services.clock.now());
      this.engine.wake();
      return phase;
    };
    if ((await wish()) === "sending") {
      // Nobody knows yet whom to ask, and by which name.
      const sent = await this.until(key, id, (task) => task.phase !== "sending" || this.isEnd(task), waitMs / 1000);
      if (sent?.phase === "sending") return { task: sent, stop: this.isEnd(sent) ? "refused" : "later" };
      await wish();
    }
    const task = await this.until(key, id, ({ phase, cancel }) => phase === "ended" || cancel === "asked" || cancel === "refused", waitMs / 1000);
    return task && { task, stop: hasEnded(task) ? "ended" : task.cancel === "asked" || task.cancel === "refused" ? task.cancel : "later" };
  }

  /** Whether the answer to the order under way is the task's end. */
  private isEnd(task: Task): boolean {
    const place = placeOf(task, this.services);
    return place !== undefined && endsAtOnce(place, task.upstream_model ?? "");
  }

  /**
   * A vendor's notice at a task's own secret address (`name`), by the vendor's signature where it signs. It is not believed: the vendor is asked at once. Gives what it must be answered; undefined: there is no such task.
   * Rejects with GatewayError for a signature that does not hold.
   */
  async notice(name: string, notice: Notice): Promise<JsonObject | undefined> {
    const row = await taskByCallback(this.services.db, name.slice(0, CALLBACK_SECRET_LENGTH));
    if (!row) return undefined;
    const task = taskOf(row);
    const order = Number(name.slice(CALLBACK_SECRET_LENGTH));
    const place = placeOf(task, this.services);
    const callback = place?.media.callback;
    // Of an earlier order of the task, at a vendor that has lost it to another.
    if (!place || !callback || order !== orderNumber(task)) return {};
    const hint = callback.hint(notice);
    if (hint?.answer) return hint.answer;
    if (callback.signed && (await this.keys.check(notice, callback.signed, place)) === "wrong") throw new GatewayError("noticeSignature");
    await hasten(this.services.db, task.id, this.services.clock.now(), hint?.ref === undefined ? undefined : { order, ref: hint.ref });
    this.engine.wake();
    return {};
  }

  private hearing(id: string): { heard: Promise<void>; stop(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiters = this.waiters.get(id) ?? new Set();
    this.waiters.set(id, waiters.add(resolve));
    return {
      heard: promise,
      stop: () => {
        waiters.delete(resolve);
        if (waiters.size === 0) this.waiters.delete(id);
      },
    };
  }
}
