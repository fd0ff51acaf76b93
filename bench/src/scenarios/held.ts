import { streamedChat } from "../http/chat-request.ts";
import { peakResidentBytes, watchMemory } from "../process/memory.ts";
import { atLeast, atMost, Row } from "../report/row.ts";
import { callOf, residentMegabytes } from "../targets/target.ts";
import { compared, noteFailures, type Context } from "./context.ts";

/** Scenario 3: many streams held at once through one process, one event a second each. */
export async function held(context: Context): Promise<void> {
  const { profile } = context;
  const scenario = `3 ${profile.heldStreams} streams at once`;
  const advancing = new Row(scenario, `advancing within ${profile.windowSeconds} s`, {
    comparable: false,
    goal: atLeast(profile.heldStreams, `all ${profile.heldStreams}`),
  });
  const before = new Row(scenario, "RSS before, MB");
  const peak = new Row(scenario, "peak RSS, MB", { goal: atMost(300, "MB") });
  for (const target of compared(context)) {
    // A fresh process: the peak must not be another scenario's.
    await target.restart?.();
    const pids = target.pids();
    const known = pids.length > 0;
    before.record(target.name, known ? residentMegabytes(target) : Number.NaN);
    const stopWatch = watchMemory(pids, 250);
    const result = await context.load.run({
      kind: "held-streams",
      call: callOf(target, streamedChat({ events: 100_000, paceMs: 1000 })),
      streams: profile.heldStreams,
      openedPerSecond: profile.openedPerSecond,
      openSeconds: 20,
      windowSeconds: profile.windowSeconds,
    });
    const samples = stopWatch();
    peak.record(target.name, known ? peakResidentBytes(pids) / 1e6 : Number.NaN);
    advancing.record(target.name, result.held?.advancing ?? Number.NaN);
    noteFailures(context, scenario, target, result);
    context.raw.push({ label: scenario, target: target.name, result, samples });
  }
  context.rows.push(advancing, before, peak);
}
