import { SMALL_CHAT, streamedChat, translated } from "../http/chat-request.ts";
import { peakResidentBytes } from "../process/memory.ts";
import { atMost, Row } from "../report/row.ts";
import { callOf, residentMegabytes } from "../targets/target.ts";
import { gatewayOf, measure, type Context } from "./context.ts";
import { tokenizer } from "./tokenizer.ts";

const CONNECTIONS = 64;
const STREAMS = 100;
const MANY = streamedChat({ events: 200, paceMs: 5 });
/** Streams held at once for their memory, one event a second each. */
const HELD = 1000;

/** Scenario 9: what translating costs over passing through, both in the gateway: Anthropic messages in, OpenAI chat out. */
export async function translation(context: Context): Promise<void> {
  const gateway = gatewayOf(context);
  if (gateway === undefined) return;
  const { profile } = context;
  const scenario = "9 translated";
  const whole = new Row(scenario, "CPU/request, times the same dialect", { comparable: false, goal: atMost(1.6, "×") });
  const event = new Row(scenario, "CPU/event, times the same dialect", { comparable: false, goal: atMost(1.8, "×") });
  const memory = new Row(scenario, "kB a held stream beyond the same dialect", { comparable: false, goal: atMost(40, "kB") });
  for (let round = 0; round < profile.rounds; round++) {
    const chat = { kind: "closed-loop", connections: CONNECTIONS, seconds: profile.manySeconds } as const;
    await context.load.run({ ...chat, call: callOf(gateway, translated(SMALL_CHAT)), seconds: profile.warmSeconds });
    const plain = await measure(context, scenario, gateway, { ...chat, call: callOf(gateway, SMALL_CHAT) });
    const other = await measure(context, scenario, gateway, { ...chat, call: callOf(gateway, translated(SMALL_CHAT)) });
    whole.record(gateway.name, other.cpu / other.result.succeeded / (plain.cpu / plain.result.succeeded));

    const streams = { kind: "closed-loop", connections: STREAMS, seconds: profile.streamsPerConnection * 5, requestsPerConnection: profile.streamsPerConnection } as const;
    await context.load.run({ ...streams, call: callOf(gateway, translated(MANY)), requestsPerConnection: 1 });
    const plainStream = await measure(context, scenario, gateway, { ...streams, call: callOf(gateway, MANY) });
    const otherStream = await measure(context, scenario, gateway, { ...streams, call: callOf(gateway, translated(MANY)) });
    // The dialects have not the same number of events: what counts is a piece of the model's text, of which both bring 200 a stream.
    event.record(gateway.name, otherStream.cpu / otherStream.result.succeeded / (plainStream.cpu / plainStream.result.succeeded));
  }
  memory.record(gateway.name, (await heldKilobytes(context, true)) - (await heldKilobytes(context, false)));
  context.rows.push(whole, event, memory);
  await tokenizer(context, scenario);
}

/** Peak memory of held streams in a fresh process, over what it had before, in kB a stream. */
async function heldKilobytes(context: Context, translate: boolean): Promise<number> {
  const gateway = gatewayOf(context);
  if (gateway === undefined) return Number.NaN;
  await gateway.restart?.();
  const before = residentMegabytes(gateway) * 1e6;
  const request = streamedChat({ events: 100_000, paceMs: 1000 });
  await context.load.run({
    kind: "held-streams",
    call: callOf(gateway, translate ? translated(request) : request),
    streams: HELD,
    openedPerSecond: context.profile.openedPerSecond,
    openSeconds: 20,
    windowSeconds: context.profile.windowSeconds,
  });
  return (peakResidentBytes(gateway.pids()) - before) / HELD / 1000;
}
