/**
 * How long pages of the log take over many rows: `npm run bench:logs -- 10000000` fills a scratch database with that many requests of one account and asks for pages of its log as the System
 * API does. Ten million rows need about 7 GB of disk and three minutes. The test beside `store/queries/logs.ts` holds the plans; this shows the times.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { type Db, migrate, openDatabase } from "../gateway/src/store/database.ts";
import { startEmbeddedPostgres } from "../gateway/src/store/embedded/index.ts";
import { createUser } from "../gateway/src/store/queries/accounts.ts";
import { countWholeLog, type LogFilter, listLog, skipLog } from "../gateway/src/store/queries/logs.ts";

const BATCH_ROWS = 200_000;
const ROUNDS = 9;
const rows = Number(process.argv[2] ?? 1_000_000);

async function fill(db: Db, userId: string): Promise<void> {
  for (let from = 0; from < rows; from += BATCH_ROWS)
    await sql`insert into requests (id, at, user_id, key_id, group_name, dialect, endpoint, model, stream, sandbox, status, error_code, end_reason, attempts, first_byte_ms, duration_ms, usage, estimated, charge_nano, lines)
      select uuid_at(ts), ts, ${userId}::bigint, 1 + g % 7, 'default', 'openai-chat', 'chat', 'model-' || g % 5, g % 2 = 0, false, case when g % 50 = 0 then 429 else 200 end, case when g % 50 = 0 then 'rate_limit_exceeded' end, 'complete',
        '[{"channel":"environment:openai","key":0,"outcome":"ok","status":200,"ms":812.3}]', 210, 812.3, '{"input":812,"cacheRead":1024,"output":233}', false, 523411,
        '[{"class":"input","units":812,"unitPricePico":"400000","ratioMicro":1000000,"amountNano":324800},{"class":"output","units":233,"unitPricePico":"1600000","ratioMicro":1000000,"amountNano":372800}]'
        from (select g, now() - interval '100 days' + (g::float8 / ${rows}) * interval '100 days' as ts from generate_series(${from}::int, ${Math.min(from + BATCH_ROWS, rows) - 1}::int) g) s`.execute(db);
  await sql`insert into user_usage (user_id, used_nano, requests) values (${userId}::bigint, 0, ${rows}::bigint)`.execute(db);
  await sql`analyze requests`.execute(db);
}

async function time(name: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    const startedAt = performance.now();
    await work();
    times.push(performance.now() - startedAt);
  }
  const sorted = times.toSorted((a, b) => a - b);
  console.log(`${name.padEnd(36)} median ${(sorted[Math.floor(ROUNDS / 2)] ?? 0).toFixed(1).padStart(8)} ms, first ${(times[0] ?? 0).toFixed(1).padStart(8)} ms`);
}

const dataDir = mkdtempSync(join(tmpdir(), "yescale-logs-"));
const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined, settings: { fsync: "off", max_wal_size: "8GB" } });
const db = openDatabase(postgres.connection, () => undefined);
try {
  await migrate(db);
  const userId = (await createUser(db, { username: "many", displayName: "", role: 1, accessKeyHash: Buffer.from("many") })) ?? "";
  await fill(db, userId);
  console.log(`${rows} rows`);
  const page = (more: Partial<LogFilter>, limit: number) => listLog(db, { owner: { userId }, ...more }, { limit });
  for (const size of [100, 1_000, 10_000]) await time(`page 1 of ${size}`, () => page({}, size));
  await time("how many there are", () => countWholeLog(db, userId));
  await time("a model", () => page({ model: "model-1" }, 100));
  await time("a model that nobody called", () => page({ model: "none" }, 100));
  await time("errors of a model", () => page({ type: 5, model: "model-1" }, 100));
  await time("two keys, one without rows", () => page({ keyIds: ["1", "99"] }, 100));
  await time("an hour long ago", () => page({ fromSeconds: Date.now() / 1000 - 4_320_000, toSeconds: Date.now() / 1000 - 4_316_400 }, 100));
  await time("a jump over 100,000 rows", () => skipLog(db, { owner: { userId } }, { count: Math.min(100_000, rows) }));
} finally {
  await db.destroy();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
