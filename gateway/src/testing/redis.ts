import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "bun:test";
import { eventually } from "./program.ts";

/** Where this machine has a Redis or Valkey server; undefined: tests that need one are skipped. */
export const REDIS_SERVER = Bun.which("valkey-server") ?? Bun.which("redis-server") ?? undefined;

/** A server of its own for a test file, on a socket-less loopback port; ended after the file's tests. */
export async function testRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "yescale-redis-"));
  const probe = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port = 0 } = probe;
  await probe.stop(true);
  const server = Bun.spawn([REDIS_SERVER ?? "", "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder], { stdout: "ignore", stderr: "ignore" });
  const stop = async (): Promise<void> => {
    server.kill();
    await server.exited;
    rmSync(folder, { recursive: true, force: true });
  };
  afterAll(stop);
  const listening = async (): Promise<boolean> => {
    try {
      (await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } })).end();
      return true;
    } catch {
      return false;
    }
  };
  if (!(await eventually(listening, 10_000))) throw new Error("the Redis server of the test does not start");
  return { url: `redis://127.0.0.1:${port}`, stop };
}
