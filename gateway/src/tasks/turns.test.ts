import { expect, test } from "bun:test";
import { systemClock } from "../clock/clock.ts";
import type { Turn } from "../store/queries/tasks.ts";
import { eventually } from "../testing/program.ts";
import { TurnTaker } from "./turns.ts";

/** Turns in memory, given out as `claim_turns` does; each step lasts until it is let go. */
function source(lanes: readonly string[]) {
  const due: Turn[] = lanes.map((lane, index) => ({ taskId: String(index), lane, fence: 1, taken: 1, dueAt: 0 }));
  const under = new Map<string, { lane: string; done: () => void }>();
  return {
    under,
    add: (lane: string): void => void due.push({ taskId: `late-${due.length}-${lane}`, lane, fence: 1, taken: 1, dueAt: 0 }),
    claim: ({ most, laneMost, full }: { most: number; laneMost: number; full: readonly string[] }): Promise<Turn[]> => {
      const given = new Map<string, number>();
      const taken = due.filter(({ lane }) => {
        const count = given.get(lane) ?? 0;
        if (full.includes(lane) || count >= laneMost) return false;
        given.set(lane, count + 1);
        return true;
      });
      const now = taken.slice(0, most);
      for (const turn of now) due.splice(due.indexOf(turn), 1);
      return Promise.resolve(now);
    },
    steps: (turns: readonly Turn[]): Promise<void>[] => turns.map(({ taskId, lane }) => new Promise<void>((done) => under.set(taskId, { lane, done }))),
    left: () => due.length,
  };
}

test("K01, K02: a lane whose steps never end holds up no other", async () => {
  const from = source(Array.from({ length: 500 }, () => "stuck"));
  const taker = new TurnTaker(from, systemClock, () => undefined);
  taker.start();
  expect(await eventually(() => from.under.size >= 32, 3_000)).toBe(true);
  from.add("other");
  taker.wake();
  expect(await eventually(() => [...from.under.values()].some(({ lane }) => lane === "other"), 1_000)).toBe(true);
  expect([...from.under.values()].filter(({ lane }) => lane === "stuck").length).toBeLessThan(500);
  for (const { done } of from.under.values()) done();
  await taker.stop(1_000);
});

test("a lane never has more than its share under way, however often is looked", async () => {
  const from = source(Array.from({ length: 300 }, () => "one"));
  const taker = new TurnTaker(from, systemClock, () => undefined);
  taker.start();
  await eventually(() => from.under.size >= 32, 3_000);
  for (let index = 0; index < 20; index += 1) {
    // One ends, and many looks follow.
    const [id, step] = [...from.under][0] ?? [];
    step?.done();
    from.under.delete(id ?? "");
    taker.wake();
    await Bun.sleep(5);
    expect(from.under.size).toBeLessThanOrEqual(64);
  }
  for (const { done } of from.under.values()) done();
  await taker.stop(1_000);
});

test("a look that fails is told and repeated; the end waits for steps under way, and no longer than told", async () => {
  let looks = 0;
  const faults: unknown[] = [];
  const from = source(["a"]);
  const taker = new TurnTaker({ steps: from.steps, claim: (want) => ((looks += 1) === 1 ? Promise.reject(new Error("away")) : from.claim(want)) }, systemClock, (error) => faults.push(error));
  taker.start();
  expect(await eventually(() => from.under.size === 1, 5_000)).toBe(true);
  expect(faults.map(String)).toEqual(["Error: away"]);
  const before = performance.now();
  await taker.stop(150);
  expect(performance.now() - before).toBeWithin(100, 1_000);
});

test("K01: a process that has rested tens of thousands of times takes turns as at first", async () => {
  const from = source([]);
  const taker = new TurnTaker(from, systemClock, () => undefined);
  taker.start();
  const begun = performance.now();
  for (let index = 0; index < 30_000; index += 1) {
    taker.wake();
    for (let ticks = 0; ticks < 6; ticks += 1) await Promise.resolve();
  }
  expect(performance.now() - begun).toBeLessThan(3_000);
  from.add("a");
  taker.wake();
  expect(await eventually(() => from.under.size === 1, 1_000)).toBe(true);
  for (const { done } of from.under.values()) done();
  await taker.stop(1_000);
});

test("K02: new tasks that begin at once leave a lane room for its turns that are due, and other lanes theirs; none begins before the start or after the end", async () => {
  const from = source([]);
  const taker = new TurnTaker(from, systemClock, () => undefined);
  expect(taker.take("one")).toBeUndefined();
  taker.start();
  const taken = Array.from({ length: 100 }, () => taker.take("one")).filter((over) => over !== undefined);
  expect(taken.length).toBe(32);
  for (let index = 0; index < 40; index += 1) from.add("one");
  taker.wake();
  expect(await eventually(() => from.under.size === 32, 1_000)).toBe(true);
  expect(taker.take("one")).toBeUndefined();
  const other = taker.take("other");
  expect(other).toBeDefined();
  const ended = taker.stop(5_000);
  expect(taker.take("third")).toBeUndefined();
  for (const over of taken) over();
  other?.();
  for (const { done } of from.under.values()) done();
  const before = performance.now();
  await ended;
  expect(performance.now() - before).toBeLessThan(2_000);
});
