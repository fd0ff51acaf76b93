import { ownNames } from "../channels/own-names.ts";
import type { TaskTarget } from "../channels/task-plan.ts";
import { hasten } from "../store/queries/tasks.ts";
import { redact } from "../errors/redact.ts";
import type { MediaPace, MediaReading } from "../vendors/_kit/media/adapter.ts";
import { cancelled, fail } from "./ends.ts";
import { next } from "./next-target.ts";
import { patiently } from "./patience.ts";
import { jobOf, sandboxOf, type Step } from "./step.ts";
import { succeed } from "./succeed.ts";
import type { LookedAt, Task } from "./task.ts";
import { CallFailed, callVendor, mediaVendor } from "./vendor-call.ts";

/** A look at a job must answer within this; another follows anyway. */
export const LOOK_MS_MAX = 20_000;
/** A vendor is asked to stop within this; else it is asked again with the next look. */
const STOP_MS_MAX = 10_000;
/** Calls of one turn: no vendor needs more than three for a result. */
const CALLS_MAX = 6;
/** Outputs of an end are copied within this, or the turn is somebody else's. */
const COPYING_MS_MAX = 90_000;
/** Looks grow apart to this share of the job's age, and to this at most. */
const AGE_SHARE = 1 / 10;
const APART_MS_MAX = 60_000;
/** A simulator's clock runs faster. */
const SIMULATED_SPEED = 20;

/** What is shown where a vendor tells no number: by state alone, marked as an estimate (1.4 of the product's own words: 10, 20, 30 %). */
const USUAL_PROGRESS = { QUEUED: 20, IN_PROGRESS: 30 } as const;

type Place = Pick<TaskTarget, "channel" | "key" | "id">;

/** Acts on what a vendor said of a job; asks further at once where the adapter wants that. `fresh`: it was just accepted. */
export async function takeReading(step: Step, first: MediaReading, place: Place, fresh: boolean): Promise<void> {
  const { task } = step;
  const before = told(task);
  const reading = await askOn(step, first, place);
  // An order that was answered with its end: what it is called there is kept before anything is copied, so that whoever goes on after us can ask.
  if (fresh && task.vendor_ref !== null && isEnd(reading) && !(await keepRef(step))) return;
  if (reading.again) return goesOn(step, { ...reading, state: reading.state === "QUEUED" ? "QUEUED" : "IN_PROGRESS" }, place, fresh, before);
  if (reading.state === "SUCCESS") return succeed(step, reading, place);
  if (reading.state === "CANCELLED") return cancelled(step, reading);
  if (reading.state === "FAILURE") return failedThere(step, reading, place);
  return goesOn(step, reading, place, fresh, before);
}

const isEnd = ({ state, again }: MediaReading): boolean => !again && state !== "QUEUED" && state !== "IN_PROGRESS";

function keepRef({ task, turn, moves, services }: Step): Promise<boolean> {
  const now = services.clock.now();
  return moves.note({
    id: task.id, fence: turn.fence, at_ms: now, due_ms: now + COPYING_MS_MAX, changed: true, holds: true, phase: "running", state: task.state === "NOT_START" ? "SUBMITTED" : task.state, progress: task.progress, progress_estimated: task.progress_estimated,
    attempts: task.attempts, vendor_ref: task.vendor_ref as string, ...(task.memo === null ? {} : { memo: task.memo }),
  });
}

/** Asks further while the adapter wants it; what is learnt stands in the step's task. Gives the last reading. */
export async function askOn(step: Step, first: MediaReading, place: Place): Promise<MediaReading> {
  const { task } = step;
  let reading = first;
  for (let calls = 1; ; calls += 1) {
    learn(task, reading);
    if (!reading.again || calls >= CALLS_MAX) return reading;
    const further = await look(step, place);
    // The rest is asked for at the next turn.
    if (!further) return reading;
    reading = { ...further, progress: further.progress ?? reading.progress ?? 0 };
  }
}

function learn(task: Pick<Task, "vendor_ref" | "memo" | "answer">, { ref, memo, answer }: MediaReading): void {
  if (ref !== undefined) task.vendor_ref = ref;
  if (memo !== undefined) task.memo = memo;
  if (answer !== undefined) task.answer = answer as Task["answer"];
}

/** What a vendor has told of a task so far. */
const told = ({ answer, memo }: Pick<Task, "answer" | "memo">): string => JSON.stringify([answer, memo]);

/** Asks the vendor about a job. Undefined: no word of the vendor's. */
export async function look({ task, services }: Pick<Step, "services"> & { task: LookedAt }, place: Place): Promise<MediaReading | undefined> {
  const media = mediaVendor(place.channel.vendor)?.media;
  if (!media?.poll || !media.readPoll || task.vendor_ref === null) return undefined;
  try {
    const job = jobOf(task);
    return media.readPoll(await callVendor(media.poll(job), place, { timeoutMs: LOOK_MS_MAX, headers: sandboxOf(task, place.channel.simulated) }, services), job);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    services.log.debug({ task: task.id, channel: place.channel.name, error: error.message }, "a look at a task brought no answer");
    return undefined;
  }
}

/** Asks the vendor to stop a job. What it does then the next look tells. */
export async function askToStop({ task, services }: Pick<Step, "services"> & { task: LookedAt }, place: Place): Promise<"asked" | "unheard" | "refused"> {
  const call = task.vendor_ref === null ? undefined : mediaVendor(place.channel.vendor)?.media.cancel?.(jobOf(task));
  if (!call) return "refused";
  try {
    const { status } = await callVendor(call, place, { timeoutMs: STOP_MS_MAX, headers: sandboxOf(task, place.channel.simulated) }, services);
    return status >= 500 || status === 429 ? "unheard" : status >= 400 ? "refused" : "asked";
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return "unheard";
  }
}

/** A look says that it goes on: notes that, of a task of which no more is known than a look needs. */
export function carryOn(step: Looking, reading: MediaReading & { state: "QUEUED" | "IN_PROGRESS" }, place: Place): Promise<void> {
  const before = told(step.task);
  learn(step.task, reading);
  return goesOn(step, reading, place, false, before);
}

type Looking = Pick<Step, "turn" | "moves" | "services"> & { task: LookedAt & Partial<Pick<Task, "attempts">> };

async function goesOn({ task, turn, moves, services }: Looking, reading: MediaReading, place: Place, fresh: boolean, before: string): Promise<void> {
  const now = services.clock.now();
  const state = reading.state === "QUEUED" ? "QUEUED" : "IN_PROGRESS";
  const due = now + pauseMs(task, place, now, services.random, fresh);
  const progress = shownProgress(state, reading.progress);
  const noted = await moves.note({
    id: task.id, fence: turn.fence, at_ms: now, due_ms: Math.min(due, Math.max(task.deadline_at.getTime(), now)), lane: place.channel.id, phase: "running", state, progress, progress_estimated: reading.progress === undefined,
    changed: fresh || changes(task, state, progress) || told(task) !== before,
    ...(task.vendor_ref === null ? {} : { vendor_ref: task.vendor_ref }), ...(task.memo === null ? {} : { memo: task.memo }), ...(reading.answer === undefined ? {} : { answer: reading.answer }), ...(task.attempts ? { attempts: task.attempts } : {}),
  });
  // Somebody else has the turn by now and looks for the order (the database was away for long): he is told as by the vendor's own notice.
  const { attempts, vendor_ref: ref } = task;
  if (!noted && fresh && attempts && ref !== null) await patiently(() => hasten(services.db, task.id, services.clock.now(), { order: attempts.length - 1, ref }));
}

/** A look that brings nothing new moves the next one, and leaves the row alone. */
const changes = (task: Pick<Task, "phase" | "state" | "progress">, state: string, progress: number): boolean => task.phase !== "running" || task.state !== state || progress > task.progress;

const shownProgress = (state: "QUEUED" | "IN_PROGRESS", progress: number | undefined): number => Math.min(99, Math.floor(progress ?? USUAL_PROGRESS[state]));

/** Milliseconds until the next look: the vendor's own pace, later ones further apart, never all at the same moment. */
export function pauseMs(task: Pick<Task, "submitted_at" | "upstream_model">, place: Place, now: number, random: () => number, fresh: boolean): number {
  const pace = paceOf(task, place);
  const age = now - task.submitted_at.getTime();
  const pause = fresh ? pace.firstMs : Math.min(Math.max(pace.everyMs, age * AGE_SHARE), Math.max(APART_MS_MAX, pace.everyMs));
  return (pause * (0.9 + random() * 0.2)) / (place.channel.simulated ? SIMULATED_SPEED : 1);
}

const paceOf = (task: Pick<Task, "upstream_model">, place: Place): MediaPace => mediaVendor(place.channel.vendor)?.media.pace(task.upstream_model ?? "") ?? { firstMs: 5_000, everyMs: 5_000, giveUpMs: 1_800_000 };

/** The vendor says that it failed: another source may do it, unless the request itself is at fault. */
function failedThere(step: Step, reading: MediaReading, place: Place): Promise<void> {
  const { task } = step;
  const fault = reading.fault ?? { kind: "server" as const, text: "The vendor could not make it." };
  const text = redact(fault.text, ownNames(place.channel));
  if (fault.kind === "caller") return fail(step, { kind: fault.policy ? "content_policy" : "invalid_request", text }, reading);
  return next(step, { channel: place.channel, mark: task.credential ?? "", source: task.source }, { outcome: `failed there: ${fault.kind}`, ms: 0 }, { ...fault, text });
}
