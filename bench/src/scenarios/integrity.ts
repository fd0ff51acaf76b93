import type { Job, LoadResult } from "../load/job.ts";
import { DIRECT, type Target } from "../targets/target.ts";
import type { Context } from "./context.ts";

/** After its words a stream brings the finish, the usage and [DONE]. */
const CLOSING_EVENTS = 3;
/** A plain answer has about 1,200 bytes; a gateway may write it a little shorter. */
const ANSWER_BYTES_MIN = 1000;

/** Chat requests the upstream has received so far. */
export async function upstreamRequests(context: Context): Promise<number> {
  const upstream = context.targets.find((target) => target.name === DIRECT);
  const response = await fetch(`http://${upstream?.host}:${upstream?.port}/`, {
    signal: AbortSignal.timeout(5_000),
  });
  const told: { received?: unknown } = JSON.parse(await response.text());
  return Number(told.received);
}

/**
 * Notes when a target was measured at less than the work meant: answers that never came from the upstream, cut bodies,
 * lost events. A number got so would flatter.
 */
export function noteMissingWork(
  context: Context,
  label: string,
  target: Target,
  job: Job,
  result: LoadResult,
  reached: number,
): void {
  const say = (what: string): number => context.notes.push(`${label}: ${target.name}: ${what}`);
  if (reached < result.succeeded)
    say(`${result.succeeded} answers, but only ${reached} requests reached the upstream`);
  const { stream, hints, translated } = job.call.request;
  // Another dialect has other sizes and other events; that it is right is the test suite's matter.
  if (translated === true) return;
  if (!stream && result.bodyBytes < result.succeeded * ANSWER_BYTES_MIN)
    say(
      `answers of ${Math.round(result.bodyBytes / result.succeeded)} bytes, too short to be whole`,
    );
  const expected = result.succeeded * ((hints.events ?? Number.NaN) + CLOSING_EVENTS);
  if (stream && result.failed === 0 && result.events !== expected)
    say(`${result.events} events received, ${expected} expected`);
}
