import { expect, test } from "bun:test";
import { Counter, Histogram, Registry } from "prom-client";
import { LoopLag } from "./loop-lag.ts";
import { lasting, merged, observeProcess, snapshotOf } from "./process-metrics.ts";

function processWith(worker: string, requests: number, lag: number): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: "requests_total", help: "x", labelNames: ["status"], registers }).inc({ status: "200" }, requests);
  new Histogram({ name: "seconds", help: "x", buckets: [1, 2], registers }).observe(1.5);
  observeProcess(registry, { worker, eventLoopLag: () => lag, recordsSetAside: () => 3, damagedJournals: () => 0 });
  return registry;
}

test("metrics of several workers: counters and buckets are summed, memory stands by worker, the worst delay counts, what is of the folder is told once", async () => {
  const snapshots = await Promise.all([processWith("0", 5, 0.1), processWith("1", 7, 0.9)].map(snapshotOf));
  const text = await merged(structuredClone(snapshots)).metrics();
  expect(text).toContain('requests_total{status="200"} 12');
  expect(text).toContain('seconds_bucket{le="2"} 2');
  expect(text).toContain("seconds_count 2");
  expect(text).toMatch(/yescale_resident_bytes\{worker="0"\} \d+\nyescale_resident_bytes\{worker="1"\} \d+/);
  expect(text).toContain("yescale_event_loop_lag_seconds 0.9");
  expect(text).toContain("yescale_records_set_aside 3");
});

test("what an ended process counted lasts, what it was does not", async () => {
  const text = await merged([lasting(await snapshotOf(processWith("0", 5, 9))), await snapshotOf(processWith("1", 7, 0.1))]).metrics();
  expect(text).toContain('requests_total{status="200"} 12');
  expect(text).not.toContain('worker="0"');
  expect(text).toContain("yescale_event_loop_lag_seconds 0.1");
});

test("F30: a blocked event loop shows in its lag", async () => {
  const lag = new LoopLag(() => performance.now());
  const until = performance.now() + 400;
  while (performance.now() < until);
  await Bun.sleep(150);
  lag.stop();
  expect(lag.worstSeconds()).toBeGreaterThan(0.25);
  expect(lag.worstSeconds()).toBeLessThan(30);
});
