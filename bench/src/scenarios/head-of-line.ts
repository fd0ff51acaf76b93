import { SMALL_CHAT, type MessageShape } from "../http/chat-request.ts";
import type { LoadResult } from "../load/job.ts";
import { Histogram, type HistogramData } from "../measure/histogram.ts";
import { atMost, Row } from "../report/row.ts";
import { callOf, type Target } from "../targets/target.ts";
import { compared, inRounds, noteFailures, type Context } from "./context.ts";

const SCENARIO = "5 head-of-line";
/** Slow enough that a wait of some milliseconds does not make a queue that never ends. */
const PER_SECOND = 50;
const LARGE_BYTES = 10_000_000;
/** The large caller begins so much before the small one, in seconds. */
const LEAD_SECONDS = 0.4;

const LARGE: { shape: MessageShape; name: string }[] = [
  { shape: "image", name: "10 MB image" },
  { shape: "many-messages", name: "10 MB of small messages" },
];

/** Scenario 5: what one caller's 10 MB bodies do to the small requests of another. */
export async function headOfLine(context: Context): Promise<void> {
  const { profile } = context;
  const alone = new Row(SCENARIO, `p99 ms of small requests (${PER_SECOND}/s) alone`);
  const large = LARGE.map(({ shape, name }) => ({
    shape,
    rise: new Row(SCENARIO, `p99 rise, ms, beside ${name}`, {
      comparable: false,
      goal: atMost(10, "ms"),
    }),
    served: new Row(SCENARIO, `p99 rise beside ${name}, from the true sending, ms`, {
      comparable: false,
    }),
    rate: new Row(SCENARIO, `${name}: requests/s`),
  }));
  const small = async (target: Target): Promise<{ planned: number; served: number }> => {
    const result = await context.load.run({
      kind: "constant-rate",
      call: callOf(target, SMALL_CHAT),
      perSecond: PER_SECOND,
      seconds: profile.probeSeconds,
    });
    note(context, target, "small", result);
    const p99 = (data: HistogramData): number => Histogram.from(data).percentile(0.99) / 1000;
    return { planned: p99(result.total), served: p99(result.served) };
  };
  await inRounds(compared(context), profile.blockingRounds, async (target) => {
    await context.load.run({
      kind: "closed-loop",
      call: callOf(target, SMALL_CHAT),
      connections: 64,
      seconds: profile.warmSeconds * 2,
    });
    const undisturbed = await small(target);
    alone.record(target.name, undisturbed.planned);
    for (const { shape, rise, served, rate } of large) {
      const disturbing = context.secondLoad.run({
        kind: "closed-loop",
        call: callOf(target, { stream: false, hints: {}, shape, bytes: LARGE_BYTES }),
        connections: 1,
        seconds: profile.probeSeconds + LEAD_SECONDS,
      });
      await Bun.sleep(LEAD_SECONDS * 1000);
      const [disturbed, result] = await Promise.all([small(target), disturbing]);
      note(context, target, shape, result);
      rise.record(target.name, disturbed.planned - undisturbed.planned);
      served.record(target.name, disturbed.served - undisturbed.served);
      rate.record(target.name, result.succeeded / result.seconds);
    }
  });
  context.rows.push(alone, ...large.flatMap(({ rise, served, rate }) => [rise, served, rate]));
}

function note(context: Context, target: Target, what: string, result: LoadResult): void {
  noteFailures(context, `${SCENARIO}, ${what}`, target, result);
  context.raw.push({ label: `${SCENARIO}, ${what}`, target: target.name, result });
}
