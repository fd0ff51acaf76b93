import { afterAll, expect, test } from "bun:test";
import { sql } from "kysely";
import { testDatabase } from "../testing/postgres.ts";
import { type Db, migrate, openDatabase, pendingMigrations } from "./database.ts";

const { db, connection } = await testDatabase();
let databases = 0;

/** Several pools on one database that has no tables yet. */
async function empty(pools: number): Promise<Db[]> {
  databases += 1;
  const database = `${connection.database}_empty_${databases}`;
  await sql`create database ${sql.id(database)} template template0`.execute(db);
  const opened = Array.from({ length: pools }, () => openDatabase({ ...connection, database }, () => undefined));
  afterAll(() => Promise.all(opened.map((one) => one.destroy())));
  return opened;
}

test("F24: processes that start together bring the schema up once", async () => {
  const all = await empty(4);
  const made = await Promise.all(all.map(migrate));
  expect(made.filter((names) => names.length > 0).length).toBe(1);
  expect(await pendingMigrations(all[0] as Db)).toEqual([]);
});

test("F12: a migration that fails halfway leaves nothing behind and says which; the next start completes it", async () => {
  const [one] = (await empty(1)) as [Db];
  await sql`create table price_versions (version text)`.execute(one);
  await expect(migrate(one)).rejects.toThrow(/migration 0001-spine failed: .*price_versions/);
  expect((await sql<{ found: string | null }>`select to_regclass('users') as found`.execute(one)).rows[0]?.found).toBeNull();
  await sql`drop table price_versions`.execute(one);
  expect((await migrate(one)).length).toBeGreaterThan(0);
  expect(await pendingMigrations(one)).toEqual([]);
});
