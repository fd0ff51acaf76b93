import { afterAll, expect, test } from "bun:test";
import { sql } from "kysely";
import { testDatabase } from "../testing/postgres.ts";
import { ChangeListener } from "./listener.ts";

const { db, connection } = await testDatabase();
const heard: string[] = [];
let resumed = 0;
const listener = new ChangeListener(connection, (message) => heard.push(message), () => (resumed += 1));
await listener.start();
afterAll(() => listener.stop());

const until = async (true_: () => boolean): Promise<void> => {
  for (let i = 0; i < 500 && !true_(); i += 1) await Bun.sleep(10);
};
const tell = (message: string) => sql`select pg_notify('yescale_changed', ${message})`.execute(db);

test("V14: what the database tells is heard, in order", async () => {
  await tell("api_keys:1");
  await tell("budgets:2");
  await until(() => heard.length >= 2);
  expect(heard).toEqual(["api_keys:1", "budgets:2"]);
});

test("F07: a lost connection is made again, and the hearer is told that something may have been missed", async () => {
  heard.length = 0;
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'yescale-listener' and datname = current_database()`.execute(db);
  await until(() => resumed > 0);
  expect(resumed).toBe(1);
  await tell("users:3");
  await until(() => heard.length > 0);
  expect(heard).toEqual(["users:3"]);
});

test("a stopped listener stays stopped", async () => {
  await listener.stop();
  heard.length = 0;
  await tell("users:4");
  await Bun.sleep(300);
  expect([heard.length, resumed]).toEqual([0, 1]);
});
