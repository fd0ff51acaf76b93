/** All tasks of all vendors, and what the sandbox tells about them. */
import type { Agenda } from "../agenda.ts";
import type { FaultValues } from "../fault-spec.ts";
import type { JsonObject } from "../json.ts";
import type { FileWish } from "../media/file.ts";
import { planCallbacks, type Notifying } from "./callbacks.ts";
import { lifeOf, momentOf, type Pace, type Phase, type Task, usageOf } from "./task.ts";

/** What a vendor accepts. */
export interface TaskOrder {
  id: string;
  vendor: string;
  owner: string;
  model: string;
  exchange: string;
  faults: FaultValues;
  /** Unix milliseconds */
  now: number;
  /** how long the vendor usually takes, in seconds */
  typicalSeconds: number;
  outputs: FileWish[];
  detail?: JsonObject;
  /** how it ends when no fault says otherwise; "succeeded" by default */
  end?: Task["end"];
  /** another name, the owner's own, by which it can be asked for */
  alias?: string | undefined;
  /** given up then, should it not have started, or ended; Unix milliseconds */
  startBy?: number | undefined;
  endBy?: number | undefined;
  usageOf?: Task["usageOf"];
  notifying?: Notifying | undefined;
}

/** Keeps tasks. */
export interface TaskBook {
  accept(order: TaskOrder): Task;
  /** Gives the task, `undefined` when there is none of that vendor and owner. */
  get(vendor: string, owner: string, id: string): Task | undefined;
  /** Gives the owner's task of that other name. */
  byAlias(vendor: string, owner: string, alias: string): Task | undefined;
  /** Gives the task whoever asks, as the addresses of its files do. */
  byId(vendor: string, id: string): Task | undefined;
  /** Gives the owner's tasks, the newest first. */
  list(vendor: string, owner: string): Task[];
  /** Takes a task and the time; ends it, unless it has ended (then false). With the fault `cancel-ignored` it goes on. */
  cancel(task: Task, now: number): boolean;
  /** Takes a task whose record is deleted: its owner cannot ask for it any more, while the books keep it. */
  hide(task: Task): void;
  /** Gives all tasks, oldest first, hidden ones too. */
  all(): Task[];
  clear(): void;
}

/** Tasks kept at most, oldest out first: as many as a bench of open tasks needs, under a kilobyte each. */
const TASKS_MAX = 200_000;

/** Takes the agenda, the clock and the pace; gives an empty book. */
export function taskBook(agenda: Agenda, now: () => number, pace: Pace): TaskBook {
  const tasks = new Map<string, Task>();
  const aliases = new Map<string, Task>();
  const notifyings = new WeakMap<Task, Notifying>();
  const aliasOf = (vendor: string, owner: string, alias: string): string => JSON.stringify([vendor, owner, alias]);
  const nameOf = (vendor: string, id: string): string => `${vendor} ${id}`;
  const byId = (vendor: string, id: string): Task | undefined => tasks.get(nameOf(vendor, id));
  return {
    byId,
    byAlias(vendor, owner, alias) {
      const found = aliases.get(aliasOf(vendor, owner, alias));
      return found?.hidden ? undefined : found;
    },
    accept({ now: at, typicalSeconds, end, startBy = Infinity, endBy = Infinity, usageOf: usage, notifying, detail, alias, ...order }) {
      const life = lifeOf(at, typicalSeconds, order.faults, pace);
      const task: Task = {
        ...order,
        ...life,
        end: life.end === "succeeded" ? (end ?? "succeeded") : life.end,
        acceptedAt: at,
        cancelledAt: startBy < life.startsAt ? startBy : endBy < life.endsAt ? endBy : undefined,
        toldAt: undefined,
        hidden: false,
        detail: detail ?? {},
        usageOf: usage ?? (() => undefined),
        polls: 0,
        downloads: 0,
        cancelsAsked: 0,
        deliveries: [],
      };
      tasks.set(nameOf(task.vendor, task.id), task);
      if (alias !== undefined) aliases.set(aliasOf(task.vendor, task.owner, alias), task);
      for (const kept of [tasks, aliases]) {
        const [oldest] = kept.keys();
        if (kept.size > TASKS_MAX && oldest !== undefined) kept.delete(oldest);
      }
      if (notifying) {
        notifyings.set(task, notifying);
        planCallbacks(task, notifying, agenda, now);
      }
      return task;
    },
    get(vendor, owner, id) {
      const found = byId(vendor, id);
      return found?.owner === owner && !found.hidden ? found : undefined;
    },
    list: (vendor, owner) => [...tasks.values()].filter((task) => task.vendor === vendor && task.owner === owner && !task.hidden).toReversed(),
    cancel(task, at) {
      task.cancelsAsked += 1;
      if (momentOf(task, at).phase !== "queued" && momentOf(task, at).phase !== "running") return false;
      if (task.faults.has("cancel-ignored")) return true;
      task.cancelledAt = at;
      const notifying = notifyings.get(task);
      if (notifying) planCallbacks(task, { ...notifying, events: notifying.events.filter((event) => event.startsWith("end")) }, agenda, now);
      return true;
    },
    hide: (task) => void (task.hidden = true),
    all: () => [...tasks.values()],
    clear() {
      tasks.clear();
      aliases.clear();
    },
  };
}

/** Takes a task and the time; gives what `GET /__sandbox/tasks` shows. */
export function describeTask(task: Task, now: number): JsonObject {
  const time = (at: number | undefined): string | null => (at === undefined || at === Infinity ? null : new Date(at).toISOString());
  return {
    id: task.id,
    vendor: task.vendor,
    owner: task.owner,
    model: task.model,
    exchange: task.exchange,
    state: momentOf(task, now).phase,
    acceptedAt: time(task.acceptedAt),
    startsAt: time(task.startsAt),
    endsAt: time(task.cancelledAt ?? task.endsAt),
    toldAt: time(task.toldAt),
    faults: [...task.faults].map(([name, value]) => (value === true ? name : `${name}=${value}`)).join(";"),
    outputs: task.outputs,
    usage: usageOf(task, now) ?? null,
    polls: task.polls,
    downloads: task.downloads,
    cancelsAsked: task.cancelsAsked,
    callbacks: task.deliveries.map((one) => ({ ...one, sentAt: time(one.sentAt) })),
  };
}

/** Sums of one vendor's model. */
interface TaskSums extends Record<Phase, number> {
  accepted: number;
  /** numbers of the usage reported for all that ended */
  usage: Record<string, number>;
}

/** Takes tasks and the time; gives how many of each vendor's model stand where, and what was reported for those that ended. */
export function sumTasks(tasks: readonly Task[], now: number): Record<string, Record<string, TaskSums>> {
  const vendors: Record<string, Record<string, TaskSums>> = {};
  for (const task of tasks) {
    const models = (vendors[task.vendor] ??= {});
    const sums = (models[task.model] ??= { accepted: 0, queued: 0, running: 0, succeeded: 0, failed: 0, refused: 0, cancelled: 0, usage: {} });
    sums.accepted += 1;
    sums[momentOf(task, now).phase] += 1;
    for (const [name, value] of Object.entries(usageOf(task, now) ?? {})) if (typeof value === "number") sums.usage[name] = (sums.usage[name] ?? 0) + value;
  }
  return vendors;
}
