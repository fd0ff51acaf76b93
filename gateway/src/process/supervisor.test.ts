import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Counter, Registry } from "prom-client";
import { snapshotOf } from "../observe/process-metrics.ts";
import { eventually } from "../testing/program.ts";
import { readSettings } from "./settings.ts";
import { superviseWorkers } from "./supervisor.ts";
import { WorkerMetrics } from "./worker-metrics.ts";

const folder = mkdtempSync(join(tmpdir(), "yescale-supervisor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A worker that is a script: what it does when it is told to boot. Each start adds a line to a file of its own name. */
function workers(name: string, onBoot: string, options: { count?: number; shutdownSeconds?: number; port?: number } = {}) {
  const starts = join(folder, `${name}.starts`);
  const script = join(folder, `${name}.ts`);
  writeFileSync(
    script,
    `import { appendFileSync, existsSync, readFileSync } from "node:fs";
     appendFileSync(${JSON.stringify(starts)}, Date.now() + "\\n");
     const starts = () => readFileSync(${JSON.stringify(starts)}, "utf8").trim().split("\\n").length;
     process.on("message", async (message) => { if (message.stop) { if (!globalThis.deaf) process.exit(0); return; } if (message.boot) { ${onBoot} } });
     process.on("disconnect", () => process.exit(0));`,
  );
  const config = { ...readSettings({ YESCALE_CONFIG: "", HOST: "127.0.0.1", PORT: String(options.port ?? 0), YESCALE_SHUTDOWN_SECONDS: String(options.shutdownSeconds ?? 1) }) };
  const lines: string[] = [];
  const log = Object.fromEntries(["debug", "info", "warn", "error"].map((level) => [level, (facts: object, message: string) => lines.push(`${level} ${message} ${JSON.stringify(facts)}`)])) as unknown as Parameters<typeof superviseWorkers>[0]["log"];
  let recoveries = 0;
  const supervisor = superviseWorkers({
    count: options.count ?? 1,
    boot: { config, connection: { connectionString: "" }, sandboxUrl: undefined, sharePort: true },
    recover: () => Promise.resolve((recoveries += 1)),
    log,
    command: [process.execPath, script],
  });
  return { supervisor, lines, recoveries: () => recoveries, starts: () => (existsSync(starts) ? readFileSync(starts, "utf8").trim().split("\n").map(Number) : []) };
}

test("all workers are ready, and stop in order", async () => {
  const { supervisor, starts } = workers("good", 'process.send({ ready: "http://here" });', { count: 3 });
  const running = await supervisor;
  expect(running.url).toBe("http://here");
  expect(starts().length).toBe(3);
  await running.stop();
  await Bun.sleep(400);
  expect(starts().length).toBe(3);
});

test("a worker that cannot start ends the start with its reason; it is not tried again, and no other is left", async () => {
  const { supervisor, starts } = workers("taken", 'if (message.boot.worker === 1) process.send({ failed: "the port is taken" }), setTimeout(() => process.exit(1), 50); else process.send({ ready: "x" });', { count: 3 });
  await expect(supervisor).rejects.toThrow("the port is taken");
  const before = starts().length;
  await Bun.sleep(600);
  expect(starts().length).toBe(before);
});

test("a port that others share already is refused before any worker starts", async () => {
  const taken = Bun.serve({ hostname: "127.0.0.1", port: 0, reusePort: true, fetch: () => new Response("another gateway") });
  const { supervisor, starts } = workers("shared", 'process.send({ ready: "x" });', { count: 2, port: taken.port ?? 0 });
  await expect(supervisor).rejects.toThrow("Cannot listen on HOST and PORT");
  expect(starts()).toEqual([]);
  await taken.stop(true);
});

test("a worker that ends without a word ends the start too", async () => {
  await expect(workers("mute", "process.exit(7);").supervisor).rejects.toThrow("ended before it was ready (status 7)");
});

test("F04: a worker that dies is replaced after its journal was applied; one that dies again and again ever more slowly", async () => {
  const { supervisor, starts, recoveries, lines } = workers("dying", 'process.send({ ready: "x" }); setTimeout(() => process.exit(1), 20);');
  const running = await supervisor;
  expect(await eventually(() => starts().length >= 4)).toBe(true);
  const at = starts();
  const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  expect(gaps[2] ?? 0).toBeGreaterThan((gaps[0] ?? 0) * 2);
  expect(recoveries()).toBeGreaterThanOrEqual(3);
  expect(lines.some((line) => line.startsWith("warn a worker ended"))).toBe(true);
  await running.stop();
});

test("a replacement that cannot start is told and tried again", async () => {
  const { supervisor, starts, lines } = workers("later", 'if (starts() === 2) process.send({ failed: "not now" }), setTimeout(() => process.exit(1), 20); else process.send({ ready: "x" }), starts() === 1 && setTimeout(() => process.exit(1), 20);');
  const running = await supervisor;
  expect(await eventually(() => starts().length >= 3)).toBe(true);
  expect(lines.some((line) => line.includes("could not be replaced") && line.includes("not now"))).toBe(true);
  await running.stop();
});

test("the metrics of ended workers stay in the sum, and nobody waits for them", async () => {
  const counting = async (value: number) => {
    const registry = new Registry();
    new Counter({ name: "n_total", help: "x", registers: [registry] }).inc(value);
    return snapshotOf(registry);
  };
  const asked: [number, number][] = [];
  const metrics = new WorkerMetrics((worker, question) => asked.push([worker, question]));
  const sumOf = async (gathering: ReturnType<typeof metrics.gather>) => (await gathering)?.find((metric) => metric.name === "n_total")?.values[0]?.value;

  const first = metrics.gather([0, 1]);
  metrics.answered(0, 1, await counting(5));
  metrics.answered(1, 1, await counting(7));
  expect(await sumOf(first)).toBe(12);
  const second = metrics.gather([0, 1]);
  metrics.answered(1, 2, await counting(8));
  await metrics.workerEnded(0);
  await second;
  const third = metrics.gather([1]);
  metrics.answered(1, 3, await counting(9));
  expect(await sumOf(third)).toBe(14);
  expect(asked).toEqual([[0, 1], [1, 1], [0, 2], [1, 2], [1, 3]]);
});
