import { describe, expect, test } from "bun:test";
import { agenda } from "../agenda.ts";
import { parseFaults } from "../fault-spec.ts";
import { receiver } from "../../testing/receiver.ts";
import { describeTask, sumTasks, taskBook, type TaskOrder } from "./task-book.ts";
import { lifeOf, momentOf, type Pace, type Task } from "./task.ts";

const START = 1_000_000;

/** A book with a clock of its own. */
function fake(pace: Pace = "fast") {
  const clock = { now: START };
  const later = agenda(() => clock.now, false);
  const book = taskBook(later, () => clock.now, pace);
  const accept = (spec: string, more: Partial<TaskOrder> = {}): Task =>
    book.accept({ id: `task-${book.all().length}`, vendor: "any", owner: "me", model: "m", exchange: "exchange-1", faults: spec === "" ? new Map() : parseFaults(spec), now: clock.now, typicalSeconds: 60, outputs: [], ...more });
  return { clock, later, book, accept };
}
const phases = (task: Task, times: number[]): string[] => times.map((ms) => momentOf(task, START + ms).phase);

describe("a life by the clock", () => {
  test("fast: a second or two; real: as long as the vendor takes", () => {
    expect(lifeOf(START, 1, new Map(), "fast")).toEqual({ startsAt: START + 150, endsAt: START + 600, end: "succeeded" });
    expect(lifeOf(START, 3_600, new Map(), "fast")).toMatchObject({ endsAt: START + 2_000 });
    expect(lifeOf(START, 3_600, new Map(), "real")).toMatchObject({ startsAt: START + 900_000, endsAt: START + 3_600_000 });
  });

  test("in the queue, at work, ended; and what faults make of it", () => {
    const { accept } = fake();
    expect(phases(accept(""), [0, 299, 300, 1_199, 1_200])).toEqual(["queued", "queued", "running", "running", "succeeded"]);
    expect(phases(accept("queue-ms=5;run-ms=5;refuse"), [4, 5, 10])).toEqual(["queued", "running", "refused"]);
    expect(phases(accept("never-starts"), [0, 1e9])).toEqual(["queued", "queued"]);
    expect(phases(accept("never-ends;fail"), [300, 1e9])).toEqual(["running", "running"]);
    expect(phases(accept("fail-code=ODD"), [1_200])).toEqual(["failed"]);
    expect(momentOf(accept(""), START + 750)).toEqual({ phase: "running", share: 0.5 });
  });

  test("a deleted record is hidden from its owner, not from the books", () => {
    const { accept, book } = fake();
    const task = accept("", { alias: "mine" });
    book.hide(task);
    expect([book.get("any", "me", task.id), book.byAlias("any", "me", "mine"), book.list("any", "me"), book.all()]).toEqual([undefined, undefined, [], [task]]);
  });

  test("cancelled in time, too late, in vain, and given up", () => {
    const { accept, book } = fake();
    const [early, late, vain, slow] = [accept(""), accept(""), accept("cancel-ignored"), accept("queue-ms=500", { startBy: START + 400 })];
    expect([book.cancel(early, START + 100), book.cancel(late, START + 1_200), book.cancel(vain, START + 100)]).toEqual([true, false, true]);
    expect([early, late, vain, slow].map((task) => phases(task, [100, 5_000]).join())).toEqual(["cancelled,cancelled", "queued,succeeded", "queued,succeeded", "queued,cancelled"]);
  });

  test("what is told of them: sums count what ended, by what was reported", () => {
    const { accept, book, clock } = fake();
    const cost: Partial<TaskOrder> = { usageOf: (phase, seconds) => (phase === "succeeded" ? { credits: 5, seconds } : undefined) };
    for (const spec of ["", "", "fail", "never-ends", "no-usage"]) accept(spec, cost);
    clock.now += 1_200;
    expect(sumTasks(book.all(), clock.now)).toEqual({ any: { m: { accepted: 5, queued: 0, running: 1, succeeded: 3, failed: 1, refused: 0, cancelled: 0, usage: { credits: 10, seconds: 1.8 } } } });
    expect(describeTask(accept("never-starts"), clock.now)).toMatchObject({ state: "queued", startsAt: null, endsAt: null, usage: null });
    expect([book.get("any", "me", "task-0")?.id, book.get("any", "another", "task-0"), book.list("any", "me")[0]?.id]).toEqual(["task-0", undefined, "task-5"]);
  });
});

describe("callbacks by the clock", () => {
  const told = (url: string) => ({ events: ["start", "end"], notice: (task: Task, event: string, at: number, forged: boolean) => ({ url, headers: {}, body: JSON.stringify({ event, phase: momentOf(task, at).phase, forged }) }) });
  const events = (messages: { text: string }[]): string[] => messages.map((one) => (({ event, phase }: { event: string; phase: string }) => `${event} ${phase}`)(JSON.parse(one.text)));

  test("each at its time, with the state of that time", async () => {
    const { accept, clock, later } = fake();
    const hook = receiver();
    accept("", { notifying: told(hook.url) });
    clock.now += 299;
    await later.run();
    expect(hook.messages).toEqual([]);
    clock.now += 5_000;
    await later.run();
    expect(events(hook.messages)).toEqual(["start running", "end succeeded"]);
    await hook.stop();
  });

  test("a cancel is told once, when it comes", async () => {
    const { accept, book, clock, later } = fake();
    const hook = receiver();
    const task = accept("", { notifying: told(hook.url) });
    clock.now += 400;
    await later.run();
    book.cancel(task, clock.now);
    clock.now += 10_000;
    await later.run();
    expect(events(hook.messages)).toEqual(["start running", "end cancelled"]);
    await hook.stop();
  });

  test("repeated with growing waits, and given up", async () => {
    const { accept, clock, later } = fake();
    const hook = receiver(() => 503);
    const task = accept("", { notifying: { ...told(hook.url), events: ["end"], tries: 3 } });
    for (const [wait, count] of [[1_200, 1], [199, 1], [1, 2], [399, 2], [1, 3], [60_000, 3]] as const) {
      clock.now += wait;
      await later.run();
      expect(hook.messages).toHaveLength(count);
    }
    expect(task.deliveries.map((one) => one.status)).toEqual([503, 503, 503]);
    await hook.stop();
  });

  test("late, and never", async () => {
    const { accept, clock, later } = fake();
    const hook = receiver();
    accept("callback-late=5000", { notifying: { ...told(hook.url), events: ["end"] } });
    accept("no-callback", { notifying: told(hook.url) });
    clock.now += 6_199;
    await later.run();
    expect(hook.messages).toEqual([]);
    clock.now += 1;
    await later.run();
    expect(events(hook.messages)).toEqual(["end succeeded"]);
    await hook.stop();
  });
});
