import { expect, test } from "bun:test";
import { openDatabase } from "../store/database.ts";
import { startEmbeddedPostgres } from "../store/embedded/index.ts";
import { checkMoney } from "../store/queries/money.ts";
import { dial } from "../testing/dial.ts";
import { Program } from "../testing/program.ts";

const KEY = "sk-killrealtimekillrealtimekillrealtime";
const SESSIONS = 6;
const program = new Program({ YESCALE_API_KEY: KEY, YESCALE_INITIAL_CREDIT_USD: "1000" });
const session = () => dial(`${program.url.replace("http", "ws")}/v1/realtime?model=gpt-realtime-mini`, { headers: { authorization: `Bearer ${KEY}` } });
const ask = { type: "response.create", response: { output_modalities: ["text"], instructions: "[[fault:pace=1]]", input: [] } };

test("promise 1: kill -9 in the middle of sessions: every turn whose end arrived is charged exactly once; SIGTERM ends a silent session with 1001", async () => {
  let done = 0;
  const first = program.run();
  expect(await program.ready()).toBe(true);
  const talking = Array.from({ length: SESSIONS }, () => session());
  const counting = talking.map(async (one) => {
    await one.event("session.created");
    for (let turn = 1; one.socket.readyState === WebSocket.OPEN; turn += 1) {
      one.send(ask);
      const ended = await Promise.race([one.event("response.done", turn), one.closed.then(() => undefined)]);
      if (ended) done += 1;
    }
  });
  // In the middle of turns, however slow the machine is.
  while (done < 2 * SESSIONS) await Bun.sleep(10);
  first.process.kill("SIGKILL");
  await first.process.exited;
  await Promise.all(counting);

  const second = program.run();
  expect(await program.ready()).toBe(true);
  const silent = session();
  await silent.event("session.created");
  const stopping = performance.now();
  expect(await second.stop()).toBe(0);
  expect(await silent.closed).toMatchObject({ code: 1001 });
  expect(performance.now() - stopping).toBeLessThan(4_000);

  const postgres = await startEmbeddedPostgres({ dataDir: program.dataDir, log: () => undefined });
  const db = openDatabase(postgres.connection, () => undefined);
  const rows = await db.selectFrom("requests").select(["id", "charge_nano", "end_reason"]).execute();
  const check = await checkMoney(db);
  const leases = await db.selectFrom("leases").selectAll().execute();
  await db.destroy();
  await postgres.stop();
  expect(done).toBeGreaterThan(SESSIONS);
  const charged = rows.filter((row) => row.end_reason === "complete" && BigInt(row.charge_nano) > 0n).length;
  // At most one turn a session may have been journalled without its end having arrived.
  expect(charged).toBeGreaterThanOrEqual(done);
  expect(charged).toBeLessThanOrEqual(done + SESSIONS);
  expect(check).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  expect(leases).toEqual([]);
}, 60_000);
