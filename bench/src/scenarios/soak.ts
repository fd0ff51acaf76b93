import { streamedChat } from "../http/chat-request.ts";
import { slope } from "../measure/statistics.ts";
import { watchMemory } from "../process/memory.ts";
import { Row } from "../report/row.ts";
import { callOf } from "../targets/target.ts";
import { compared, noteFailures, type Context } from "./context.ts";

/** The first part of a soak, in which memory still grows to its working size, is left out of the slope. */
const SETTLING_SHARE = 1 / 3;

/** One streamed event of the benchmark's upstream, about. */
const EVENT_BYTES = 300;
/** The gateway ends a stream of over 256 MB, as one gone wild (threat F19); the soak stays below. */
const STREAM_BYTES = 200_000_000;

/** Milliseconds between two events, whole ones as the upstream's timer keeps them, so that a stream of so many seconds stays within `STREAM_BYTES`. */
const paceOf = (seconds: number): number => Math.max(1, Math.ceil((seconds * 1000 * EVENT_BYTES) / STREAM_BYTES));

/** Scenario 4: memory over one long stream, as fast as it may flow for its length. */
export async function soak(context: Context): Promise<void> {
  const seconds = context.profile.soakSeconds;
  const scenario = `4 one stream of ${seconds} s, an event every ${paceOf(seconds)} ms`;
  const growth = new Row(scenario, "RSS slope, MB/min", { comparable: false });
  const last = new Row(scenario, "RSS at the end, MB");
  const rate = new Row(scenario, "events/s");
  for (const target of compared(context)) {
    await target.restart?.();
    const pids = target.pids();
    const stopWatch = watchMemory(pids, Math.min(Math.max(seconds * 5, 100), 1000));
    const result = await context.load.run({
      kind: "closed-loop",
      call: callOf(target, streamedChat({ events: 1e12, seconds, paceMs: paceOf(seconds) })),
      connections: 1,
      seconds,
      requestsPerConnection: 1,
    });
    const samples = stopWatch();
    const settled = samples.filter(([at]) => at >= seconds * SETTLING_SHARE && at <= seconds);
    const known = pids.length > 0;
    growth.record(target.name, known ? (slope(settled) * 60) / 1e6 : Number.NaN);
    last.record(target.name, known ? (settled.at(-1)?.[1] ?? Number.NaN) / 1e6 : Number.NaN);
    rate.record(target.name, result.events / result.seconds);
    noteFailures(context, scenario, target, result);
    context.raw.push({ label: scenario, target: target.name, result, samples });
  }
  context.rows.push(growth, last, rate);
}
