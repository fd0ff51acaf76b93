import { afterAll, expect, test } from "bun:test";
import { startSandbox } from "../../../simulators/src/server.ts";
import { openDatabase } from "../store/database.ts";
import { startEmbeddedPostgres } from "../store/embedded/index.ts";
import { checkMoney } from "../store/queries/money.ts";
import { Program } from "../testing/program.ts";

const KEY = "sk-killtaskskilltaskskilltaskskill";
/** Submitted while the gateway lives and dies. */
const TASKS = 60;
const KILLS = 4;

// The vendor outlives the gateway, as vendors do.
const vendor = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => vendor.stop());

test("F01, F02, F05, K24, promise 1: kill -9 while tasks are made: none is lost, none is made twice at the vendor, each is charged once", async () => {
  const program = new Program({ YESCALE_API_KEY: KEY, YESCALE_INITIAL_CREDIT_USD: "1000", YESCALE_SANDBOX: "off", MJ_BASE_URL: `${vendor.url}/midjourney`, MJ_API_SECRET: "secret-1" });
  const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
  const accepted: string[] = [];
  let next = 0;
  let running = program.run();
  expect(await program.ready()).toBe(true);
  const submitting = async (): Promise<void> => {
    while (next < TASKS) {
      const n = next;
      next += 1;
      // The same key until it is accepted: a submit whose answer was lost is no second task.
      for (;;) {
        const answer = await fetch(`${program.url}/mj/submit/imagine`, { method: "POST", headers: { ...headers, "idempotency-key": `kill-${n}` }, body: JSON.stringify({ prompt: `stone ${n}` }) }).catch(() => undefined);
        const said = answer?.ok ? ((await answer.json()) as { result?: string }) : undefined;
        if (said?.result) {
          accepted.push(said.result);
          break;
        }
        await Bun.sleep(20);
      }
      await Bun.sleep(60);
    }
  };
  const submitters = Promise.all([submitting(), submitting(), submitting()]);
  for (let kill = 0; kill < KILLS; kill += 1) {
    await Bun.sleep(500 + kill * 170);
    running.process.kill("SIGKILL");
    await running.process.exited;
    running = program.run();
    expect(await program.ready()).toBe(true);
  }
  await submitters;
  expect(new Set(accepted).size).toBe(TASKS);

  const states = async (): Promise<string[]> => {
    const answer = await fetch(`${program.url}/mj/task/list-by-condition`, { method: "POST", headers, body: JSON.stringify({ ids: accepted }) });
    return ((await answer.json()) as { status: string }[]).map(({ status }) => status);
  };
  const deadline = Date.now() + 60_000;
  const open = (list: readonly string[]): number => list.filter((state) => state !== "SUCCESS").length;
  let list = await states();
  // What was being sent when its process died and never reached the vendor is parked: nobody can tell, so it is not sent again.
  while (open(list) > 2 * KILLS * 3 || (open(list) > 0 && Date.now() < deadline - 35_000)) {
    if (Date.now() > deadline) break;
    await Bun.sleep(250);
    list = await states();
  }
  running.process.kill("SIGTERM");
  expect(await running.process.exited).toBe(0);

  const postgres = await startEmbeddedPostgres({ dataDir: program.dataDir, log: () => undefined });
  const db = openDatabase(postgres.connection, () => undefined);
  const rows = await db.selectFrom("tasks").select(["id", "state", "phase", "charge_nano", "vendor_ref"]).execute();
  const held = await db.selectFrom("budgets").select("held_nano").where("kind", "=", "wallet").executeTakeFirstOrThrow();
  const open_ = await db.selectFrom("tasks").select("hold_nano").where("phase", "<>", "ended").execute();
  const check = await checkMoney(db);
  await db.destroy();
  await postgres.stop();

  expect(rows.map(({ id }) => id).toSorted()).toEqual(accepted.toSorted());
  expect(rows.filter(({ phase }) => phase !== "ended").map(({ phase }) => phase).filter((phase) => phase !== "parked")).toEqual([]);
  expect(rows.filter(({ state }) => state === "SUCCESS").length).toBeGreaterThan(TASKS - 3 * KILLS);
  for (const row of rows) expect(row.charge_nano, row.id).toBe(row.state === "SUCCESS" ? "70000000" : "0");
  expect(held.held_nano).toBe(open_.reduce((sum, { hold_nano }) => sum + BigInt(hold_nano), 0n).toString());
  expect(check).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  // Each task stands once in the vendor's books: `state` carries our id.
  const answer = await fetch(`${vendor.url}/midjourney/mj/task/list`, { headers: { "mj-api-secret": "secret-1" } });
  const made = ((await answer.json()) as { state: string }[]).map(({ state }) => state);
  expect(new Set(made).size).toBe(made.length);
}, 150_000);
