import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "../clock/fake-clock.ts";
import { Journal } from "./journal.ts";
import { recoverJournals } from "./recovery.ts";
import { SetAside } from "./set-aside.ts";
import { Settler } from "./settler.ts";

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "yescale-settler-"));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true });
});

const refusal = Object.assign(new Error("unsupported Unicode escape sequence"), { code: "22P05" });
const away = Object.assign(new Error("connection terminated"), { code: "57P01" });

/** A database that refuses every batch with a record that has `"bad"`, and is away `failures` times first. */
function database(failures = 0) {
  const kept: string[] = [];
  let left = failures;
  let statements = 0;
  const settleBatch = (records: readonly string[]): Promise<number> => {
    statements += 1;
    if (left > 0) {
      left -= 1;
      return Promise.reject(away);
    }
    if (records.some((record) => record.includes("bad"))) return Promise.reject(refusal);
    kept.push(...records);
    return Promise.resolve(records.length);
  };
  return { kept, settleBatch, statements: () => statements };
}

test("M37, F09: one record that Postgres refuses is set aside and told; all others are settled, in order, and the journal is empty", async () => {
  const path = folder();
  const db = database();
  const journal = new Journal(path, "p");
  const aside = new SetAside(path);
  const told: unknown[] = [];
  const settler = new Settler(journal, db.settleBatch, aside, "p", { failed: (error) => told.push(error), setAside: (error) => told.push(error) }, new FakeClock());
  const records = Array.from({ length: 300 }, (_, i) => JSON.stringify({ i, text: i === 0 || i === 137 || i === 299 ? "bad" : "good" }));
  await Promise.all(records.map((record) => settler.add(record)));
  expect(await settler.drain(5_000)).toBe(true);
  expect(db.kept).toEqual(records.filter((record) => !record.includes("bad")));
  expect(db.statements()).toBeLessThan(100);
  expect(told).toEqual([refusal, refusal, refusal]);
  expect(settler.setAsideTotal).toBe(3);
  expect(aside.list().map((entry) => entry.record)).toEqual(records.filter((record) => record.includes("bad")));
  expect(aside.list()[0]).toMatchObject({ processId: "p", reason: "unsupported Unicode escape sequence" });
  settler.stop();
  journal.close();
  expect(readdirSync(path)).toEqual(["set-aside.jsonl"]);
});

test("F07, F09: a database that is away sets nothing aside: the journal waits for it", async () => {
  const path = folder();
  const db = database(2);
  const journal = new Journal(path, "p");
  const aside = new SetAside(path);
  const settler = new Settler(journal, db.settleBatch, aside, "p", { failed: () => undefined, setAside: () => undefined }, new FakeClock());
  await settler.add('{"text":"good"}');
  expect(await settler.drain(5_000)).toBe(true);
  expect(db.kept).toEqual(['{"text":"good"}']);
  expect(aside.count()).toBe(0);
  settler.stop();
  journal.close();
});

test("M18, M37: recovery sets a refused record aside, applies the rest and drops the journal", async () => {
  const path = folder();
  const journal = new Journal(path, "dead");
  for (const text of ["good 1", "bad", "good 2"]) await journal.append(JSON.stringify({ text }));
  const db = database();
  const aside = new SetAside(path);
  const removed: string[] = [];
  const store = { settleBatch: (_: string, records: readonly string[]) => db.settleBatch(records), removeProcess: (id: string) => Promise.resolve(void removed.push(id)) };
  expect(await recoverJournals(path, new Set(), store, aside)).toEqual({ files: 1, records: 3, applied: 2, damagedLines: 0, setAside: 1 });
  expect(db.kept.length).toBe(2);
  expect(removed).toEqual(["dead"]);
  expect(aside.list().map((entry) => entry.processId)).toEqual(["dead"]);
  expect(readdirSync(path)).toEqual(["set-aside.jsonl"]);
});

test("F10: a refused record that cannot be set aside stays in the journal, and is tried again", async () => {
  const path = folder();
  const db = database();
  const journal = new Journal(path, "p");
  const aside = new SetAside(path);
  const add = aside.add.bind(aside);
  let full = true;
  aside.add = (...given) => {
    if (full) throw new Error("ENOSPC");
    add(...given);
  };
  const told: unknown[] = [];
  const settler = new Settler(journal, db.settleBatch, aside, "p", { failed: (error) => told.push(error), setAside: () => undefined }, { now: () => 0, monotonic: () => performance.now() });
  await settler.add('{"text":"bad"}');
  await settler.add('{"text":"good"}');
  expect(await settler.drain(50)).toBe(false);
  expect(String(told[0])).toContain("ENOSPC");
  expect(settler.pending).toBe(2);
  full = false;
  expect(await settler.drain(5_000)).toBe(true);
  expect([aside.count(), db.kept.length]).toEqual([1, 1]);
  settler.stop();
  journal.close();
});

test("F07: recovery with the database away throws and keeps the journal", async () => {
  const path = folder();
  await new Journal(path, "dead").append('{"text":"good"}');
  const db = database(1);
  const store = { settleBatch: (_: string, records: readonly string[]) => db.settleBatch(records), removeProcess: () => Promise.resolve() };
  await expect(recoverJournals(path, new Set(), store, new SetAside(path))).rejects.toThrow("terminated");
  expect(readdirSync(path).length).toBe(1);
});

test("what the database has does not stay in a file, however quiet it is; what is set aside is without the caller's address and words", async () => {
  const path = folder();
  const db = database();
  const journal = new Journal(path, "p");
  const aside = new SetAside(path);
  const settler = new Settler(journal, db.settleBatch, aside, "p", { failed: () => undefined, setAside: () => undefined }, new FakeClock(), 20);
  await settler.add(JSON.stringify({ id: 1, ip: "203.0.113.7", metadata: { end_user_id: "ada" } }));
  await settler.add(JSON.stringify({ id: 2, text: "bad", ip: "203.0.113.7", metadata: { end_user_id: "ada" } }));
  expect(await settler.drain(5_000)).toBe(true);
  const texts = (): string => readdirSync(path).map((name) => readFileSync(join(path, name), "utf8")).join("");
  for (let i = 0; i < 100 && texts().includes("203.0.113.7"); i += 1) await Bun.sleep(20);
  expect(texts()).not.toMatch(/203\.0\.113\.7|ada/);
  expect(aside.list().map(({ record }) => JSON.parse(record) as unknown)).toEqual([{ id: 2, text: "bad" }]);
  settler.stop();
  journal.close();
});
