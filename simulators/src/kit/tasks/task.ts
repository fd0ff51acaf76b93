/** A task as a vendor keeps it: slow work whose state follows from the clock alone. */
import type { FaultValues } from "../fault-spec.ts";
import { faultNumber } from "../fault-spec.ts";
import type { JsonObject } from "../json.ts";
import type { FileWish } from "../media/file.ts";

/** Where a task stands. "refused": ended because of its content. */
export type Phase = "queued" | "running" | "succeeded" | "failed" | "refused" | "cancelled";

/** What a vendor's answer can tell of one moment. */
export interface Moment {
  phase: Phase;
  /** how much of the phase has passed, from 0 up to (not including) 1; 1 in an ended phase */
  share: number;
}

/** One delivery of a callback. */
export interface Delivery {
  event: string;
  url: string;
  /** Unix milliseconds */
  sentAt: number;
  /** the answer's status; 0 when there was none */
  status: number;
  forged: boolean;
}

/** A task. Times are Unix milliseconds. */
export interface Task {
  id: string;
  vendor: string;
  /** who may ask for it: the credential, or the account it belongs to */
  owner: string;
  /** the vendor's name of what does the work */
  model: string;
  /** the exchange that it was accepted in */
  exchange: string;
  acceptedAt: number;
  /** Infinity: never */
  startsAt: number;
  endsAt: number;
  end: "succeeded" | "failed" | "refused";
  cancelledAt: number | undefined;
  /** when a client first heard that it ended */
  toldAt: number | undefined;
  /** its record was deleted */
  hidden: boolean;
  faults: FaultValues;
  outputs: FileWish[];
  /** what the vendor needs to show it: the request's input, names, numbers */
  detail: JsonObject;
  /** Takes the phase it ended in and the seconds it ran; gives what the vendor reports of its cost, `undefined` for nothing. */
  usageOf: (phase: Phase, seconds: number) => JsonObject | undefined;
  polls: number;
  downloads: number;
  cancelsAsked: number;
  deliveries: Delivery[];
}

/** How fast work goes: "fast" has every task done in a second or two, "real" takes as long as the vendor usually does. */
export type Pace = "fast" | "real";

/** Shortest and longest life of a task at the fast pace, in ms, and how much of it a real second makes. */
const FAST_MS_MIN = 600;
const FAST_MS_MAX = 2_000;
const FAST_MS_A_SECOND = 20;
/** Share of a life that passes in the queue. */
const QUEUE_SHARE = 0.25;

/** Takes the time, how long the vendor usually takes (in seconds), the faults and the pace; gives when the work starts and ends, and how. */
export function lifeOf(now: number, typicalSeconds: number, faults: FaultValues, pace: Pace): Pick<Task, "startsAt" | "endsAt" | "end"> {
  const life = pace === "real" ? typicalSeconds * 1000 : Math.min(Math.max(typicalSeconds * FAST_MS_A_SECOND, FAST_MS_MIN), FAST_MS_MAX);
  const queue = faults.has("never-starts") ? Infinity : (faultNumber(faults, "queue-ms") ?? Math.round(life * QUEUE_SHARE));
  const run = faults.has("never-ends") ? Infinity : (faultNumber(faults, "run-ms") ?? Math.round(life * (1 - QUEUE_SHARE)));
  return { startsAt: now + queue, endsAt: now + queue + run, end: faults.has("refuse") ? "refused" : faults.has("fail") || faults.has("fail-code") ? "failed" : "succeeded" };
}

const share = (now: number, from: number, to: number): number => (to === Infinity ? Math.min((now - from) / 60_000, 0.99) : Math.min(Math.max((now - from) / (to - from), 0), 0.999));

/** Takes a task and a time; gives where it stands then. */
export function momentOf(task: Task, now: number): Moment {
  if (task.cancelledAt !== undefined && now >= task.cancelledAt) return { phase: "cancelled", share: 1 };
  if (now >= task.endsAt) return { phase: task.end, share: 1 };
  return now >= task.startsAt ? { phase: "running", share: share(now, task.startsAt, task.endsAt) } : { phase: "queued", share: share(now, task.acceptedAt, task.startsAt) };
}

/** Takes a phase; tells whether nothing comes after it. */
export const hasEnded = (phase: Phase): boolean => phase !== "queued" && phase !== "running";

/** Takes a task; gives when it ended or will end. */
export const endOf = (task: Task): number => task.cancelledAt ?? task.endsAt;

/** Takes a task and a time; gives how many seconds it has run by then. */
export const secondsRun = (task: Task, now: number): number => Math.max(Math.min(now, endOf(task)) - task.startsAt, 0) / 1000;

/** Takes a task and a time; gives what the vendor reports of its cost then, `undefined` for nothing. */
export function usageOf(task: Task, now: number): JsonObject | undefined {
  const { phase } = momentOf(task, now);
  return hasEnded(phase) && !task.faults.has("no-usage") ? task.usageOf(phase, secondsRun(task, now)) : undefined;
}
