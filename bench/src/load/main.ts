/** The load generator: takes one job per line on standard input, answers each with one line. Ends with its input. */
import { linesOf } from "../process/lines.ts";
import { runClosedLoop } from "./closed-loop.ts";
import { runConstantRate } from "./constant-rate.ts";
import { runHeldStreams } from "./held-streams.ts";
import type { Job, LoadResult } from "./job.ts";

function run(job: Job): Promise<LoadResult> {
  switch (job.kind) {
    case "closed-loop":
      return runClosedLoop(job);
    case "constant-rate":
      return runConstantRate(job);
    case "held-streams":
      return runHeldStreams(job);
  }
}

for await (const line of linesOf(Bun.stdin.stream())) {
  let answer: { result: LoadResult } | { fault: string };
  try {
    // Trusted: the harness wrote it.
    const job: Job = JSON.parse(line);
    answer = { result: await run(job) };
  } catch (fault) {
    answer = { fault: String(fault) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
