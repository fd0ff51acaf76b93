import type { TaskEnd } from "../store/queries/tasks.ts";
import type { MediaReading } from "../vendors/_kit/media/adapter.ts";
import { placeOf, type Step } from "./step.ts";
import { endsAtOnce } from "./vendor-call.ts";

/** Why a task failed, in words that its caller may read. */
export interface TaskFailure {
  kind: "content_policy" | "invalid_request" | "server" | "timeout" | "interrupted";
  text: string;
  /** for the operator */
  detail?: string;
}

/** After its deadline a task is still looked at for this long: what the vendor finishes then has cost us something. */
export const WATCH_MS = 86_400_000;
/** From then on, when it failed before. */
const WATCH_FIRST_MS = 60_000;
const STATUS: Record<TaskFailure["kind"], number> = { content_policy: 400, invalid_request: 400, server: 502, timeout: 504, interrupted: 502 };

/** It failed for good: everything held is free again. */
export async function fail(step: Step, failure: TaskFailure, reading?: MediaReading): Promise<void> {
  const { moves, turn, services } = step;
  // A lost order may show at its vendor after all.
  await moves.end({ ...failedEnd(step, failure), fence: turn.fence, ...(mayBeFound(step) ? { watch_ms: services.clock.now() + WATCH_FIRST_MS } : {}), ...(reading?.usage ? { usage: reading.usage } : {}) });
}

/** The deadline is over without the vendor's word: the caller gets the money back, and a late result is noted for the operator. */
export async function expire(step: Step): Promise<void> {
  const { task, moves, turn, services } = step;
  const now = services.clock.now();
  const mayCome = task.vendor_ref !== null || mayBeFound(step);
  await moves.end({ ...failedEnd(step, { kind: "timeout", text: "The task did not end in time. Nothing was charged.", detail: `phase ${task.phase}` }), fence: turn.fence, ...(mayCome ? { watch_ms: now + services.random() * 60_000 } : {}) });
}

/** Whether an order of the task is lost, and its vendor can be asked for it. */
export function mayBeFound({ task, services }: Pick<Step, "task" | "services">): boolean {
  if (task.vendor_ref !== null || task.attempts.at(-1)?.outcome.startsWith("unclear") !== true) return false;
  const place = placeOf(task, services);
  return place?.media.find !== undefined && !endsAtOnce(place, task.upstream_model ?? "");
}

function failedEnd(step: Step, { kind, text, detail }: TaskFailure): Omit<TaskEnd, "fence"> {
  return { ...endOf(step, "FAILURE"), error_kind: kind, error_text: text, ...(detail === undefined ? {} : { error_detail: detail }), charge: 0, status: STATUS[kind], error_code: kind, end_reason: "upstream_error" };
}

/** Nobody is left to ask: of all refusals the one that says most. */
export function failAfterAttempts(step: Step): Promise<void> {
  const { attempts } = step.task;
  const tried = attempts.map(({ channel, outcome, status }) => `${channel}: ${outcome}${status === undefined ? "" : ` (${status})`}`).join(" | ");
  const said = attempts.find(({ outcome }) => outcome === "cannot_be_said");
  if (attempts.length > 0 && said && attempts.every(({ outcome }) => outcome === "cannot_be_said")) return fail(step, { kind: "invalid_request", text: "No source of this model can be asked for this.", detail: tried });
  return fail(step, { kind: "server", text: attempts.length === 0 ? "Nobody can make this at the moment. Nothing was charged." : "All sources of this model failed. Nothing was charged.", detail: tried });
}

export async function cancelled(step: Step, reading?: MediaReading): Promise<void> {
  await step.moves.end({ ...endOf(step, "CANCELLED"), fence: step.turn.fence, error_kind: "cancelled", error_text: "cancelled", ...(reading?.usage ? { usage: reading.usage } : {}), charge: 0, status: 499, error_code: "cancelled", end_reason: "client_gone" });
}

export function endOf({ task, services }: Step, state: TaskEnd["state"]): Pick<TaskEnd, "id" | "state" | "at_ms" | "attempts" | "price_version" | "answer" | "memo"> {
  return {
    id: task.id, state, at_ms: services.clock.now(), attempts: task.attempts, price_version: task.terms.priceVersion,
    ...(task.answer === null ? {} : { answer: task.answer }), ...(task.memo === null ? {} : { memo: task.memo }),
  };
}
