import type { Job, LoadResult } from "../load/job.ts";
import type { LoadGenerator } from "../load/load-generator.ts";
import { cpuBetween, readCpu } from "../process/cpu.ts";
import type { Children } from "../process/children.ts";
import type { Profile } from "../profile.ts";
import type { Row } from "../report/row.ts";
import { noteMissingWork, upstreamRequests } from "./integrity.ts";
import { BARE, GATEWAY, type Target } from "../targets/target.ts";

/** What a scenario works with. */
export interface Context {
  profile: Profile;
  /** in the order of the table */
  targets: Target[];
  load: LoadGenerator;
  /** a second load generator, for a second caller at the same time */
  secondLoad: LoadGenerator;
  children: Children;
  temporaryFolder: string;
  key: string;
  rows: Row[];
  /** what went wrong or was left out; printed with the table */
  notes: string[];
  /** raw results, for --json */
  raw: object[];
}

/** A job's result with the CPU microseconds the target spent on it; NaN if its processes are not known. */
export interface Measured {
  result: LoadResult;
  cpu: number;
  helperCpu: number;
}

/** How long after a job its target is still watched. */
const SETTLE_MS = 300;

/** Runs a job against a target and measures the target's CPU meanwhile. Failed requests become a note. */
export async function measure(
  context: Context,
  label: string,
  target: Target,
  job: Job,
): Promise<Measured> {
  const pids = target.pids();
  const helpers = target.helperPids();
  const sentBefore = await upstreamRequests(context);
  const [before, helpersBefore] = [readCpu(pids), readCpu(helpers, true)];
  const result = await context.load.run(job);
  // Work put off (a journal brought to the database) belongs to this job, and must not disturb the next target.
  await Bun.sleep(SETTLE_MS);
  const cpu = cpuBetween(before, readCpu(pids));
  // Helpers come and go (database connections): all that are there now, and what ended ones left to their parents.
  const helperCpu = cpuBetween(helpersBefore, readCpu(target.helperPids(), true));
  noteFailures(context, label, target, result);
  noteMissingWork(
    context,
    label,
    target,
    job,
    result,
    (await upstreamRequests(context)) - sentBefore,
  );
  context.raw.push({ label, target: target.name, cpu, helperCpu, result });
  return {
    result,
    cpu: pids.length === 0 ? Number.NaN : cpu,
    helperCpu: helpers.length === 0 ? Number.NaN : helperCpu,
  };
}

/** Notes the failed requests of a result, so that no number hides them. */
export function noteFailures(
  context: Context,
  label: string,
  target: Target,
  result: LoadResult,
): void {
  if (result.failed === 0) return;
  const reasons = Object.entries(result.failures).map(([reason, count]) => `${count} × ${reason}`);
  context.notes.push(
    `${label}: ${target.name}: ${result.failed} failed of ${result.failed + result.succeeded}: ${reasons.join(", ")}`,
  );
}

/** Runs `step` for every target in interleaved rounds; each round begins with another target. */
export async function inRounds(
  targets: readonly Target[],
  rounds: number,
  step: (target: Target, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (let index = 0; index < targets.length; index++) {
      const target = targets[(index + round) % targets.length];
      if (target === undefined) continue;
      try {
        await step(target, round);
      } catch (fault) {
        throw new Error(`${target.name}, round ${round + 1}: ${String(fault)}`, { cause: fault });
      }
    }
}

/** The targets of a scenario where direct and nginx are only a control. */
export const compared = (context: Context): Target[] =>
  context.profile.controls
    ? context.targets
    : context.targets.filter((target) => target.name === BARE || target.name === GATEWAY);

/** The gateway, if it is measured. */
export const gatewayOf = (context: Context): Target | undefined =>
  context.targets.find((target) => target.name === GATEWAY);
