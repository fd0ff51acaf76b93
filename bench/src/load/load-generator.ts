import { join } from "node:path";
import { plainEnvironment, type Child, type Children } from "../process/children.ts";
import { linesOf } from "../process/lines.ts";
import { within } from "../process/wait.ts";
import type { Job, LoadResult } from "./job.ts";

/** The longest a job can take by its own bounds, in seconds. */
function longest(job: Job): number {
  switch (job.kind) {
    case "closed-loop":
      return job.seconds + 60;
    case "constant-rate":
      return job.seconds * 3 + 30;
    case "held-streams":
      return job.streams / job.openedPerSecond + job.openSeconds + job.windowSeconds + 60;
  }
}

/** A load generator in its own process, so that it shares no event loop with anything measured. */
export class LoadGenerator {
  readonly #child: Child;
  readonly #answers: AsyncGenerator<string>;

  constructor(children: Children) {
    this.#child = children.start({
      command: [process.execPath, join(import.meta.dir, "main.ts")],
      environment: plainEnvironment(),
      stderr: "inherit",
    });
    this.#answers = linesOf(this.#child.stdout);
  }

  /** Runs one job; one at a time. Rejects if the job failed as a whole, not for failed requests. */
  async run(job: Job): Promise<LoadResult> {
    await this.#child.stdin.write(`${JSON.stringify(job)}\n`);
    await this.#child.stdin.flush();
    const line = await within(
      this.#answers.next(),
      longest(job) * 1000,
      `load generator: ${job.kind}`,
    );
    if (line.done === true) throw new Error("the load generator has ended");
    // Trusted: the load generator wrote it.
    const answer: { result?: LoadResult; fault?: string } = JSON.parse(line.value);
    if (answer.result === undefined)
      throw new Error(`load generator: ${answer.fault ?? "no result"}`);
    return answer.result;
  }
}
