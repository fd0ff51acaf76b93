import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../store/database.ts";
import { startEmbeddedPostgres } from "../store/embedded/index.ts";
import { checkMoney } from "../store/queries/money.ts";
import { freePort } from "../testing/program.ts";

const KEY = "sk-killtestkilltestkilltestkilltest";
const dataDir = mkdtempSync(join(tmpdir(), "yescale-kill-"));
const PORT = freePort();
const url = `http://127.0.0.1:${PORT}`;
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** The program as an operator starts it, in a process of its own. */
async function start(workers: number): Promise<Bun.Subprocess> {
  const gateway = Bun.spawn([process.execPath, join(import.meta.dir, "../main.ts"), "start"], {
    env: {
      ...process.env, PORT: String(PORT), YESCALE_DATA_DIR: dataDir, YESCALE_API_KEY: KEY, YESCALE_INITIAL_CREDIT_USD: "1000", LOG_LEVEL: "error",
      YESCALE_WORKERS: String(workers), BUN_CONFIG_MAX_HTTP_REQUESTS: "65336", OPENAI_API_KEY: "", ANTHROPIC_API_KEY: "", GEMINI_API_KEY: "", DATABASE_URL: "", YESCALE_SHUTDOWN_SECONDS: "5",
    },
    stdout: "pipe",
    stderr: "inherit",
  });
  // It greets when all workers are ready; `/readyz` answers when one is, and another that is killed before it is ready ends the start.
  const greeted = Promise.withResolvers<void>();
  let greeting = "";
  void gateway.stdout.pipeThrough(new TextDecoderStream()).pipeTo(
    new WritableStream({
      write(text) {
        greeting += text;
        if (greeting.includes(url)) greeted.resolve();
      },
      close: () => greeted.reject(new Error("the gateway did not become ready")),
    }),
  );
  await greeted.promise;
  return gateway;
}

/** Asks until told to stop; gives the ids of answers whose last byte arrived. */
async function load(width: number, stopped: () => boolean): Promise<string[]> {
  const complete: string[] = [];
  const one = async (n: number): Promise<void> => {
    while (!stopped()) {
      const stream = n % 2 === 0;
      try {
        const response = await fetch(`${url}/v1/chat/completions`, {
          method: "POST",
          headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
          body: JSON.stringify({ model: "gpt-4.1-mini", stream, messages: [{ role: "user", content: "count to 12" }] }),
        });
        const text = await response.text();
        if (response.status === 200 && (stream ? text.includes("[DONE]") : text.endsWith("}"))) complete.push(response.headers.get("x-request-id") ?? "");
      } catch {
        await Bun.sleep(5);
      }
    }
  };
  await Promise.all(Array.from({ length: width }, (_, n) => one(n)));
  return complete;
}

test("promise 1, F03, F04, M18, M20, I5: kill -9 under load, again and again: every whole answer is charged exactly once", async () => {
  const complete: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const gateway = await start(1);
    let stop = false;
    const running = load(12, () => stop);
    await Bun.sleep(300 + round * 130);
    gateway.kill("SIGKILL");
    await gateway.exited;
    stop = true;
    complete.push(...(await running));
  }
  // One of several workers dies: the others serve on, it is replaced, its journal is applied by the supervisor.
  const gateway = await start(2);
  let stop = false;
  const running = load(12, () => stop);
  await Bun.sleep(200);
  const workers = Bun.spawnSync(["pgrep", "-P", String(gateway.pid), "-f", "--", "--worker"]).stdout.toString().trim().split("\n");
  expect(workers.length).toBe(2);
  process.kill(Number(workers[0]), "SIGKILL");
  await Bun.sleep(700);
  stop = true;
  complete.push(...(await running));
  gateway.kill("SIGTERM");
  expect(await gateway.exited).toBe(0);
  expect(readdirSync(join(dataDir, "journal"))).toEqual([]);

  const postgres = await startEmbeddedPostgres({ dataDir, log: () => undefined });
  const db = openDatabase(postgres.connection, () => undefined);
  const rows = await db.selectFrom("requests").select(["id", "charge_nano"]).execute();
  const charges = await db.selectFrom("ledger").select("ref").where("kind", "=", "charge").execute();
  const check = await checkMoney(db);
  const leases = await db.selectFrom("leases").selectAll().execute();
  await db.destroy();
  await postgres.stop();

  expect(complete.length).toBeGreaterThan(100);
  expect(new Set(complete).size).toBe(complete.length);
  const charged = new Map(rows.map((row) => [row.id, BigInt(row.charge_nano)]));
  expect(complete.filter((id) => (charged.get(id) ?? 0n) <= 0n)).toEqual([]);
  expect(new Set(charges.map((entry) => entry.ref)).size).toBe(charges.length);
  expect(check).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  expect(leases).toEqual([]);
}, 60_000);
