import { chatRequestBytes } from "../http/chat-request.ts";
import { Connection } from "../http/connection.ts";
import type { ConstantRateJob, LoadResult } from "./job.ts";
import { Tally } from "./tally.ts";

const FAILURES_MAX = 200;

/** Runs a constant-rate job: a slow answer delays the next requests of its connection, and their wait counts as their latency. */
export async function runConstantRate(job: ConstantRateJob): Promise<LoadResult> {
  const request = chatRequestBytes(job.call.path, job.call.headers, job.call.request);
  const tally = new Tally();
  const began = performance.now();
  const connections = job.connections ?? 1;
  const everyMs = (1000 * connections) / job.perSecond;
  const count = Math.floor((job.perSecond * job.seconds) / connections);
  const loop = async (connection: Connection, place: number): Promise<void> => {
    for (let index = 0; index < count && tally.failed < FAILURES_MAX; index++) {
      const planned = began + (index + place / connections) * everyMs;
      const wait = planned - performance.now();
      const onTime = wait > 0;
      if (onTime) await Bun.sleep(wait);
      // The own timer's lateness is not the target's; only waiting for the answer before is.
      const lateBy = onTime ? 0 : (performance.now() - planned) * 1000;
      tally.add(await connection.exchange(request), lateBy);
      // An overloaded target must not prolong the job without end.
      if (performance.now() > began + job.seconds * 3000) break;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, place) => loop(new Connection(job.call), place)));
  return tally.result();
}
