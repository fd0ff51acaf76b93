import { RedisClient } from "bun";
import { afterAll, describe, expect, test } from "bun:test";
import { FakeClock } from "../clock/fake-clock.ts";
import { systemClock } from "../clock/clock.ts";
import { registerProcess, removeProcess } from "../store/queries/money.ts";
import { adjustLimits, takeLimits } from "../store/queries/limits.ts";
import { testDatabase } from "../testing/postgres.ts";
import { eventually } from "../testing/program.ts";
import { REDIS_SERVER, testRedis } from "../testing/redis.ts";
import { LimitBook, Pass, type Refused } from "./limit-book.ts";
import { Meter } from "./meter.ts";
import { RedisMeters } from "./redis-store.ts";
import type { Demand, LimitKind } from "./rule.ts";
import { type MeterStore, SharedMeters } from "./shared-meters.ts";

const closing: (() => void | Promise<void>)[] = [];
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
});
const { db } = await testDatabase();
const redis = REDIS_SERVER === undefined ? undefined : await testRedis();

type Store = (processId: string) => Promise<{ store: MeterStore; die(): Promise<void> }>;
const postgres: Store = async (processId) => {
  await registerProcess(db, processId);
  return { store: { take: (asks) => takeLimits(db, processId, asks), adjust: (changes) => adjustLimits(db, processId, changes) }, die: () => removeProcess(db, processId) };
};
const inRedis: Store = async (processId) => {
  const client = new RedisClient(redis?.url ?? "", { enableOfflineQueue: false });
  await client.connect();
  const store = new RedisMeters(client, processId);
  await store.show();
  closing.push(() => store.stop());
  return { store, die: async () => void (await client.send("DEL", [`{yescale}:alive:${processId}`])) };
};

const demand = (more: Partial<Demand> = {}): Demand => ({ requests: 1, tokens: 0, spendNano: 0, concurrent: 1, ...more });
let subjects = 0;

/** A process: its own counts, the store that all share. `meter` gives its own meter of the subject. */
async function processes(store: Store, count: number, clock = systemClock) {
  subjects += 1;
  const subject = String(subjects);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const opened = await store(Bun.randomUUIDv7());
      let away = 0;
      const shared = new SharedMeters(opened.store, clock, () => (away += 1));
      shared.processes = count;
      shared.start();
      closing.push(() => shared.stop());
      const book = new LimitBook(clock, () => Promise.resolve(0), shared);
      return { book, shared, away: () => away, die: () => opened.die(), meter: (kind: LimitKind, max: number) => new Meter("key", subject, kind, max) };
    }),
  );
}

const STORES: [string, Store][] = [["Postgres", postgres], ...(redis ? [["Redis", inRedis] as [string, Store]] : [])];
if (!redis) test.skip("limits counted in Redis: no redis-server or valkey-server on this machine", () => undefined);

describe.each(STORES)("V37: limits over processes that share %s", (_name, store) => {
  test.each([["requestsPerMinute", 10], ["concurrency", 10], ["requestsPerDay", 10], ["requestsPerMinute", 1], ["concurrency", 1]] as [LimitKind, number][])("exactly the limit of %s (%i) is let through of 50 at once, however they are divided", async (kind, max) => {
    for (const split of [0.5, 0.9, 0]) {
      const two = await processes(store, 2);
      const meters = two.map((one) => one.meter(kind, max));
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => {
          const at = index < 50 * split ? 0 : 1;
          return (two[at] as (typeof two)[0]).book.take([meters[at] as Meter], demand());
        }),
      );
      expect(answers.filter((answer) => answer instanceof Pass)).toHaveLength(max);
      const refused = answers.find((answer): answer is Refused => !(answer instanceof Pass));
      expect(refused?.waitMs).toBeGreaterThan(0);
    }
  });

  test("a place that one process does not need any more is soon another's", async () => {
    const [one, two] = (await processes(store, 2)) as [Awaited<ReturnType<typeof processes>>[0], Awaited<ReturnType<typeof processes>>[0]];
    const [mine, theirs] = [one.meter("concurrency", 2), two.meter("concurrency", 2)];
    const passes = (await Promise.all([one.book.take([mine], demand()), one.book.take([mine], demand())])) as Pass[];
    expect(await two.book.take([theirs], demand())).not.toBeInstanceOf(Pass);
    for (const pass of passes) pass.end({ tokens: 0, spendNano: 0 });
    expect(await eventually(async () => (await two.book.take([theirs], demand())) instanceof Pass, 3_000)).toBe(true);
  });

  test("places of a process that dies are free, what it used stays used", async () => {
    const [one, two] = (await processes(store, 2)) as [Awaited<ReturnType<typeof processes>>[0], Awaited<ReturnType<typeof processes>>[0]];
    const of = (who: typeof one): Meter[] => [who.meter("concurrency", 3), who.meter("requestsPerMinute", 5)];
    const [mine, theirs] = [of(one), of(two)];
    for (let i = 0; i < 3; i += 1) expect(await one.book.take(mine, demand())).toBeInstanceOf(Pass);
    expect(((await two.book.take(theirs, demand())) as Refused).refused.kind).toBe("concurrency");
    await one.die();
    expect(await eventually(async () => (await two.book.take(theirs, demand())) instanceof Pass, 3_000)).toBe(true);
    expect(await two.book.take(theirs, demand())).toBeInstanceOf(Pass);
    expect(((await two.book.take(theirs, demand())) as Refused).refused.kind).toBe("requestsPerMinute");
  });

  test("M17: estimates of tokens and money become what was used, for all", async () => {
    const [one, two] = (await processes(store, 2)) as [Awaited<ReturnType<typeof processes>>[0], Awaited<ReturnType<typeof processes>>[0]];
    const of = (who: typeof one): Meter[] => [who.meter("tokensPerMinute", 1_000), who.meter("spendPerDay", 1_000)];
    const [mine, theirs] = [of(one), of(two)];
    const big = demand({ tokens: 900, spendNano: 900 });
    const pass = (await one.book.take(mine, big)) as Pass;
    expect(await two.book.take(theirs, big)).not.toBeInstanceOf(Pass);
    pass.end({ tokens: 50, spendNano: 50 });
    expect(await eventually(async () => {
      const next = await two.book.take(theirs, big);
      if (!(next instanceof Pass)) return false;
      // More than was thought: the limit is overdrawn, and nothing has room until it is not.
      next.end({ tokens: 1_200, spendNano: 940 });
      return true;
    }, 3_000)).toBe(true);
    await Bun.sleep(300);
    expect(((await one.book.take(mine, demand({ tokens: 1, spendNano: 1 }))) as Refused).refused.kind).toBe("tokensPerMinute");
  });

  test("what was used of a day before others came counts, and no process counts less", async () => {
    const [one, two] = (await processes(store, 2)) as [Awaited<ReturnType<typeof processes>>[0], Awaited<ReturnType<typeof processes>>[0]];
    const [mine, theirs] = [one.meter("requestsPerDay", 5), two.meter("requestsPerDay", 5)];
    mine.setBase(3, one.book.moment());
    expect(await one.book.take([mine], demand())).toBeInstanceOf(Pass);
    expect(await two.book.take([theirs], demand())).toBeInstanceOf(Pass);
    expect(await two.book.take([theirs], demand())).not.toBeInstanceOf(Pass);
  });

  test("a thousand takes at a high limit ask a few times, not a thousand", async () => {
    let asked = 0;
    const counting: Store = async (processId) => {
      const opened = await store(processId);
      return { ...opened, store: { take: (asks) => ((asked += 1), opened.store.take(asks)), adjust: (changes) => opened.store.adjust(changes) } };
    };
    const two = await processes(counting, 2);
    const meters = two.map((one) => one.meter("requestsPerMinute", 100_000));
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 100 }, (_, index) => (two[index % 2] as (typeof two)[0]).book.take([meters[index % 2] as Meter], demand())));
    expect(asked).toBeLessThan(60);
  });
});

test("F07: while the store is away each process lets through its share, and asks again later", async () => {
  const clock = new FakeClock();
  let broken = true;
  let asked = 0;
  const store: Store = () => Promise.resolve({
    store: {
      take: (asks) => ((asked += 1), broken ? Promise.reject(new Error("away")) : Promise.resolve(asks.map(({ need }) => ({ granted: need, used: need, second: 1, waitMs: 0 })))),
      adjust: () => Promise.resolve(),
    },
    die: () => Promise.resolve(),
  });
  const [one] = (await processes(store, 4, clock)) as [Awaited<ReturnType<typeof processes>>[0]];
  const meters = [one.meter("requestsPerMinute", 8)];
  const answers = [];
  for (let i = 0; i < 5; i += 1) answers.push(await one.book.take(meters, demand()));
  expect(answers.filter((answer) => answer instanceof Pass)).toHaveLength(2);
  expect(asked).toBe(1);
  expect(one.away()).toBe(1);
  broken = false;
  clock.advance(1_500);
  expect(await one.book.take(meters, demand())).toBeInstanceOf(Pass);
  expect(asked).toBe(2);
});
