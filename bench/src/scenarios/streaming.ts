import { streamedChat } from "../http/chat-request.ts";
import { Histogram } from "../measure/histogram.ts";
import { DELAYED_ACK, distributionLine } from "../report/distribution.ts";
import { addedOver, atMost, atMostBare, Row } from "../report/row.ts";
import { BARE, callOf, DIRECT, type Target } from "../targets/target.ts";
import { inRounds, measure, type Context } from "./context.ts";

const CONNECTIONS = 100;
/** 200 events every 5 ms on each of 100 connections: 20,000 events a second, each in a packet of its own. */
const MANY = streamedChat({ events: 200, paceMs: 5 });
const SHORT = streamedChat({ events: 5, paceMs: 5 });
/** Share of first bytes and gaps in the range of a delayed acknowledgement that counts as "no 40 ms mode", percent. */
const DELAYED_PERCENT_MAX = 0.5;

/** Scenario 2: what an event costs, and how soon the first byte comes. */
export async function streaming(context: Context): Promise<void> {
  const { profile } = context;
  const many = "2 streams, 100 × 200 events at 5 ms";
  const single = "2 streams, 1 connection";
  const cpu = new Row(many, "CPU µs/event", { goal: atMostBare(1.3) });
  const helperCpu = new Row(many, "Postgres CPU µs/event", { comparable: false });
  const coalesced = new Row(many, "events per socket read", { comparable: false });
  const p50 = new Row(single, "first byte p50 ms");
  const p99 = new Row(single, "first byte p99 ms");
  const delayed = new Row(single, "first bytes and gaps of 35–50 ms, %", {
    comparable: false,
    goal: atMost(DELAYED_PERCENT_MAX, "%"),
  });
  const distributions = new Map<string, { firstByte: Histogram; gaps: Histogram }>();

  const manyStreams = async (target: Target): Promise<void> => {
    const {
      result,
      cpu: spent,
      helperCpu: helpersSpent,
    } = await measure(context, many, target, {
      kind: "closed-loop",
      call: callOf(target, MANY),
      connections: CONNECTIONS,
      seconds: profile.streamsPerConnection * 5,
      requestsPerConnection: profile.streamsPerConnection,
    });
    cpu.record(target.name, spent / result.events);
    helperCpu.record(target.name, helpersSpent / result.events);
    coalesced.record(target.name, result.events / result.reads);
  };
  const shortStreams = async (target: Target): Promise<void> => {
    const { result } = await measure(context, single, target, {
      kind: "closed-loop",
      call: callOf(target, SHORT),
      connections: 1,
      seconds: profile.firstByteStreams / 10,
      requestsPerConnection: profile.firstByteStreams,
    });
    const seen = distributions.get(target.name) ?? {
      firstByte: new Histogram(),
      gaps: new Histogram(),
    };
    distributions.set(target.name, seen);
    seen.firstByte.add(result.firstByte);
    seen.gaps.add(result.gaps);
    const firstByte = Histogram.from(result.firstByte);
    p50.record(target.name, firstByte.percentile(0.5) / 1000);
    p99.record(target.name, firstByte.percentile(0.99) / 1000);
    firstByte.add(result.gaps);
    delayed.record(target.name, firstByte.share(...DELAYED_ACK) * 100);
  };
  await inRounds(context.targets, profile.rounds, async (target) => {
    await context.load.run({
      kind: "closed-loop",
      call: callOf(target, SHORT),
      connections: CONNECTIONS,
      seconds: profile.warmSeconds,
    });
    await shortStreams(target);
    await manyStreams(target);
  });
  context.rows.push(cpu, helperCpu, coalesced, p50, addedOver(p50, DIRECT), addedOver(p50, BARE));
  context.rows.push(p99, addedOver(p99, DIRECT, atMost(1, "ms")), addedOver(p99, BARE), delayed);
  for (const [name, { firstByte, gaps }] of distributions) {
    console.log(`  first byte, ${name}: ${distributionLine(firstByte)}`);
    console.log(`  gaps at 5 ms pace, ${name}: ${distributionLine(gaps)}`);
  }
}
