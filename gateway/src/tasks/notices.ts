import { Webhook } from "standardwebhooks";
import { GatewayError } from "../errors/gateway-error.ts";
import { claimDeliveries, type Delivery, noteDelivery } from "../store/queries/deliveries.ts";
import { tasksById } from "../store/queries/tasks.ts";
import type { TaskServices } from "./services.ts";
import { type Task, taskOf } from "./task.ts";

/** Tries of one notice, and how long it is waited before each but the first: about a day in all. */
const PAUSES_MS = [5_000, 60_000, 600_000, 7_200_000, 72_000_000];
/** A receiver must answer within this. */
const ANSWER_MS_MAX = 15_000;
const AT_ONCE = 32;
const LOOK_MS = 500;

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
      const due = await claimDeliveries(db, { nowMs: clock.now(), leaseMs: ANSWER_MS_MAX * 2, most: AT_ONCE });
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
    const body = JSON.stringify(this.render(taskOf(row)));
    const outcome = await this.send(delivery, body);
    const pause = PAUSES_MS[delivery.attempts - 1];
    // 410: the receiver wants to hear no more (Standard Webhooks).
    const again = outcome.error !== undefined && pause !== undefined && outcome.status !== 410 && !outcome.never;
    await noteDelivery(services.db, delivery.id, { nowMs: services.clock.now(), ...(outcome.status === undefined ? {} : { status: outcome.status }), ...(outcome.error === undefined ? {} : { error: outcome.error }), ...(again ? { dueMs: services.clock.now() + pause * (0.9 + services.random() * 0.2) } : {}) });
  }

  private async send(delivery: Delivery, body: string): Promise<{ status?: number; error?: string; never?: boolean }> {
    const { services } = this;
    const at = new Date(services.clock.now());
    const headers = {
      "content-type": "application/json", "user-agent": "YEScale-Webhook/1",
      "webhook-id": delivery.id, "webhook-timestamp": String(Math.floor(at.getTime() / 1000)), "webhook-signature": new Webhook(this.secretOf(delivery.userId)).sign(delivery.id, at, body),
    };
    try {
      const status = await services.downloader.post(delivery.url, headers, Buffer.from(body), ANSWER_MS_MAX);
      return status >= 200 && status < 300 ? { status } : { status, error: `status ${status}` };
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return { error: error.gatewayErrorName === "mediaAddress" ? "the address does not lead to a public web server" : error.internalText, never: error.gatewayErrorName === "mediaAddress" };
    }
  }
}
