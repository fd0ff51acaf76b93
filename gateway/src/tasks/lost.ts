import { knownRefs } from "../store/queries/tasks.ts";
import type { Found, MediaOrder, VendorAnswer } from "../vendors/_kit/media/adapter.ts";
import { fail } from "./ends.ts";
import { LOOK_MS_MAX, takeReading } from "./reading.ts";
import { orderNumber, orderOf, parentOf, placeOf, sandboxOf, type Step } from "./step.ts";
import type { Task, TaskAttempt } from "./task.ts";
import { CallFailed, callVendor, endsAtOnce } from "./vendor-call.ts";

/** A lost order is looked for this often, ever further apart; while nobody can tell, it is parked then, and looked for now and then until its deadline. */
const SEARCHES_MAX = 4;
const SEARCH_PAUSE_MS = 1_000;
export const PARKED_PAUSE_MS = 300_000;
/** A vendor that says it does not have an order is believed when it says so this long after it was sent (asked some seven times until then): no vendor documents how soon its list shows what it has taken. */
const NEVER_MS = 20_000;
/** Ends the outcome of such a try. */
const NEVER = ", never arrived";

type Place = NonNullable<ReturnType<typeof placeOf>>;

/** The answer to an order is lost: the vendor may or may not have it. Of one that answers at once the result is lost with it; of others it is looked for, and not sent again blindly (K19). `tried`: how that showed; its process died where nothing is told. */
export async function lost(step: Step, tried?: Pick<TaskAttempt, "outcome" | "ms" | "status" | "dropped">): Promise<void> {
  const { task, turn, moves, services } = step;
  const place = placeOf(task, services);
  // Noted in any case: notices count orders by it.
  task.attempts = [...task.attempts, { channel: task.channel ?? "", mark: task.credential ?? "", source: task.source, ...(tried ?? { outcome: "unclear: interrupted", ms: 0 }) }];
  if (place && endsAtOnce(place, task.upstream_model ?? "")) return fail(step, { kind: tried ? "server" : "interrupted", text: "The result was lost on its way to us. Nothing was charged.", detail: task.attempts.at(-1)?.outcome ?? "" });
  const now = services.clock.now();
  const noted = await moves.note({ id: task.id, fence: turn.fence, at_ms: now, due_ms: now, changed: true, phase: "unclear", state: "SUBMITTED", progress: 10, progress_estimated: true, attempts: task.attempts });
  if (noted) step.wake();
}

/** Looks for an order whose answer was lost, where the vendor has a way. */
export async function search(step: Step): Promise<void> {
  const { task, turn, moves, services } = step;
  const place = placeOf(task, services);
  const found = place && (await locate(step, place));
  if (place && found && found !== "none") return takeReading(step, { state: "QUEUED", ref: found.ref, ...(found.memo ? { memo: found.memo } : {}), ...(found.told ? { again: true } : {}) }, place, true);
  const now = services.clock.now();
  const dueIn = (ms: number): number => Math.min(now + ms, Math.max(now, task.deadline_at.getTime()));
  const again = (ms: number): Promise<unknown> => moves.note({ id: task.id, fence: turn.fence, at_ms: now, due_ms: dueIn(ms), changed: false });
  if (found === "none") {
    if (now - sentAt(task, now) < NEVER_MS) return void (await again(SEARCH_PAUSE_MS * turn.taken));
    const noted = await moves.note({ id: task.id, fence: turn.fence, at_ms: now, due_ms: now, changed: true, phase: "waiting", state: "SUBMITTED", progress: 10, progress_estimated: true, attempts: neverArrived(task.attempts) });
    if (noted) step.wake();
    return;
  }
  if (task.phase === "parked") return void (await again(PARKED_PAUSE_MS));
  if (place?.media.find && turn.taken <= SEARCHES_MAX) return void (await again(SEARCH_PAUSE_MS * turn.taken));
  await moves.note({ id: task.id, fence: turn.fence, at_ms: now, due_ms: dueIn(PARKED_PAUSE_MS), changed: true, phase: "parked", state: "SUBMITTED", progress: 10, progress_estimated: true });
  services.log.warn({ task: task.id, channel: task.channel }, "nobody can tell whether the vendor has the task; it is not sent again");
}

/** Tries, of which the last never arrived: the same target may be asked once more. */
function neverArrived(attempts: readonly TaskAttempt[]): TaskAttempt[] {
  const last = attempts.at(-1);
  if (!last) return [];
  const before = attempts.some(({ channel, mark, source, outcome }) => channel === last.channel && mark === last.mark && source === last.source && outcome.endsWith(NEVER));
  return [...attempts.slice(0, -1), { ...last, outcome: `${last.outcome}${NEVER}`, ...(before ? {} : { again: true }) }];
}

/** What is known of the present order at its vendor: as a notice told it, or as the vendor's list has it. Undefined: nobody can tell. */
export async function locate(step: Step, place: Place): Promise<(Exclude<Found, "none" | undefined> & { told?: true }) | "none" | undefined> {
  const { task, services } = step;
  const isFree = async (ref: string): Promise<boolean> => !(await knownRefs(services.db, task.channel ?? "", task.credential ?? "", [ref])).has(ref);
  const told = task.told?.order === orderNumber(task) ? task.told.ref : undefined;
  if (told !== undefined && (await isFree(told))) return { ref: told, memo: place.media.callback?.memo?.(await ordered(step, place), told) ?? {}, told: true };
  const { find } = place.media;
  if (!find || endsAtOnce(place, task.upstream_model ?? "")) return undefined;
  const order = await ordered(step, place);
  let answer: VendorAnswer;
  try {
    answer = await callVendor(find.call(order), place, { timeoutMs: LOOK_MS_MAX, headers: sandboxOf(task, place.channel.simulated) }, services);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return undefined;
  }
  // Asked about first, so that two equal orders never find the same one.
  const asked = new Set<string>();
  const at = sentAt(task, services.clock.now());
  const read = (taken: (ref: string) => boolean): Found => find.read(answer, order, { at, taken });
  read((ref) => (asked.add(ref), false));
  const known = asked.size === 0 ? asked : await knownRefs(services.db, task.channel ?? "", task.credential ?? "", [...asked]);
  const found = read((ref) => known.has(ref));
  return found === "none" || (found && (await isFree(found.ref))) ? found : undefined;
}

const sentAt = ({ memo }: Task, otherwise: number): number => (typeof memo?.["sentAt"] === "number" ? memo["sentAt"] : otherwise);

/** What the vendor was asked for, whole. */
async function ordered({ task, services }: Step, { channel }: Place): Promise<MediaOrder> {
  return (await orderOf(task, { channel, upstreamModel: task.upstream_model ?? "" }, await parentOf(task, services), services, { whole: true })).order;
}
