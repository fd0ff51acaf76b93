import { afterNotice, NOTICE_ANSWER_MS_MAX, postSigned } from "../egress/signed-post.ts";
import { claimDeliveries, type Delivery, dropDelivery, noteDelivery, receiverOf } from "../store/queries/deliveries.ts";
import type { TaskState } from "../store/schema.ts";
import { tasksById } from "../store/queries/tasks.ts";
import type { TaskServices } from "./services.ts";
import { type Task, taskOf } from "./task.ts";

/** Notices under way in one process. One waits for its receiver nearly all its time, up to 15 s for one that is silent. */
const AT_ONCE = 256;
/** Of them, of one account and of one receiver of it: a silent one holds up no other. */
const USER_AT_ONCE = 16;
const RECEIVER_AT_ONCE = 8;
/** How often due notices are looked for, and how soon again when one is over. */
const LOOK_MS = 500;
const LOOKS_APART_MS = 50;

/** What is shown of a state that has passed: nothing of what came after it. */
const PROGRESS: Readonly<Partial<Record<TaskState, number>>> = { NOT_START: 0, SUBMITTED: 10, QUEUED: 20, IN_PROGRESS: 30 };

/** A task in the state that a notice is of. One that is sent late, or again, tells that state and no other: receivers know it by its id. */
export function asItWas(task: Task, state: TaskState): Task {
  const progress = PROGRESS[state];
  if (task.state === state || progress === undefined) return task;
  return { ...task, state, phase: "running", progress, progress_estimated: true, started_at: state === "IN_PROGRESS" ? task.started_at : null, finished_at: null, outputs: [], answer: null, error_kind: null, error_text: null, charge_nano: "0", lines: [], usage: {} };
}

/** What a notice is signed with: `whsec_` and base64, one for each user (https://www.standardwebhooks.com). */
export type SecretOf = (userId: number) => string;

/** Tells callers' own addresses of their tasks: signed, in order, again after a failure. A notice lost with its process is due again when its lease is over; receivers know it by its `webhook-id`. */
export class Notices {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;
  private looking: Promise<void> = Promise.resolve();
  private readonly underWay = new Map<Promise<void>, Delivery>();

  constructor(
    private readonly services: TaskServices,
    private readonly secretOf: SecretOf,
    /** a task in its family's own envelope */
    private readonly render: (task: Task) => object,
  ) {}

  start(): void {
    this.lookIn(LOOK_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
    await Promise.all(this.underWay.keys());
  }

  private lookIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().then((found) => this.lookIn(found === 0 ? LOOK_MS : LOOKS_APART_MS));
    }, ms);
  }

  /** Begins to send what is due and has room. Gives how many there were; never rejects. */
  private async look(): Promise<number> {
    const { db, clock, log } = this.services;
    const most = AT_ONCE - this.underWay.size;
    if (most <= 0) return 0;
    const now = [...this.underWay.values()];
    try {
      const due = await claimDeliveries(db, {
        nowMs: clock.now(), leaseMs: NOTICE_ANSWER_MS_MAX * 2, most, receiverMost: RECEIVER_AT_ONCE / 2, userMost: USER_AT_ONCE / 2, full: full(now, receiverOf, RECEIVER_AT_ONCE), fullUsers: full(now, ({ userId }) => userId, USER_AT_ONCE),
      });
      for (const delivery of due) {
        const sending: Promise<void> = this.deliver(delivery)
          .catch((error: unknown) => log.warn({ error: String(error) }, "a notice could not be sent"))
          .finally(() => this.underWay.delete(sending));
        this.underWay.set(sending, delivery);
      }
      return due.length;
    } catch (error) {
      log.warn({ error: String(error) }, "due notices could not be looked for");
      return 0;
    }
  }

  private async deliver(delivery: Delivery): Promise<void> {
    const { services } = this;
    const [row] = await tasksById(services.db, [delivery.taskId]);
    const nowMs = services.clock.now();
    if (!row) return noteDelivery(services.db, delivery.id, { nowMs, error: "the task is gone" });
    const task = taskOf(row);
    if (task.request.notices?.states?.includes(delivery.state) === false) return dropDelivery(services.db, delivery.id);
    const body = JSON.stringify(this.render(asItWas(task, delivery.state)));
    const outcome = await postSigned(services.downloader, { id: delivery.id, url: delivery.url, body, secret: this.secretOf(delivery.userId) }, services.clock.now());
    await noteDelivery(services.db, delivery.id, afterNotice(outcome, delivery.attempts, services.clock.now(), services.random()));
  }
}

/** Who has more than half of his room under way: what is taken at a time, half of it, would find none. */
function full<Who>(deliveries: readonly Delivery[], of: (delivery: Delivery) => Who, most: number): Who[] {
  const counts = new Map<Who, number>();
  for (const delivery of deliveries) counts.set(of(delivery), (counts.get(of(delivery)) ?? 0) + 1);
  return [...counts].flatMap(([who, count]) => (count > most / 2 ? [who] : []));
}
