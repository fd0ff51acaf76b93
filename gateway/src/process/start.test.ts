import { afterAll, expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../store/database.ts";
import { startEmbeddedPostgres } from "../store/embedded/index.ts";
import { readPostmasterFile } from "../store/embedded/postmaster-file.ts";
import { isRunning, processesOf } from "../store/embedded/processes.ts";
import { checkMoney } from "../store/queries/money.ts";
import { eventually, Program } from "../testing/program.ts";

const KEY = "sk-startteststartteststarttest01";
const clusterOf = (program: Program): string => join(program.dataDir, "postgres", "cluster");
const gone = (program: Program): Promise<boolean> => eventually(() => processesOf(clusterOf(program)).length === 0);
const childrenOf = (pid: number, word: string): number[] =>
  Bun.spawnSync(["pgrep", "-P", String(pid), "-f", "--", word]).stdout.toString().trim().split("\n").filter((line) => line !== "").map(Number);

test("F11: a start on a taken port says so, leaves no database behind and loses no credentials", async () => {
  const program = new Program();
  const other = Bun.serve({ port: program.port, hostname: "127.0.0.1", fetch: () => new Response() });
  const first = program.run();
  expect(await first.process.exited).toBe(1);
  expect(await first.error).toMatch(/^Cannot listen on HOST and PORT: .*\n$/);
  const text = await first.out;
  const key = /API key +(sk-\w+)/.exec(text)?.[1] ?? "";
  expect(text).not.toContain("ready");
  expect(await gone(program)).toBe(true);

  // Several workers find the same: one message, and no loop of starts.
  const several = program.run({ YESCALE_WORKERS: "2" });
  expect(await several.process.exited).toBe(1);
  expect(await several.error).toMatch(/^Cannot listen on HOST and PORT: .*\n$/);
  expect(await several.out).not.toContain("ready");
  expect(await gone(program)).toBe(true);

  await other.stop(true);
  const second = program.run();
  expect(await program.ready()).toBe(true);
  expect((await program.chat(key, "hello")).status).toBe(200);
  expect(await second.stop()).toBe(0);
  expect(await second.out).not.toContain(key);
}, 60_000);

test("F06: `npm start` passes SIGTERM on: gateway, database and simulators end with it", async () => {
  const program = new Program();
  const npm = program.run({}, ["npm", "start"]);
  expect(await program.ready()).toBe(true);
  const pid = readPostmasterFile(clusterOf(program))?.pid ?? 0;
  expect(isRunning(pid)).toBe(true);
  npm.process.kill("SIGTERM");
  await npm.process.exited;
  expect(await gone(program)).toBe(true);
  expect(await eventually(() => fetch(program.url).then(() => false, () => true))).toBe(true);
  expect(readdirSync(program.dataDir)).not.toContain("gateway.lock");
  // The whole output is there only when the last process that holds it has ended.
  expect(await npm.out).toContain("is ready on");
}, 60_000);

test("F07: a killed database server and killed simulators come back under the running gateway", async () => {
  const program = new Program({ YESCALE_API_KEY: KEY });
  const gateway = program.run();
  expect(await program.ready()).toBe(true);
  expect((await program.chat(KEY, "one")).status).toBe(200);
  process.kill(readPostmasterFile(clusterOf(program))?.pid ?? 0, "SIGKILL");
  await eventually(() => fetch(`${program.url}/readyz`).then((response) => response.status === 503));
  expect(await program.ready(15_000)).toBe(true);
  expect(await eventually(async () => (await program.chat(KEY, "two")).status === 200)).toBe(true);

  const [simulators] = childrenOf(gateway.process.pid, "simulators");
  process.kill(simulators ?? 0, "SIGKILL");
  await eventually(() => !isRunning(simulators ?? 0));
  expect(await eventually(async () => (await program.chat(KEY, "three")).status === 200)).toBe(true);
  expect(await gateway.stop()).toBe(0);
  expect(await gone(program)).toBe(true);
}, 60_000);

test("M18, F24: the journal of a worker that outlives its killed supervisor is left to it, and applied when it has ended", async () => {
  // An upstream of its own: the simulators end with the supervisor.
  const upstream = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: () =>
      new Response(
        (async function* () {
          for (let n = 0; n < 1_000; n += 1) {
            yield `data: {"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"${n} "},"finish_reason":null}]}\n\n`;
            await Bun.sleep(20);
          }
        })(),
        { headers: { "content-type": "text/event-stream" } },
      ),
  });
  afterAll(() => upstream.stop(true));
  const program = new Program({
    YESCALE_API_KEY: KEY, YESCALE_WORKERS: "2", YESCALE_SHUTDOWN_SECONDS: "60", OPENAI_API_KEY: "sk-held", OPENAI_BASE_URL: `${upstream.url.origin}/v1`,
  });
  const first = program.run();
  expect(await program.ready()).toBe(true);
  // A stream that is still running when the supervisor dies keeps its worker alive.
  const held = await program.chat(KEY, "go on", { stream: true });
  const body = held.text().catch(() => "");
  const workers = childrenOf(first.process.pid, "--worker");
  first.process.kill("SIGKILL");
  await first.process.exited;

  const second = program.run();
  expect(await program.ready()).toBe(true);
  // The worker without a stream ends at once.
  expect(await eventually(() => workers.filter(isRunning).length === 1)).toBe(true);
  const living = workers.filter(isRunning);
  const journals = (): string[] => readdirSync(join(program.dataDir, "journal")).filter((name) => name.endsWith(".journal"));
  expect(await eventually(() => journals().length === 3)).toBe(true);
  // The last of the old workers dies before its stream ended, without a word.
  process.kill(living[0] ?? 0, "SIGKILL");
  await body;
  expect(await eventually(() => journals().length === 2)).toBe(true);
  expect(await second.stop()).toBe(0);
  expect(readdirSync(join(program.dataDir, "journal"))).toEqual([]);
}, 60_000);

test("M37, M18: a journal with a record that Postgres refuses stops no start; the rest of it is applied, and it is told", async () => {
  const program = new Program({ YESCALE_API_KEY: KEY });
  const first = program.run();
  expect(await program.ready()).toBe(true);
  expect((await program.chat(KEY, "one")).status).toBe(200);
  await first.stop();
  const json = String.raw`{"id":"01980000-0000-7000-8000-000000000000","model":"a\u0000b","wallet":5,"user":1,"key":1,"charge":0}`;
  writeFileSync(join(program.dataDir, "journal", "01980000-0000-7000-8000-00000000dead.000000.journal"), `${Bun.hash.crc32(json).toString(16).padStart(8, "0")} ${json}\n`);
  expect(await program.cli("doctor", "--json")).toMatchObject({ status: 1, out: expect.stringContaining("1 of ended processes with 1 records") });

  const second = program.run();
  expect(await program.ready()).toBe(true);
  expect(await (await fetch(`${program.url}/readyz`)).json()).toEqual({ status: "ready", attention: ["records set aside"] });
  expect(await (await fetch(`${program.url}/metrics`)).text()).toContain("yescale_records_set_aside 1");
  expect((await program.chat(KEY, "two")).status).toBe(200);
  expect(await second.stop()).toBe(0);
  expect(await program.cli("doctor", "--json")).toMatchObject({ status: 1, out: expect.stringContaining("1 records that the database refuses") });
}, 60_000);

test("F04: /metrics of several workers is the sum over all, also after one of them died; the database agrees", async () => {
  const program = new Program({ YESCALE_API_KEY: KEY, YESCALE_WORKERS: "3" });
  const gateway = program.run();
  expect(await program.ready()).toBe(true);
  for (let i = 0; i < 30; i += 1) expect((await program.chat(KEY, `n ${i}`)).status).toBe(200);
  const metrics = async (): Promise<string> => (await fetch(`${program.url}/metrics`)).text();
  const ended = async (): Promise<number> => [...(await metrics()).matchAll(/^yescale_requests_total\{.*\} (\d+)$/gm)].reduce((sum, match) => sum + Number(match[1]), 0);
  expect(await ended()).toBe(30);
  // The first worker answers /readyz while the others still start.
  expect(await eventually(async () => (await metrics()).match(/^yescale_resident_bytes\{worker="[012]"\} /gm)?.length === 3)).toBe(true);

  const [worker] = childrenOf(gateway.process.pid, "--worker");
  process.kill(worker ?? 0, "SIGKILL");
  expect(await eventually(() => childrenOf(gateway.process.pid, "--worker").length === 3 && !isRunning(worker ?? 0))).toBe(true);
  expect(await eventually(async () => (await metrics()).match(/^yescale_resident_bytes/gm)?.length === 3)).toBe(true);
  expect(await ended()).toBe(30);
  expect(await gateway.stop()).toBe(0);

  const postgres = await startEmbeddedPostgres({ dataDir: program.dataDir, log: () => undefined });
  afterAll(() => postgres.stop());
  const db = openDatabase(postgres.connection, () => undefined);
  expect((await db.selectFrom("requests").select("id").execute()).length).toBe(30);
  expect(await checkMoney(db)).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  await db.destroy();
  await postgres.stop();
}, 60_000);

test("F11, F29: what an operator can mend is told in a message, without a stack", async () => {
  const program = new Program();
  const cases: [Record<string, string>, RegExp][] = [
    [{ DATABASE_URL: "postgres://nobody:secret@127.0.0.1:1/none" }, /^The database cannot be used \(DATABASE_URL, 127\.0\.0\.1:1\/none\): /],
    [{ YESCALE_DATA_DIR: "/proc/nowhere" }, /^The data folder \/proc\/nowhere \(YESCALE_DATA_DIR\) cannot be written: /],
    [{ PORT: "x", YESCALE_TRUSTED_PROXIES: "garbage" }, /^The settings have 2 faults:\n {2}- PORT: .*\n {2}- YESCALE_TRUSTED_PROXIES: /],
  ];
  for (const [environment, message] of cases) {
    const failed = program.run(environment);
    expect(await failed.process.exited).toBe(1);
    const error = await failed.error;
    expect(error).toMatch(message);
    expect(error).not.toContain("    at ");
    expect(error).not.toContain("secret");
  }
}, 60_000);
