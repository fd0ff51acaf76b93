/** Callbacks: what a vendor posts to the address that came with a task. */
import type { Agenda } from "../agenda.ts";
import { faultNumber } from "../fault-spec.ts";
import { endOf, momentOf, type Task } from "./task.ts";

/** One message. */
export interface Notice {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Which events a vendor tells, and how. */
export interface Notifying {
  /** events told: "start", "half" (in the middle of the work), "0.3" (when that share of the work is done), "end"; several messages of one moment have their own names, as in "end:output" */
  events: readonly string[];
  /** Takes the task, the event, its time and whether the signature shall be wrong; gives the message, `undefined` to tell nothing. */
  notice: (task: Task, event: string, at: number, forged: boolean) => Notice | undefined | Promise<Notice | undefined>;
  /** tries before the vendor gives up, 3 by default */
  tries?: number;
}

const TRIES = 3;
/** Wait before a second try in ms, doubled each time. */
const RETRY_MS = 200;
/** Longest wait for the receiver's answer, in ms. */
const ANSWER_LIMIT_MS = 15_000;

async function post(notice: Notice): Promise<number> {
  try {
    const answer = await fetch(notice.url, { method: "POST", headers: { "content-type": "application/json", ...notice.headers }, body: notice.body, redirect: "manual", signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}

/** Takes a task that was accepted, what its vendor tells, the agenda and the clock; plans the messages. */
export function planCallbacks(task: Task, notifying: Notifying, agenda: Agenda, now: () => number): void {
  const { faults } = task;
  if (faults.has("no-callback")) return;
  const late = faultNumber(faults, "callback-late") ?? 0;

  async function deliver(event: string, at: number, left: number, wait: number): Promise<void> {
    const forged = faults.has("callback-forged");
    const notice = await notifying.notice(task, event, at, forged);
    if (!notice) return;
    const delivery = { event, url: notice.url, sentAt: now(), status: 0, forged };
    task.deliveries.push(delivery);
    delivery.status = await post(notice);
    if ((delivery.status < 200 || delivery.status > 299) && left > 1) agenda.at(now() + wait, () => deliver(event, at, left - 1, wait * 2));
  }

  /** What happened by then: nothing is told of work that was cancelled before, and the end comes when it comes. */
  async function tell(event: string, at: number): Promise<void> {
    const ending = event.startsWith("end");
    if (!ending && momentOf(task, at).phase !== "running") return;
    const times = faults.has("callback-twice") ? 2 : 1;
    for (let index = 0; index < times; index += 1) await deliver(event, at, notifying.tries ?? TRIES, RETRY_MS);
  }

  for (const event of notifying.events) {
    const ending = event.startsWith("end");
    const share = event.startsWith("half") ? 0.5 : Number.parseFloat(event) || 0;
    const at = ending ? endOf(task) : share === 0 ? task.startsAt : task.startsAt + (task.endsAt - task.startsAt) * share;
    // out of order: what came first is told last
    const due = !ending && faults.has("callback-order") ? task.endsAt + RETRY_MS : at + late;
    // a task that was cancelled has told its end already
    agenda.at(due, () => (ending && task.cancelledAt !== undefined && task.cancelledAt !== at ? undefined : tell(event, at)));
  }
}
