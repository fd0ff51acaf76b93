import { afterNotice, NOTICE_ANSWER_MS_MAX, postSigned } from "../egress/signed-post.ts";
import { claimDeliveries, type Delivery, dropDelivery, noteDelivery } from "../store/queries/deliveries.ts";
import type { TaskState } from "../store/schema.ts";
import { tasksById } from "../store/queries/tasks.ts";
import type { TaskServices } from "./services.ts";
import { type Task, taskOf } from "./task.ts";

const AT_ONCE = 32;
const LOOK_MS = 500;

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
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly services: TaskServices,
    private readonly secretOf: SecretOf,
    /** a task in its family's own envelope */
    private readonly render: (task: Task) => object,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.working = this.work().finally(() => {
        if (!this.stopped) this.start();
      });
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.working;
  }

  /** Sends what is due. Never rejects. */
  async work(): Promise<void> {
    const { db, clock, log } = this.services;
    try {
      const due = await claimDeliveries(db, { nowMs: clock.now(), leaseMs: NOTICE_ANSWER_MS_MAX * 2, most: AT_ONCE });
      await Promise.all(due.map((delivery) => this.deliver(delivery)));
    } catch (error) {
      log.warn({ error: String(error) }, "notices could not be sent");
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
