import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LoneWorker, type WorkerFailure } from "./lone-worker.ts";

/** A worker that answers each job with its name. */
const folder = mkdtempSync(join(tmpdir(), "yescale-worker-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "echo.ts"), "self.onmessage = ({ data: { id, job } }) => self.postMessage({ id, result: job });");
const echo = (limits: { queueMax: number; accountQueueMax: number }): LoneWorker<string, string> =>
  new LoneWorker(pathToFileURL(join(folder, "echo.ts")), { ...limits, waitMs: 20_000, jobMs: 20_000, idleMs: 20_000 });

test("one account's many jobs do not stand before another's first", async () => {
  const worker = echo({ queueMax: 100, accountQueueMax: 100 });
  const done: string[] = [];
  const run = async (account: number, job: string): Promise<void> => void done.push(await worker.run(account, job));
  await Promise.all([...Array.from({ length: 20 }, (_, index) => run(1, `busy ${index}`)), run(2, "other 0"), run(3, "third 0"), run(2, "other 1")]);
  worker.close();
  // Two were there before: the one in work and the next.
  expect(done.slice(0, 6)).toEqual(["busy 0", "busy 1", "other 0", "third 0", "busy 2", "other 1"]);
  expect(done).toHaveLength(23);
});

test("an account that has too many waiting is refused, and others are not", async () => {
  const worker = echo({ queueMax: 4, accountQueueMax: 2 });
  const outcome = (account: number): Promise<string> => worker.run(account, "done").catch((failure: WorkerFailure) => failure.reason);
  const outcomes = await Promise.all([1, 1, 1, 1, 2, 2, 3].map(outcome));
  worker.close();
  // The first is in work and waits for nobody; then two of each, four in all.
  expect(outcomes).toEqual(["done", "done", "done", "busy", "done", "done", "busy"]);
});
