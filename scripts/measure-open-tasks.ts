/**
 * Many open tasks on one process: `npm run bench:open [-- 100000 90]` lays so many running tasks into a scratch database, starts the gateway on it and watches for so many seconds how late due looks are and how large the process is.
 * The vendor is the bench's stand-in on Replicate's wire, whose tasks never end meanwhile.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { startEnvironment } from "../bench/src/targets/start-environment.ts";
import { openDatabase } from "../gateway/src/store/database.ts";
import { startEmbeddedPostgres } from "../gateway/src/store/embedded/index.ts";
import { freePort } from "../gateway/src/testing/program.ts";

const [TASKS, SECONDS] = [Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 90)];
const ROOT = join(import.meta.dir, "..");
const KEY = "sk-opentasksopentasksopentasksopen";
const NEVER_MS = 86_400_000;
/** Looks of older tasks are so far apart: the rows' first ones are spread over that. */
const APART_SECONDS = 60;
const SETTLE_SECONDS = 20;

const folder = mkdtempSync(join(tmpdir(), "yescale-open-"));
const port = freePort();
const url = `http://127.0.0.1:${port}`;
const vendor = Bun.spawn([process.execPath, join(ROOT, "bench/src/upstream/task-vendor.ts"), "0", String(NEVER_MS)], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
const vendorReader = vendor.stdout.getReader();
const { port: vendorPort } = JSON.parse(new TextDecoder().decode((await vendorReader.read()).value)) as { port: number };

async function start(): Promise<Bun.Subprocess> {
  const gateway = Bun.spawn([process.execPath, join(ROOT, "gateway/src/main.ts"), "start"], {
    env: {
      PATH: process.env["PATH"], HOME: process.env["HOME"], PORT: String(port), YESCALE_DATA_DIR: folder, YESCALE_API_KEY: KEY, YESCALE_INITIAL_CREDIT_USD: "1000000", YESCALE_SANDBOX: "off", LOG_LEVEL: "error", YESCALE_SHUTDOWN_SECONDS: "5",
      REPLICATE_API_TOKEN: "r8-bench", REPLICATE_BASE_URL: `http://127.0.0.1:${vendorPort}`, ...startEnvironment(),
    },
    stdout: "ignore",
    stderr: "inherit",
  });
  for (let i = 0; i < 3_000; i += 1) {
    if (await fetch(`${url}/readyz`).then((response) => response.ok, () => false)) return gateway;
    await Bun.sleep(20);
  }
  throw new Error("the gateway did not become ready");
}
const stop = async (gateway: Bun.Subprocess): Promise<void> => {
  gateway.kill("SIGTERM");
  await gateway.exited;
};
const residentMegabytes = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0") / 1024;

/** Milliseconds of processor time of a process, in user and system together (proc(5), `stat`: fields 14 and 15, ticks of 10 ms). */
const processorMs = (pid: number): number => {
  const fields = (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] ?? "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

// One task by the door, so that the others are rows as the gateway writes them.
let gateway = await start();
const made = await fetch(`${url}/task/submit`, { method: "POST", headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" }, body: JSON.stringify({ model: "imagen-4", prompt: "a red stone by the sea" }) });
if (!made.ok) throw new Error(`the first task was refused: ${await made.text()}`);
await Bun.sleep(1_500);
await stop(gateway);

let postgres = await startEmbeddedPostgres({ dataDir: folder, log: () => undefined });
let db = openDatabase(postgres.connection, () => undefined);
const columns = (await sql<{ name: string }>`select column_name as name from information_schema.columns where table_name = 'tasks' order by ordinal_position`.execute(db)).rows.map(({ name }) => name);
const other: Record<string, string> = {
  id: "gen_random_uuid()::text", request_id: "gen_random_uuid()", callback_token: "'open-' || g", vendor_ref: "'n' || g || 'x' || (extract(epoch from now()) * 1000)::bigint", submitted_at: "now() - interval '10 minutes'",
  deadline_at: "now() + interval '1 day'", idempotency_key: "null", request_hash: "null",
};
await sql.raw(`insert into tasks (${columns.map((name) => `"${name}"`).join(", ")}) select ${columns.map((name) => other[name] ?? `t."${name}"`).join(", ")} from (select * from tasks limit 1) t, generate_series(1, ${TASKS - 1}) g`).execute(db);
await sql.raw(`insert into task_turns (task_id, lane, due_at) select k.id, (select lane from task_turns limit 1), now() + interval '10 seconds' + random() * interval '${APART_SECONDS} seconds' from tasks k where not exists (select 1 from task_turns t where t.task_id = k.id)`).execute(db);
await sql`update budgets b set held_nano = (select coalesce(sum(k.hold_nano), 0) from tasks k where b.id = any (k.budgets)) where kind = 'wallet'`.execute(db);
await sql`analyze tasks, task_turns`.execute(db);
await db.destroy();
await postgres.stop();

gateway = await start();
postgres = await startEmbeddedPostgres({ dataDir: folder, log: () => undefined });
db = openDatabase(postgres.connection, () => undefined);
const late: number[] = [];
let resident = 0;
// A look writes its turn twice: when it is taken, and when it is brought back.
const looksAt = async (): Promise<number> => Number((await sql<{ writes: string }>`select n_tup_upd as writes from pg_stat_user_tables where relname = 'task_turns'`.execute(db)).rows[0]?.writes) / 2;
await Bun.sleep(SETTLE_SECONDS * 1_000);
const [before, began, processor] = [await looksAt(), performance.now(), processorMs(gateway.pid)];
while (performance.now() - began < SECONDS * 1_000) {
  const { rows } = await sql<{ late: number }>`select coalesce(extract(epoch from max(clock_timestamp() - due_at)), 0)::float8 as late from task_turns where due_at < clock_timestamp()`.execute(db);
  late.push(rows[0]?.late ?? 0);
  resident = Math.max(resident, residentMegabytes(gateway.pid));
  await Bun.sleep(500);
}
const [count, seconds, spentMs] = [(await looksAt()) - before, (performance.now() - began) / 1_000, processorMs(gateway.pid) - processor];
const open = Number((await db.selectFrom("tasks").select((eb) => eb.fn.countAll<string>().as("n")).where("phase", "=", "running").executeTakeFirstOrThrow()).n);
await db.destroy();
await stop(gateway);
vendor.kill();
rmSync(folder, { recursive: true, force: true });
late.sort((a, b) => a - b);
const at = (share: number): number => Math.round((late[Math.floor(late.length * share)] ?? late.at(-1) ?? 0) * 1_000);
console.log(JSON.stringify({ open, looksPerSecond: Math.round(count / seconds), processorMsPerLook: Number((spentMs / count).toFixed(3)), lateMs: { p50: at(0.5), p99: at(0.99), longest: at(1) }, residentMegabytes: Math.round(resident) }));
