import { existsSync } from "node:fs";
import { join } from "node:path";
import { SMALL_CHAT } from "../http/chat-request.ts";
import { within } from "../process/wait.ts";
import { Row } from "../report/row.ts";
import { gatewayEnvironment, REPOSITORY } from "../targets/gateway-process.ts";
import { callOf, GATEWAY, type Target } from "../targets/target.ts";
import { gatewayOf, noteFailures, type Context } from "./context.ts";
import { metricOf } from "./metrics.ts";

const SCENARIO = "7 charges";
const DRAIN_SECONDS_MAX = 20;
const BENCH_COMMIT = join(REPOSITORY, "gateway/src/wallet/bench-commit.ts");

interface Ledger {
  committed: number;
  pending: number;
}

async function ledgerOf(target: Target): Promise<Ledger> {
  const address = `http://${target.host}:${target.port}/metrics`;
  const response = await fetch(address, {
    headers: target.headers,
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  const committed = metricOf(text, "yescale_charges_committed_total");
  const pending = metricOf(text, "yescale_journal_pending");
  if (committed === undefined || pending === undefined)
    throw new Error(
      `GET /metrics (${response.status}) lacks yescale_charges_committed_total or yescale_journal_pending`,
    );
  return { committed, pending };
}

async function drained(target: Target): Promise<{ ledger: Ledger; seconds: number }> {
  const began = performance.now();
  for (;;) {
    const ledger = await ledgerOf(target);
    const seconds = (performance.now() - began) / 1000;
    if (ledger.pending === 0 || seconds > DRAIN_SECONDS_MAX) return { ledger, seconds };
    await Bun.sleep(50);
  }
}

/** Scenario 7: charges committed to the database while 64 connections ask as fast as they can. */
export async function charges(context: Context): Promise<void> {
  const target = gatewayOf(context);
  if (target === undefined) return;
  await underLoad(context, target);
  if (existsSync(BENCH_COMMIT)) await alone(context);
}

async function underLoad(context: Context, target: Target): Promise<void> {
  const row = (measureName: string, value: number): void => {
    const added = new Row(SCENARIO, measureName, { comparable: false });
    added.record(GATEWAY, value);
    context.rows.push(added);
  };
  const before = (await drained(target)).ledger;
  const began = performance.now();
  // Not `measure`: it waits after the job, and the journal would look emptier than it was.
  const result = await context.load.run({
    kind: "closed-loop",
    call: callOf(target, SMALL_CHAT),
    connections: 64,
    seconds: context.profile.chargeSeconds,
  });
  const seconds = (performance.now() - began) / 1000;
  const atEnd = await ledgerOf(target);
  noteFailures(context, SCENARIO, target, result);
  const { ledger: after, seconds: drainSeconds } = await drained(target);
  row("requests/s", result.succeeded / result.seconds);
  row("committed/s under that load", (atEnd.committed - before.committed) / seconds);
  row("pending in the journal at its end", atEnd.pending);
  row("until none pending, s", drainSeconds);
  const missing = result.succeeded - (after.committed - before.committed);
  if (missing !== 0)
    context.notes.push(`${SCENARIO}: ${missing} more answers than charges committed`);
}

/** The gateway's own measure of its commits, when requests are not the limit. */
async function alone(context: Context): Promise<void> {
  const child = context.children.start({
    command: [process.execPath, BENCH_COMMIT],
    environment: gatewayEnvironment({
      port: 0,
      upstreamPort: 1,
      key: context.key,
      folder: join(context.temporaryFolder, "commit"),
    }),
    stderr: "inherit",
  });
  try {
    const text = await within(new Response(child.stdout).text(), 120_000, "bench-commit");
    const told: { chargesPerSecond?: unknown } = JSON.parse(text.trim().split("\n").at(-1) ?? "");
    const row = new Row(SCENARIO, "committed/s without requests (bench-commit)", {
      comparable: false,
    });
    row.record(GATEWAY, Number(told.chargesPerSecond));
    context.rows.push(row);
  } finally {
    await context.children.stop(child);
  }
}
