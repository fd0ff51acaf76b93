import { chatRequestBytes } from "../http/chat-request.ts";
import { Connection } from "../http/connection.ts";
import type { HeldStreamsJob, LoadResult } from "./job.ts";
import { Tally } from "./tally.ts";

/** How many streams of `counts` have risen above `before`. */
const risen = (before: readonly number[], counts: readonly number[]): number =>
  counts.filter((count, index) => count > (before[index] ?? 0)).length;

/** Runs a held-streams job: opens all, waits for a first event on each, watches, then drops them all. */
export async function runHeldStreams(job: HeldStreamsJob): Promise<LoadResult> {
  const request = chatRequestBytes(job.call.path, job.call.headers, job.call.request);
  const tally = new Tally();
  const counts = Array.from({ length: job.streams }, () => 0);
  const connections = counts.map(() => new Connection(job.call));
  const running: Promise<unknown>[] = [];
  const began = performance.now();
  let dropped = false;
  for (const [index, connection] of connections.entries()) {
    const wait = began + (index * 1000) / job.openedPerSecond - performance.now();
    if (wait > 1) await Bun.sleep(wait);
    const observer = {
      events: (events: number, gap: number | undefined) => {
        counts[index] = (counts[index] ?? 0) + events;
        tally.addEvents(events, gap);
      },
    };
    running.push(
      connection.exchange(request, observer).then((exchange) => {
        if (!dropped) tally.add(exchange);
      }),
    );
  }
  const zero = counts.map(() => 0);
  const openBy = performance.now() + job.openSeconds * 1000;
  while (risen(zero, counts) < job.streams && performance.now() < openBy) await Bun.sleep(20);
  const opened = risen(zero, counts);
  const before = [...counts];
  await Bun.sleep(job.windowSeconds * 1000);
  const advancing = risen(before, counts);
  dropped = true;
  for (const connection of connections) connection.close();
  await Promise.all(running);
  return { ...tally.result(), held: { opened, advancing } };
}
