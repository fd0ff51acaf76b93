import { SMALL_CHAT } from "../http/chat-request.ts";
import { Histogram } from "../measure/histogram.ts";
import { addedOver, atMostBare, Row } from "../report/row.ts";
import { callOf, DIRECT } from "../targets/target.ts";
import { inRounds, measure, type Context } from "./context.ts";

const milliseconds = (microseconds: number): number => microseconds / 1000;

/** The rows of scenario 1 for one number of connections. */
interface ChatRows {
  cpu: Row;
  helperCpu: Row;
  rate: Row;
  p50: Row;
  p99: Row;
}

function rowsFor(connections: number): ChatRows {
  const scenario = `1 chat, ${connections} connection${connections === 1 ? "" : "s"}`;
  return {
    cpu: new Row(scenario, "CPU µs/request", { goal: atMostBare(1.5, 1.2) }),
    helperCpu: new Row(scenario, "Postgres CPU µs/request", { comparable: false }),
    rate: new Row(scenario, "requests/s"),
    p50: new Row(scenario, "p50 ms"),
    p99: new Row(scenario, "p99 ms"),
  };
}

/** Scenario 1: chat requests that are not streamed, at 1 and at 64 connections. */
export async function chat(context: Context): Promise<void> {
  const { profile } = context;
  const sizes = [
    { connections: 1, seconds: profile.singleSeconds, rows: rowsFor(1) },
    { connections: 64, seconds: profile.manySeconds, rows: rowsFor(64) },
  ];
  await inRounds(context.targets, profile.rounds, async (target, round) => {
    const call = callOf(target, SMALL_CHAT);
    // The first round also warms the compilers.
    const warmSeconds = round === 0 ? profile.warmSeconds * 2 : profile.warmSeconds;
    await context.load.run({ kind: "closed-loop", call, connections: 64, seconds: warmSeconds });
    for (const { connections, seconds, rows } of sizes) {
      const job = { kind: "closed-loop", call, connections, seconds } as const;
      const { result, cpu, helperCpu } = await measure(context, rows.cpu.scenario, target, job);
      const total = Histogram.from(result.total);
      rows.cpu.record(target.name, cpu / result.succeeded);
      rows.helperCpu.record(target.name, helperCpu / result.succeeded);
      rows.rate.record(target.name, result.succeeded / result.seconds);
      rows.p50.record(target.name, milliseconds(total.percentile(0.5)));
      rows.p99.record(target.name, milliseconds(total.percentile(0.99)));
    }
  });
  for (const { rows } of sizes)
    context.rows.push(
      rows.cpu,
      rows.helperCpu,
      rows.rate,
      rows.p50,
      addedOver(rows.p50, DIRECT),
      rows.p99,
      addedOver(rows.p99, DIRECT),
    );
}
