import { afterAll, describe, expect, test } from "bun:test";
import { Program } from "../testing/program.ts";
import { eventually } from "../testing/program.ts";
import { REDIS_SERVER, testRedis } from "../testing/redis.ts";

const KEY = "sk-0123456789abcdef0123456789";
const FAILED_PER_MINUTE = 90;
const redis = REDIS_SERVER === undefined ? undefined : await testRedis();
if (!redis) test.skip("limits over workers by Redis: no redis-server or valkey-server on this machine", () => undefined);

describe.each([["Postgres", {}], ...(redis ? [["Redis", { REDIS_URL: redis.url }] as [string, Record<string, string>]] : [])] as [string, Record<string, string>][])("V37: limits over three worker processes by %s", (_name, environment) => {
  const program = new Program({ YESCALE_WORKERS: "3", YESCALE_API_KEY: KEY, YESCALE_SANDBOX: "on", YESCALE_FAILED_KEYS_PER_MINUTE: String(FAILED_PER_MINUTE), ...environment });
  const running = program.run();
  afterAll(() => running.stop());
  const limit = async (...words: string[]): Promise<void> => {
    const { status, error } = await program.cli("limit", "set", "key:1", ...words);
    expect([status, error]).toEqual([0, ""]);
    await Bun.sleep(300);
  };
  const statuses = async (count: number): Promise<Map<number, number>> => {
    const found = new Map<number, number>();
    for (const { status } of await Promise.all(Array.from({ length: count }, () => program.chat(KEY, "hi")))) found.set(status, (found.get(status) ?? 0) + 1);
    return found;
  };

  test("fifty connections at a limit of ten: exactly ten, whichever processes they reach", async () => {
    expect(await program.ready(40_000)).toBe(true);
    await limit("--requests-per-minute", "10");
    expect(Object.fromEntries(await statuses(50))).toEqual({ 200: 10, 429: 40 });
    expect(Object.fromEntries(await statuses(20))).toEqual({ 429: 20 });
  });

  test("F21: an address that tries invalid keys has no more tries than one process would give it", async () => {
    const statuses = await Promise.all(Array.from({ length: 500 }, () => fetch(`${program.url}/v1/models`, { keepalive: false, headers: { authorization: "Bearer sk-wrong" } }).then(({ status }) => status)));
    // In each of the three a minute may end meanwhile.
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(2 * FAILED_PER_MINUTE);
    expect(statuses.every((status) => status === 401 || status === 429)).toBe(true);
  });

  test("F01: places of a worker that is killed come back", async () => {
    await limit("--concurrency", "4");
    const leaving = new AbortController();
    const held = Array.from({ length: 12 }, () =>
      fetch(`${program.url}/v1/chat/completions`, { keepalive: false, method: "POST", signal: leaving.signal, headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", "x-sandbox-fault": "hang" }, body: JSON.stringify({ model: "gpt-4.1-mini", messages: [{ role: "user", content: "hi" }] }) }).then(({ status }) => status, () => 0),
    );
    expect(await eventually(async () => (await statuses(6)).get(200) === undefined, 5_000)).toBe(true);
    // The kernel divides connections among the workers: whoever holds the places, they all die.
    const { stdout } = Bun.spawnSync(["pgrep", "-P", String(running.process.pid), "-f", "worker"]);
    const workers = stdout.toString().trim().split("\n").map(Number).filter((pid) => pid > 0);
    expect(workers.length).toBeGreaterThanOrEqual(3);
    for (const pid of workers) process.kill(pid, "SIGKILL");
    await Promise.all(held);
    leaving.abort();
    expect(await program.ready(20_000)).toBe(true);
    expect(await eventually(async () => (await program.chat(KEY, "hi").then(({ status }) => status, () => 0)) === 200, 40_000)).toBe(true);
  }, 90_000);
});
