import { chargeTask } from "../catalog/index.ts";
import type { TaskTarget } from "../channels/task-plan.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import type { MediaReading } from "../vendors/_kit/media/adapter.ts";
import { endOf } from "./ends.ts";
import { next } from "./next-target.ts";
import { isPrivate, keepOutputs } from "./outputs.ts";
import type { Step } from "./step.ts";

/** A file that only we can read is asked for this often, this far apart; then nothing was made. */
const FILE_TRIES_MAX = 4;
const FILE_PAUSE_MS = 3_000;

/** The vendor has made it: the outputs are kept, what came back is charged. Nothing made is a failure, not a success. */
export async function succeed(step: Step, reading: MediaReading, place: Pick<TaskTarget, "channel" | "key">): Promise<void> {
  const { task, moves, turn } = step;
  const made = reading.outputs ?? [];
  const nothing = (): Promise<void> => next(step, { channel: place.channel, mark: task.credential ?? "", source: task.source }, { outcome: "made nothing", ms: 0 }, { kind: "server", text: "The vendor made nothing." });
  if (made.length === 0) return nothing();
  const usage = usageOf(reading, made);
  const outputs = await keepOutputs(step, made, place);
  if (made.some((output, index) => isPrivate(output) && output.role === undefined && outputs[index]?.where === "lost")) return await fetchLater(step, nothing);
  const charge = task.sandbox ? { totalNano: 0n, lines: [], exceeded: [] } : chargeTask(task.terms, usage);
  await moves.end({
    ...endOf(step, "SUCCESS"), fence: turn.fence, outputs, usage, charge: Number(charge.totalNano), lines: charge.lines.map((line) => ({ ...line, amountNano: Number(line.amountNano) })), status: 200, end_reason: "complete",
    ...(charge.exceeded.length > 0 ? { anomaly: `the vendor reported more than was agreed: ${charge.exceeded.join(", ")}` } : {}),
  });
}

/** Nobody but us can fetch a file that is read with the credential: without it the caller has nothing to pay for. */
async function fetchLater({ task, moves, turn, services }: Step, nothing: () => Promise<void>): Promise<void> {
  const tries = (typeof task.memo?.["fileTries"] === "number" ? task.memo["fileTries"] : 0) + 1;
  if (tries >= FILE_TRIES_MAX) return nothing();
  const now = services.clock.now();
  await moves.note({ id: task.id, fence: turn.fence, at_ms: now, due_ms: now + FILE_PAUSE_MS, phase: "running", state: "IN_PROGRESS", progress: 99, progress_estimated: true, changed: true, memo: { ...task.memo, fileTries: tries }, attempts: task.attempts, ...(task.vendor_ref === null ? {} : { vendor_ref: task.vendor_ref }) });
}

/** What the vendor reported; pictures that it did not count are those that came (M24, M41). */
function usageOf(reading: MediaReading, made: readonly { kind: string }[]): Usage {
  const pictures = made.filter(({ kind }) => kind === "image").length;
  return { ...(pictures > 0 ? { images: pictures } : {}), ...reading.usage };
}
