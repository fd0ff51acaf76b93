import type { TaskTarget } from "../channels/task-plan.ts";
import type { FaultKind } from "../vendors/_kit/adapter.ts";
import { fail } from "./ends.ts";
import type { Step } from "./step.ts";
import type { TaskAttempt } from "./task.ts";

/** After a refusal for load, the first and the longest wait. */
const BACK_OFF_MS = 1_000;
const BACK_OFF_MS_MAX = 60_000;
/** Refusals that pass by themselves: the same target may be asked again. */
const PASSING: ReadonlySet<string> = new Set(["rate_limited", "overloaded"]);

/** A target has refused: the request itself is at fault, or the next one is asked, under the same hold. */
export async function next(step: Step, target: Pick<TaskTarget, "channel" | "mark" | "source">, tried: Omit<TaskAttempt, "channel" | "mark" | "source">, fault: { kind: FaultKind | "network" | "timeout"; text: string; policy?: boolean }): Promise<void> {
  const { task, turn, moves, services } = step;
  const again = PASSING.has(fault.kind);
  task.attempts = [...task.attempts, { channel: target.channel.id, mark: target.mark, source: target.source, ...tried, ...(again ? { again } : {}) }];
  if (fault.kind === "caller" && tried.outcome !== "cannot_be_said") return fail(step, { kind: fault.policy ? "content_policy" : "invalid_request", text: fault.text });
  const now = services.clock.now();
  const back = again ? Math.min(BACK_OFF_MS * 2 ** (task.attempts.length - 1), BACK_OFF_MS_MAX) * (0.75 + services.random() / 2) : 0;
  const noted = await moves.note({ id: task.id, fence: turn.fence, at_ms: now, due_ms: now + back, changed: true, anew: true, phase: "waiting", state: "SUBMITTED", progress: 10, progress_estimated: true, attempts: task.attempts });
  if (noted) step.wake();
}
