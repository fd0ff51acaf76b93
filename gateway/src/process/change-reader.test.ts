import { describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { testGateway } from "../testing/gateway.ts";
import { ChangeReader } from "./change-reader.ts";

/** A reader whose reads end when they are let. */
function reader(fails: (message: string) => boolean = () => false) {
  const read: string[] = [];
  const ends: (() => void)[] = [];
  let most = 0;
  let paused = 0;
  const one = (message: string) =>
    new Promise<void>((resolve, reject) => {
      read.push(message);
      ends.push(() => (fails(message) ? reject(new Error("away")) : resolve()));
      most = Math.max(most, ends.length);
    });
  const changes = new ChangeReader(one, () => one("all"), () => undefined, () => ((paused += 1), Promise.resolve()));
  const settle = async (): Promise<void> => {
    while (ends.length > 0) {
      ends.shift()?.();
      await Bun.sleep(0);
    }
  };
  return { changes, read, settle, most: () => most, paused: () => paused };
}

describe("changes that the database tells", () => {
  test("few are read at once, each in the end", async () => {
    const { changes, read, settle, most } = reader();
    for (let id = 0; id < 100; id += 1) changes.told(`api_keys:${id}`);
    await settle();
    expect([new Set(read).size, most()]).toEqual([100, 4]);
  });

  test("one that is told again while it is read is read again", async () => {
    const { changes, read, settle } = reader();
    changes.told("users:1");
    changes.told("users:1");
    changes.told("users:1");
    await settle();
    expect(read).toEqual(["users:1", "users:1"]);
  });

  test("of very many everything is read instead; what is told meanwhile is read after it", async () => {
    const { changes, read, settle } = reader();
    for (let id = 0; id < 10_000; id += 1) changes.told(`api_keys:${id}`);
    await settle();
    expect(read.length).toBeLessThan(600);
    expect(read).toContain("all");
    changes.told("api_keys:9");
    await settle();
    expect(read.at(-1)).toBe("api_keys:9");
  });

  test("one that cannot be read is not forgotten: everything is read until that succeeds", async () => {
    let failures = 3;
    const { changes, read, settle, paused } = reader(() => (failures -= 1) >= 0);
    changes.told("api_keys:7");
    await settle();
    expect(read).toEqual(["api_keys:7", "all", "all", "all"]);
    expect(paused()).toBe(2);
  });

  test("thousands of keys made in one transaction are all known", async () => {
    const { db, url, newCaller } = await testGateway();
    const { userId } = await newCaller("1");
    const keyOf = (n: number): string => `sk-${String(n).padStart(48, "0")}`;
    await sql`insert into api_keys (user_id, name, hash, visible) select ${userId}::bigint, 'k', sha256(convert_to('sk-' || lpad(g::text, 48, '0'), 'utf8')), '' from generate_series(1, 30000) g`.execute(db);
    const statusOf = async (key: string): Promise<number> => (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status;
    for (const key of [1, 10_000, 20_000, 30_000].map(keyOf)) {
      for (let n = 0; n < 100 && (await statusOf(key)) !== 200; n += 1) await Bun.sleep(50);
      expect(await statusOf(key)).toBe(200);
    }
  }, 60_000);
});
