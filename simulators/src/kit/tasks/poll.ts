/** Asking for a task: counts it, and plays what goes wrong on the way. The faults came with the submit, since a poll carries no prompt. */
import { faultNumber } from "../fault-spec.ts";
import type { JsonObject } from "../json.ts";
import type { Answer, Received, Vendor, WholeAnswer } from "../vendor.ts";
import { breakJson } from "../frame-faults.ts";
import { htmlPage } from "../failures.ts";
import { hasEnded, momentOf, type Task, usageOf } from "./task.ts";

/** Polls that a `poll-…` fault spoils when `poll-times` does not say it. */
const SPOILT_POLLS = 3;

/** Takes a poll, its task, how the vendor words failures, and what it would answer; gives the answer, spoilt when a fault says so. */
export async function polled(request: Received, task: Task, fail: Vendor["fail"], show: () => Answer | Promise<Answer>): Promise<Answer> {
  const { faults } = task;
  task.polls += 1;
  request.note(task);
  if (faults.has("lost-task")) return fail(request, { kind: "status", status: 404 });
  if (task.polls > (faultNumber(faults, "poll-times") ?? SPOILT_POLLS)) return show();
  const late = faultNumber(faults, "poll-ms");
  if (late !== undefined) await request.until(request.now + late);
  if (faults.has("poll-hang")) await request.until(Infinity);
  const [status, retryAfter] = [faultNumber(faults, "poll-status"), faultNumber(faults, "poll-retry-after")];
  if (status !== undefined || retryAfter !== undefined) return fail(request, { kind: "status", status: status ?? 429, ...(retryAfter === undefined ? {} : { retryAfter }) });
  if (faults.has("poll-html")) return htmlPage();
  if (faults.has("poll-empty")) return { kind: "whole", status: 200, headers: { "content-type": "application/json" }, body: "" };
  const answer = await show();
  return faults.has("poll-malformed") && answer.kind === "whole" && typeof answer.body === "string" ? { ...answer, body: breakJson(answer.body) } : answer;
}

/** Takes a task and an answer that shows it; gives the answer with the cost it reports noted, once for each task, so that sums over exchanges are true. */
export function told(task: Task, now: number, answer: WholeAnswer): WholeAnswer {
  const usage: JsonObject | undefined = usageOf(task, now);
  if (!hasEnded(momentOf(task, now).phase) || task.toldAt !== undefined) return { ...answer, model: task.model };
  task.toldAt = now;
  return { ...answer, model: task.model, ...(usage ? { usage } : {}) };
}
