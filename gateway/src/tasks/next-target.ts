import type { TaskPlan, TaskTarget } from "../channels/task-plan.ts";
import type { FaultKind } from "../vendors/_kit/adapter.ts";
import { fail } from "./ends.ts";
import { patiently } from "./patience.ts";
import { parentOf, type Step } from "./step.ts";
import type { Task, TaskAttempt } from "./task.ts";

/** After a refusal for load, the first and the longest wait. */
const BACK_OFF_MS = 1_000;
const BACK_OFF_MS_MAX = 60_000;
/** Refusals that pass by themselves: the same target may be asked again. */
const PASSING: ReadonlySet<string> = new Set(["rate_limited", "overloaded"]);

/** Who may still be asked, in the order to ask them: who has not been asked yet before those that had no room, each as the plan has them. A follow-up goes only where its parent was made. */
export async function targetsLeft({ task, services }: Pick<Step, "task" | "services">): Promise<Omit<TaskPlan, "targets"> & { left: TaskTarget[]; parent: Task | undefined }> {
  const parent = await patiently(() => parentOf(task, services));
  const { targets, blocked, configured } = services.channels.planTask({
    model: task.model,
    sources: task.sources,
    withImages: task.request.withImages,
    group: services.catalog().group(task.group_name) ?? { name: task.group_name, channels: [] },
    sandbox: task.sandbox,
  });
  const left = targets.filter((target) => mayBeAsked(task, target) && (!parent || (parent.channel === target.channel.id && parent.credential === target.mark)));
  return { left: left.toSorted((a, b) => timesAsked(task, a) - timesAsked(task, b)), blocked, configured, parent };
}

type Place = Pick<TaskTarget, "channel" | "mark" | "source">;
const isOf = (attempt: TaskAttempt, { channel, mark, source }: Place): boolean => attempt.channel === channel.id && attempt.mark === mark && attempt.source === source;
const timesAsked = ({ attempts }: Task, place: Place): number => attempts.filter((attempt) => isOf(attempt, place)).length;
/** A target that refused for good is not asked again; one that had no room is. */
const mayBeAsked = ({ attempts }: Task, place: Place): boolean => !attempts.some((attempt) => isOf(attempt, place) && !attempt.again);

/** A target has refused: the request itself is at fault, or the next one is asked, under the same hold. */
export async function next(step: Step, target: Pick<TaskTarget, "channel" | "mark" | "source">, tried: Omit<TaskAttempt, "channel" | "mark" | "source">, fault: { kind: FaultKind | "network" | "timeout"; text: string; policy?: boolean }): Promise<void> {
  const { task, turn, moves, services } = step;
  const again = PASSING.has(fault.kind);
  task.attempts = [...task.attempts, { channel: target.channel.id, mark: target.mark, source: target.source, ...tried, ...(again ? { again } : {}) }];
  if (fault.kind === "caller" && tried.outcome !== "cannot_be_said") return fail(step, { kind: fault.policy ? "content_policy" : "invalid_request", text: fault.text });
  const now = services.clock.now();
  // Only when all that are left have refused does anybody wait.
  const fresh = again && (await targetsLeft(step)).left.some((one) => timesAsked(task, one) === 0);
  const back = again && !fresh ? Math.min(BACK_OFF_MS * 2 ** (task.attempts.length - 1), BACK_OFF_MS_MAX) * (0.75 + services.random() / 2) : 0;
  const noted = await moves.note({ id: task.id, fence: turn.fence, at_ms: now, due_ms: now + back, changed: true, anew: true, phase: "waiting", state: "SUBMITTED", progress: 10, progress_estimated: true, attempts: task.attempts });
  if (noted) step.wake();
}
