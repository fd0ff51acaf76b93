/**
 * A thousand tasks through the gateway while it is killed twenty times (`npm run bench:kills [-- tasks kills]`): each must end, be made once at the vendor and be charged once. Prints what came of it; ends with 1 when something
 * is wrong. The vendor is the simulator of Kling, in this process: it outlives the gateway, as vendors do, and its books are compared with the ledger.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "../simulators/src/server.ts";
import { openDatabase } from "../gateway/src/store/database.ts";
import { startEmbeddedPostgres } from "../gateway/src/store/embedded/index.ts";
import { checkMoney } from "../gateway/src/store/queries/money.ts";
import { freePort } from "../gateway/src/testing/program.ts";

const [TASKS, KILLS] = [Number(process.argv[2] ?? 1_000), Number(process.argv[3] ?? 20)];
const ROOT = join(import.meta.dir, "..");
const KEY = "sk-killtaskskilltaskskilltaskskill";
const SUBMITTERS = 16;
const ALIVE_MS = { least: 700, most: 2_500 };
const END_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), "yescale-kills-"));
const port = freePort();
const url = `http://127.0.0.1:${port}`;
const vendor = await startSandbox({ port: 0, hostname: "127.0.0.1" });

async function start(): Promise<Bun.Subprocess> {
  const gateway = Bun.spawn([process.execPath, join(ROOT, "gateway/src/main.ts"), "start"], {
    env: {
      PATH: process.env["PATH"], HOME: process.env["HOME"], PORT: String(port), YESCALE_DATA_DIR: folder, YESCALE_API_KEY: KEY, YESCALE_INITIAL_CREDIT_USD: "100000", YESCALE_SANDBOX: "off", LOG_LEVEL: "error", YESCALE_SHUTDOWN_SECONDS: "5",
      KLING_API_KEY: "kling-secret", KLING_BASE_URL: `${vendor.url}/kling`, YESCALE_FETCH_ALLOW: "127.0.0.1", YESCALE_FETCH_HTTP: "on",
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

const accepted = new Set<string>();
let next = 0;
async function submit(): Promise<void> {
  while (next < TASKS) {
    const n = next;
    next += 1;
    // The same key until it is accepted: an order whose answer was lost is no second one.
    for (;;) {
      const answer = await fetch(`${url}/task/submit`, { method: "POST", headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", "idempotency-key": `kill-${n}` }, body: JSON.stringify({ model: "kling-v1-6", prompt: `stone ${n}` }) }).catch(() => undefined);
      const said = (await answer?.json().catch(() => undefined)) as { task_id?: string } | undefined;
      if (answer?.ok && said?.task_id) {
        accepted.add(said.task_id);
        break;
      }
      if (answer && answer.status >= 400 && answer.status < 500 && answer.status !== 429) throw new Error(`refused: ${answer.status} ${JSON.stringify(said)}`);
      await Bun.sleep(20);
    }
    await Bun.sleep((KILLS * (ALIVE_MS.least + ALIVE_MS.most) * SUBMITTERS) / 4 / TASKS);
  }
}

const began = performance.now();
let gateway = await start();
const submitters = Promise.all(Array.from({ length: SUBMITTERS }, submit));
for (let kill = 0; kill < KILLS; kill += 1) {
  await Bun.sleep(ALIVE_MS.least + Math.random() * (ALIVE_MS.most - ALIVE_MS.least));
  gateway.kill("SIGKILL");
  await gateway.exited;
  gateway = await start();
}
await submitters;
const submittedMs = performance.now() - began;

const openNow = async (): Promise<number> => {
  const states = await Promise.all([...accepted].map(async (id) => ((await (await fetch(`${url}/task/${id}`, { headers: { authorization: `Bearer ${KEY}` } })).json()) as { status?: string }).status ?? ""));
  return states.filter((state) => !["SUCCESS", "FAILURE", "CANCELLED"].includes(state)).length;
};
let open = await openNow();
while (open > 0 && performance.now() - began < submittedMs + END_MS) {
  await Bun.sleep(1_000);
  open = await openNow();
}
const endedMs = performance.now() - began;
gateway.kill("SIGTERM");
await gateway.exited;

const postgres = await startEmbeddedPostgres({ dataDir: folder, log: () => undefined });
const db = openDatabase(postgres.connection, () => undefined);
const rows = await db.selectFrom("tasks").select(["id", "state", "phase", "charge_nano", "vendor_ref"]).execute();
const wallet = await db.selectFrom("budgets").select("held_nano").where("kind", "=", "wallet").executeTakeFirstOrThrow();
const charges = await db.selectFrom("ledger").select("ref").where("kind", "=", "charge").execute();
const books = await checkMoney(db);
await db.destroy();
await postgres.stop();

/** All films in the simulator's books, page by page, as the vendor lists them. */
async function made(): Promise<{ task_id: string; task_status: string }[]> {
  const films: { task_id: string; task_status: string }[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await fetch(`${vendor.url}/kling/v1/videos/text2video?pageNum=${page}&pageSize=500`, { headers: { authorization: "Bearer kling-secret" } });
    const { data = [] } = (await answer.json()) as { data?: { task_id: string; task_status: string }[] };
    films.push(...data);
    if (data.length < 500) return films;
  }
}
const films = await made();
await vendor.stop();
rmSync(folder, { recursive: true, force: true });

const succeeded = rows.filter(({ state }) => state === "SUCCESS");
const told = {
  tasks: rows.length, accepted: accepted.size, kills: KILLS, terminal: rows.filter(({ phase }) => phase === "ended").length, succeeded: succeeded.length, madeAtTheVendor: films.length,
  charges: charges.length, chargedButNotMade: succeeded.filter(({ vendor_ref: ref }) => !films.some((film) => film.task_id === ref && film.task_status === "succeed")).length,
  heldNano: wallet.held_nano, books, submittedSeconds: Math.round(submittedMs / 1000), endedSeconds: Math.round(endedMs / 1000),
};
console.log(JSON.stringify(told));
const right = told.tasks === TASKS && told.accepted === TASKS && told.terminal === TASKS && told.succeeded === TASKS && told.madeAtTheVendor === TASKS && told.charges === TASKS && told.chargedButNotMade === 0 && told.heldNano === "0" && books.wrongBalances.length === 0 && books.wrongCharges.length === 0;
console.log(right ? "every task ended, was made once and charged once" : "SOMETHING IS WRONG");
process.exit(right ? 0 : 1);
