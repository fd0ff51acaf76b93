import { afterEach, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal, parseJournal, readLeftovers, removeLeftover } from "./journal.ts";

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "yescale-journal-"));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true });
});

test("what was appended is found again, in order, by whole records", async () => {
  const path = folder();
  const journal = new Journal(path, "p");
  for (let i = 0; i < 5; i += 1) await journal.append(JSON.stringify({ i, text: "é\\n" }));
  const [leftover] = readLeftovers(path, new Set());
  expect(leftover?.records.map((json) => (JSON.parse(json) as { i: number }).i)).toEqual([0, 1, 2, 3, 4]);
  expect(readLeftovers(path, new Set(["p"]))).toEqual([]);
});

test("M18: a torn end is dropped, a damaged line is counted and not trusted", async () => {
  const path = folder();
  const journal = new Journal(path, "p");
  await journal.append('{"a":1}');
  const [file] = readdirSync(path);
  appendFileSync(join(path, file ?? ""), '00000000 {"forged":1}\n1234');
  const [leftover] = readLeftovers(path, new Set());
  expect(leftover?.records).toEqual(['{"a":1}']);
  expect(leftover?.damagedLines).toBe(2);
  if (leftover) removeLeftover(leftover);
  expect(readdirSync(path)).toEqual([`${file}.damaged`]);
});

test("files whose records are all applied go, the others stay", async () => {
  const path = folder();
  const journal = new Journal(path, "p");
  const record = JSON.stringify({ text: "x".repeat(1_000_000) });
  for (let i = 0; i < 20; i += 1) await journal.append(record);
  expect(readdirSync(path).length).toBe(3);
  journal.applied(9);
  expect(readdirSync(path).length).toBe(2);
  journal.applied(11);
  journal.close();
  expect(readdirSync(path)).toEqual([]);
});

test("renewed, a file goes with its records: at once when all are applied, else when they are; what is not applied is found again", async () => {
  const path = folder();
  const journal = new Journal(path, "p");
  const [first] = readdirSync(path);
  journal.renew();
  expect(readdirSync(path)).toEqual([first ?? ""]);
  await journal.append("{}");
  journal.applied(1);
  journal.renew();
  expect(readdirSync(path)).not.toContain(first);
  for (const n of [1, 2]) await journal.append(JSON.stringify({ n }));
  journal.applied(1);
  journal.renew();
  await journal.append(JSON.stringify({ n: 3 }));
  expect(readdirSync(path)).toHaveLength(2);
  expect(readLeftovers(path, new Set()).flatMap(({ records }) => records)).toEqual([1, 2, 3].map((n) => JSON.stringify({ n })));
  journal.applied(1);
  expect(readLeftovers(path, new Set()).flatMap(({ records }) => records)).toEqual([JSON.stringify({ n: 3 })]);
  journal.applied(1);
  journal.close();
  expect(readdirSync(path)).toEqual([]);
});

test("a disk that takes no new file costs no record", async () => {
  const path = folder();
  const journal = new Journal(path, "p");
  await journal.append("{}");
  // A folder in its place: it cannot be opened to write.
  mkdirSync(join(path, "p.000001.journal"));
  journal.renew();
  await journal.append(JSON.stringify({ n: 2 }));
  rmSync(join(path, "p.000001.journal"), { recursive: true });
  expect(readLeftovers(path, new Set()).flatMap(({ records }) => records)).toEqual(["{}", JSON.stringify({ n: 2 })]);
  journal.applied(2);
  journal.renew();
  journal.close();
  expect(readdirSync(path)).toEqual([]);
});

test("an empty text has no records", () => expect(parseJournal("")).toEqual({ records: [], damagedLines: 0 }));
