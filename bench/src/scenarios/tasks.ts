import { join } from "node:path";
import type { LoadResult } from "../load/job.ts";
import { Histogram } from "../measure/histogram.ts";
import { plainEnvironment } from "../process/children.ts";
import { residentBytes } from "../process/memory.ts";
import { freePort, portOf } from "../process/wait.ts";
import { atLeast, atMost, Row, type Goal } from "../report/row.ts";
import { GatewayProcess } from "../targets/gateway-process.ts";
import { GATEWAY } from "../targets/target.ts";
import { gatewayOf, type Context } from "./context.ts";

const SCENARIO = "10 tasks";
const CONNECTIONS = 50;
/** What is offered where latency is measured; at the limit it would be the queue's. */
const OFFERED_PER_SECOND = 500;
const JOB_MS = 1_500;
const WAITERS = 40;
const ORDER = JSON.stringify({ model: "imagen-4", prompt: "a red stone by the sea" });

/** Scenario 10: tasks of a gateway of its own: row, hold and first turn durable before the answer; the vendor is asked meanwhile, as in life. */
export async function tasks(context: Context): Promise<void> {
  if (gatewayOf(context) === undefined) return;
  const vendor = context.children.start({ command: [process.execPath, join(import.meta.dir, "../upstream/task-vendor.ts"), "0", String(JOB_MS)], environment: plainEnvironment(), stderr: "inherit" });
  const vendorPort = await portOf(vendor, "task vendor");
  const port = freePort();
  const gateway = new GatewayProcess(context.children, {
    port, upstreamPort: 1, key: context.key, folder: join(context.temporaryFolder, "tasks"),
    environment: { REPLICATE_API_TOKEN: "r8-bench", REPLICATE_BASE_URL: `http://127.0.0.1:${vendorPort}` },
  });
  await gateway.start();
  try {
    await measured(context, `http://127.0.0.1:${port}`, port, gateway);
  } finally {
    await gateway.stop();
    await context.children.stop(vendor);
  }
}

async function measured(context: Context, url: string, port: number, gateway: GatewayProcess): Promise<void> {
  const row = (measure: string, value: number, goal?: Goal): void => {
    const added = new Row(SCENARIO, measure, { comparable: false, ...(goal ? { goal } : {}) });
    added.record(GATEWAY, value);
    context.rows.push(added);
  };
  const note = (result: LoadResult): void => {
    if (result.failed > 0) context.notes.push(`${SCENARIO}: ${result.failed} requests failed: ${JSON.stringify(result.failures)}`);
  };
  const headers = { authorization: `Bearer ${context.key}` };
  const call = (method: "GET" | "POST", path: string, body: string) => ({ host: "127.0.0.1", port, path, headers, request: { stream: false, hints: {}, shape: "small" as const, bytes: 0, other: { method, body } } });
  const submit = call("POST", "/task/submit", ORDER);
  const seconds = context.profile.chargeSeconds;
  await context.load.run({ kind: "closed-loop", call: submit, connections: CONNECTIONS, seconds: context.profile.warmSeconds });
  const paced = await context.load.run({ kind: "constant-rate", call: submit, connections: CONNECTIONS, perSecond: OFFERED_PER_SECOND, seconds });
  note(paced);
  row(`submit, p50 ms at ${CONNECTIONS} connections, ${OFFERED_PER_SECOND}/s offered`, Histogram.from(paced.total).percentile(0.5) / 1000);
  row(`submit, p99 ms at ${CONNECTIONS} connections, ${OFFERED_PER_SECOND}/s offered`, Histogram.from(paced.total).percentile(0.99) / 1000, atMost(15, "ms"));
  // Before so much is taken in that its vendor has work for a minute: these would wait behind it.
  row("waiting caller hears of the end after, longest of 40, ms", Math.max(...(await wakes(url, headers))), atMost(50, "ms"));
  const most = await context.load.run({ kind: "closed-loop", call: submit, connections: CONNECTIONS, seconds });
  note(most);
  row("submits/s as fast as they are taken", most.succeeded / most.seconds, atLeast(500, "≥ 500/s"));
  row("RSS MB after it", residentBytes(gateway.pids()) / 1e6);
  const made = (await (await fetch(`${url}/task/submit`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: ORDER })).json()) as { task_id: string };
  const fetched = await context.load.run({ kind: "closed-loop", call: call("GET", `/task/${made.task_id}`, ""), connections: CONNECTIONS, seconds });
  note(fetched);
  row("fetches/s", fetched.succeeded / fetched.seconds, atLeast(3_000, "≥ 3000/s"));
}

/** Milliseconds from the end of a task, as its own row has it, to the answer for who waited for it. */
async function wakes(url: string, headers: Record<string, string>): Promise<number[]> {
  const one = async (): Promise<number[]> => {
    const made = (await (await fetch(`${url}/replicate/v1/models/google/imagen-4/predictions`, { method: "POST", headers: { ...headers, "content-type": "application/json", prefer: "wait=20" }, body: JSON.stringify({ input: { prompt: "a stone" } }) })).json()) as { status: string; completed_at?: string };
    return made.status === "succeeded" && made.completed_at !== undefined ? [Date.now() - Date.parse(made.completed_at)] : [];
  };
  const heard = (await Promise.all(Array.from({ length: WAITERS }, one))).flat();
  if (heard.length < WAITERS) throw new Error(`${SCENARIO}: only ${heard.length} of ${WAITERS} waiting callers heard of the end of their task`);
  return heard;
}
