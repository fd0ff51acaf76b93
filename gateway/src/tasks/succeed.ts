import { chargeTask } from "../catalog/index.ts";
import type { TaskTarget } from "../channels/task-plan.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import type { MediaReading } from "../vendors/_kit/media/adapter.ts";
import { endOf, fail } from "./ends.ts";
import { next } from "./next-target.ts";
import { COPY_LATER_MS_MAX, copyLater, isPrivate, keepOutputs } from "./outputs.ts";
import { replaceOutputs, restTask } from "../store/queries/tasks.ts";
import type { Step } from "./step.ts";
import type { TaskOutput } from "./task.ts";

/** A file that only we can read is asked for this often, this far apart; then nothing was made. */
const FILE_TRIES_MAX = 4;
const FILE_PAUSE_MS = 3_000;

/** The vendor has made it: the outputs are kept, what came back is charged. Nothing made is a failure, not a success. */
export async function succeed(step: Step, reading: MediaReading, place: Pick<TaskTarget, "channel" | "key">): Promise<void> {
  const { task, moves, turn, services } = step;
  const made = reading.outputs ?? [];
  const nothing = (): Promise<void> => next(step, { channel: place.channel, mark: task.credential ?? "", source: task.source }, { outcome: "made nothing", ms: 0 }, { kind: "server", text: "The vendor made nothing." });
  if (made.length === 0) return nothing();
  const outputs = await keepOutputs(step, made, place);
  if (made.some((output, index) => isPrivate(output) && output.role === undefined && outputs[index]?.where === "lost")) return await fetchLater(step, nothing);
  // Bytes that nobody could keep: the caller gets nothing, and so pays nothing (M08).
  if (outputs.every(({ where }) => where === "lost")) return fail(step, { kind: "server", text: "The result could not be kept. Nothing was charged." }, reading);
  const usage = usageOf(reading, outputs);
  const charge = task.sandbox ? { totalNano: 0n, lines: [], exceeded: [] } : chargeTask(task.terms, usage);
  const later = outputs.some(({ where }) => where === "vendor");
  await moves.end({
    ...endOf(step, "SUCCESS"), ...(later ? { watch_ms: services.clock.now() + COPY_LATER_PAUSES_MS[0] } : {}), fence: turn.fence, outputs, usage, charge: Number(charge.totalNano), lines: charge.lines.map((line) => ({ ...line, amountNano: Number(line.amountNano) })), status: 200, end_reason: "complete",
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

/** What could not be copied at the end is tried again after these (ms): for a day, since few vendors keep a file longer. */
const COPY_LATER_PAUSES_MS = [30_000, 120_000, 600_000, 3_600_000, 14_400_000, 57_600_000] as const;

/** Copies what is still with the vendor of a task that has succeeded; it has ended whatever comes of it. */
export async function copyRest(step: Step, place: Pick<TaskTarget, "channel">): Promise<void> {
  const { task, turn, moves, services } = step;
  const begun = services.clock.now();
  if (!(await moves.note({ id: task.id, fence: turn.fence, at_ms: begun, due_ms: begun + COPY_LATER_MS_MAX + 60_000, changed: false, holds: true }))) return;
  const { outputs, more } = await copyLater(step, place.channel.baseUrl);
  await replaceOutputs(services.db, task.id, outputs);
  const pause = COPY_LATER_PAUSES_MS[turn.taken];
  if (!more || pause === undefined) return restTask(services.db, task.id);
  const now = services.clock.now();
  await moves.note({ id: task.id, fence: turn.fence, at_ms: now, due_ms: now + pause, changed: false });
}

/** What the vendor reported; pictures that it did not count are those that came (M24, M41). Those that came and could not be kept are not paid. */
function usageOf(reading: MediaReading, outputs: readonly TaskOutput[]): Usage {
  const pictures = outputs.filter(({ kind }) => kind === "image");
  const lost = pictures.filter(({ where }) => where === "lost").length;
  const usage: Usage = { ...(pictures.length > 0 ? { images: pictures.length } : {}), ...reading.usage };
  return lost > 0 && usage.images !== undefined ? { ...usage, images: Math.max(0, usage.images - lost) } : usage;
}
