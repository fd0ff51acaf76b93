/** Things to do later, by the sandbox's clock. With the system's clock they happen by themselves; with another clock when `run` is called. */

/** Keeps what is to be done. */
export interface Agenda {
  /** Takes a time (Unix milliseconds; Infinity never comes) and work; does it then. */
  at(time: number, work: () => void | Promise<void>): void;
  /** Takes a time and a request's signal; waits until the time has come or the client has left. */
  until(time: number, signal: AbortSignal): Promise<void>;
  /** Does all that is due by now, what becomes due on the way too, and waits until it is done. */
  run(): Promise<void>;
  /** Forgets everything. */
  clear(): void;
}

/** Longest wait a timer takes (2^31 - 1 ms); later work is looked at again then. */
const TIMER_MAX = 2_147_483_647;

interface Entry {
  time: number;
  work: () => void | Promise<void>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Takes the clock (Unix milliseconds) and whether it is the system's; gives an empty agenda. */
export function agenda(now: () => number, systemClock: boolean): Agenda {
  const entries = new Set<Entry>();
  const arm = (entry: Entry): void => {
    entry.timer = setTimeout(() => void perform(entry), Math.min(Math.max(entry.time - now(), 0), TIMER_MAX));
    entry.timer.unref();
  };
  async function perform(entry: Entry): Promise<void> {
    if (!entries.has(entry)) return;
    // a timer may be early by a millisecond
    if (entry.time > now()) return arm(entry);
    clearTimeout(entry.timer);
    entries.delete(entry);
    await entry.work();
  }
  const at = (time: number, work: Entry["work"]): void => {
    if (time === Infinity) return;
    const entry: Entry = { time, work, timer: undefined };
    entries.add(entry);
    if (systemClock) arm(entry);
  };
  return {
    at,
    until(time, signal) {
      if (signal.aborted || time <= now()) return Promise.resolve();
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        at(time, resolve);
      });
    },
    async run() {
      for (;;) {
        const due = [...entries].filter((entry) => entry.time <= now()).toSorted((a, b) => a.time - b.time);
        if (due.length === 0) return;
        for (const entry of due) await perform(entry);
      }
    },
    clear() {
      for (const entry of entries) clearTimeout(entry.timer);
      entries.clear();
    },
  };
}
