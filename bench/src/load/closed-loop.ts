import { chatRequestBytes } from "../http/chat-request.ts";
import { Connection } from "../http/connection.ts";
import type { ClosedLoopJob, LoadResult } from "./job.ts";
import { Tally } from "./tally.ts";

/** So many failures end a job: the target is down, and more requests would tell nothing. */
const FAILURES_MAX = 200;

/** Runs a closed-loop job. */
export async function runClosedLoop(job: ClosedLoopJob): Promise<LoadResult> {
  const request = chatRequestBytes(job.call.path, job.call.headers, job.call.request);
  const connections = Array.from({ length: job.connections }, () => new Connection(job.call));
  await Promise.allSettled(connections.map((connection) => connection.open()));
  const tally = new Tally();
  const end = performance.now() + job.seconds * 1000;
  const most = job.requestsPerConnection ?? Number.POSITIVE_INFINITY;
  const observer = {
    events: (events: number, gap: number | undefined) => tally.addEvents(events, gap),
  };
  const loop = async (connection: Connection): Promise<void> => {
    for (
      let sent = 0;
      sent < most && performance.now() < end && tally.failed < FAILURES_MAX;
      sent++
    )
      tally.add(await connection.exchange(request, observer));
  };
  await Promise.all(connections.map(loop));
  for (const connection of connections) connection.close();
  return tally.result();
}
