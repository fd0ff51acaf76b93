import type { TaskTarget } from "../channels/task-plan.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { redact } from "../errors/redact.ts";
import { ownNames } from "../channels/own-names.ts";
import type { MediaSubmit, VendorAnswer } from "../vendors/_kit/media/adapter.ts";
import { fail, failAfterAttempts } from "./ends.ts";
import { lost } from "./lost.ts";
import { next, targetsLeft } from "./next-target.ts";
import { takeReading } from "./reading.ts";
import { refuseUntold, untold } from "./sayable.ts";
import { type FiledOrder, orderOf, sandboxOf, type Step } from "./step.ts";
import type { TaskAttempt } from "./task.ts";
import { CallFailed, callVendor, endsAtOnce, type MediaVendor, mediaVendor } from "./vendor-call.ts";

/** Tries of one task, whatever the targets. */
export const ATTEMPTS_MAX = 8;
/** An asynchronous vendor takes an order within this, or nobody knows whether it did. */
const ORDER_MS_MAX = 60_000;
/** Beyond a call's own limit, until its turn may be somebody else's: outputs that came at once are copied in it. */
const LEASE_MARGIN_MS = 90_000;

/** Gives a waiting task to the next target: marks it as being sent, sends it, and takes what comes back. */
export async function submit(step: Step): Promise<void> {
  const { task, services } = step;
  if (task.attempts.length >= ATTEMPTS_MAX) return failAfterAttempts(step);
  const { left, blocked, configured, parent } = await targetsLeft(step);
  const target = left[0];
  if (!target) {
    // All that may still be asked are out for a while: the task waits for them.
    if (configured > 0 && blocked?.cure === "time" && task.attempts.every((attempt) => attempt.again)) return void (await wait(step, blocked.retryInMs));
    return failAfterAttempts(step);
  }
  const media = mediaVendor(target.channel.vendor);
  if (!media) return fail(step, { kind: "server", text: "This cannot be made at the moment.", detail: `vendor ${target.channel.vendor} makes no media` });
  let filed: FiledOrder;
  let sending: MediaSubmit;
  try {
    filed = await orderOf(task, target, parent, services);
    sending = media.media.submit(filed.order);
    const { strict: names, own = [] } = task.request;
    if (names) refuseUntold(untold(sending, filed.order.input, { names, own }));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return next(step, target, { outcome: "cannot_be_said", ms: 0 }, { kind: "caller", text: error.publicText });
  }
  return send(step, target, media, filed, sending);
}

async function send(step: Step, target: TaskTarget, media: MediaVendor, { order, files }: FiledOrder, sending: MediaSubmit): Promise<void> {
  const { task, turn, moves, services } = step;
  const atOnce = endsAtOnce(media, target.upstreamModel);
  const timeoutMs = atOnce ? target.channel.timeouts.firstByteMs : ORDER_MS_MAX;
  const sentAt = services.clock.now();
  const startedAt = services.clock.monotonic();
  // From here on the vendor may have it: whoever finds the task so does not send it again.
  const mine = await moves.note({
    id: task.id, fence: turn.fence, at_ms: sentAt, due_ms: sentAt + timeoutMs + LEASE_MARGIN_MS, changed: true, anew: true, lane: target.channel.id, phase: "sending", holds: true,
    state: "SUBMITTED", progress: 10, progress_estimated: true, source: target.source, channel: target.channel.id, credential: target.mark, upstream_model: target.upstreamModel, memo: { sentAt },
  });
  if (!mine) return;
  Object.assign(task, { channel: target.channel.id, credential: target.mark, upstream_model: target.upstreamModel, source: target.source, vendor_ref: null, memo: { sentAt }, answer: null });
  const { health } = services.channels;
  health.begin(target.id, target.upstreamModel);
  const tried = (outcome: string, status?: number): Omit<TaskAttempt, "channel" | "mark" | "source"> => ({
    outcome, ms: Math.round(services.clock.monotonic() - startedAt), ...(status === undefined ? {} : { status }), ...(sending.dropped?.length ? { dropped: sending.dropped } : {}),
  });
  let answer: VendorAnswer;
  try {
    answer = await callVendor(sending.call, target, { timeoutMs, once: true, headers: sandboxOf(task, target.channel.simulated), files }, services);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    health.failure(target.id, target.upstreamModel, error.kind);
    services.metrics.attemptFailed(target.channel.name, error.kind);
    if (error.unsent) return next(step, target, tried(error.kind), { kind: error.kind, text: error.message });
    return lost(step, tried(`unclear: ${error.kind}`));
  }
  const reading = media.media.readSubmit(answer, order);
  if (reading) {
    const fault = reading.state === "FAILURE" ? reading.fault : undefined;
    if (fault) health.failure(target.id, target.upstreamModel, fault.kind);
    else health.success(target.id, target.upstreamModel);
    if (fault && reading.ref === undefined) return next(step, target, tried(fault.kind, answer.status), cleaned(fault, target));
    task.attempts = [...task.attempts, { channel: target.channel.id, mark: target.mark, source: target.source, ...tried("accepted", answer.status) }];
    return takeReading(step, reading, target, true);
  }
  if (saysNothing(answer)) {
    health.failure(target.id, target.upstreamModel, "server");
    return lost(step, tried("unclear", answer.status));
  }
  const fault = cleaned(media.vendor.classify(answer.status, answer.body.toString("utf8")), target);
  health.failure(target.id, target.upstreamModel, fault.kind);
  services.metrics.attemptFailed(target.channel.name, fault.kind);
  return next(step, target, tried(fault.kind, answer.status), fault);
}

/** A good status without the vendor's word, or the word of something in between: the order may have got through. */
const saysNothing = ({ status, body }: VendorAnswer): boolean => status < 300 || ((status === 502 || status === 504) && !body.toString("utf8").trimStart().startsWith("{"));

const cleaned = <Fault extends { text: string }>(fault: Fault, target: TaskTarget): Fault => ({ ...fault, text: redact(fault.text, ownNames(target.channel)) });

async function wait({ task, turn, moves, services }: Step, ms: number): Promise<boolean> {
  const now = services.clock.now();
  return moves.note({ id: task.id, fence: turn.fence, at_ms: now, due_ms: Math.min(now + Math.max(ms, 100), task.deadline_at.getTime()), changed: false });
}
