import { expect, test } from "bun:test";
import fc from "fast-check";
import { Gather } from "./gather.ts";

test("what comes together goes together, and each gets its own answer", async () => {
  const batches: number[][] = [];
  const gather = new Gather(async (items: number[]) => {
    batches.push(items);
    await Promise.resolve();
    return items.map((item) => item * 2);
  }, 10, 1);
  expect(await Promise.all([1, 2, 3].map((item) => gather.add(item)))).toEqual([2, 4, 6]);
  expect(batches).toEqual([[1, 2, 3]]);
});

test("what comes while a statement runs is the next one, bounded in size and number", async () => {
  let running = 0;
  const seen = { most: 0, largest: 0 };
  const gather = new Gather(async (items: number[]) => {
    running += 1;
    seen.most = Math.max(seen.most, running);
    seen.largest = Math.max(seen.largest, items.length);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return items;
  }, 7, 2);
  const items = Array.from({ length: 100 }, (_, index) => index);
  expect(await Promise.all(items.map((item) => gather.add(item)))).toEqual(items);
  expect(seen).toEqual({ most: 2, largest: 7 });
});

test("M37: one item at fault fails alone, whatever stands beside it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 10 }), async (sound, most) => {
      const gather = new Gather((items: boolean[]) => (items.every(Boolean) ? Promise.resolve(items) : Promise.reject(new Error("refused"))), most, 2);
      const answers = await Promise.allSettled(sound.map((item) => gather.add(item)));
      expect(answers.map(({ status }) => status)).toEqual(sound.map((item) => (item ? "fulfilled" : "rejected")));
    }),
  );
});

test("statements for what nobody waits for begin apart, and none is left behind", async () => {
  const begun: number[] = [];
  const gather = new Gather((items: number[]) => {
    begun.push(performance.now());
    return Promise.resolve(items);
  }, 100, 1, 20);
  const answers: Promise<number>[] = [];
  for (let index = 0; index < 12; index += 1) {
    answers.push(gather.add(index));
    await Bun.sleep(4);
  }
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 12 }, (_, index) => index));
  expect(begun.length).toBeWithin(2, 6);
  expect(Math.min(...begun.slice(1).map((at, index) => at - (begun[index] ?? 0)))).toBeGreaterThan(18);
});
