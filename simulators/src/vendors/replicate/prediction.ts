/** A prediction as Replicate shows it (HTTP API reference; SDK `replicate`, Prediction). */
import { asText, type JsonObject } from "../../kit/json.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { endOf, hasEnded, momentOf, secondsRun, type Task } from "../../kit/tasks/task.ts";
import type { Received } from "../../kit/vendor.ts";

/** Input, output and logs are removed an hour after the end, and the files with them. */
const KEPT_SECONDS = 3600;
/** Random seeds of the logs are below this. */
const SEEDS = 100_000;

type At = Pick<Received, "origin" | "now">;

function statusOf(task: Task, now: number): string {
  const { phase } = momentOf(task, now);
  if (phase === "queued") return "starting";
  if (phase === "running") return task.faults.has("new-state") ? "finalizing" : "processing";
  if (phase === "refused") return "failed";
  // what never started was not worked on, and is not charged
  return phase === "cancelled" ? (endOf(task) < task.startsAt && task.detail["deadline"] === endOf(task) ? "aborted" : "canceled") : phase;
}

function errorOf(task: Task, now: number): string | null {
  const { phase } = momentOf(task, now);
  if (phase === "refused") return "The input or output was flagged as sensitive. Please try again with different inputs. (E005)";
  const code = task.faults.get("fail-code");
  return phase === "failed" ? (typeof code === "string" ? code : "Prediction interrupted; please retry (code: PA)") : null;
}

function logsOf(task: Task, now: number): string {
  if (now < task.startsAt) return "";
  const until = Math.min(now, endOf(task));
  const lines = [`Using seed: ${Number(Bun.hash(task.id) % BigInt(SEEDS))}`, "Generating..."];
  if (until >= (task.startsAt + task.endsAt) / 2) lines.push(" 50%|█████     | 14/28 [00:01<00:01, 12.00it/s]");
  if (until >= task.endsAt) lines.push(`Generated in ${((task.endsAt - task.startsAt) / 1000).toFixed(1)} seconds`);
  return `${lines.join("\n")}\n`;
}

/** Takes where and when it is told, a task, and the time whose state is shown (that of the telling by default); gives the prediction. */
export function predictionOf(at: At, task: Task, moment = at.now): JsonObject {
  const { phase } = momentOf(task, moment);
  const ended = hasEnded(phase);
  const removed = (ended && moment > endOf(task) + KEPT_SECONDS * 1000) || (phase === "succeeded" && task.faults.has("lost-result"));
  const addresses = task.outputs.map((_, index) => (phase === "succeeded" && !removed ? fileAddress(at, task, index, { seconds: KEPT_SECONDS }) : ""));
  const output = phase !== "succeeded" || removed ? null : task.detail["single"] === true ? (addresses[0] ?? null) : addresses;
  const time = (value: number): string => new Date(value).toISOString();
  const url = `${at.origin}/v1/predictions/${task.id}`;
  const webhook = asText(task.detail["webhook"]);
  const { deadline } = task.detail;
  return {
    id: task.id,
    model: task.model,
    version: task.detail["version"],
    input: removed ? {} : task.detail["input"],
    logs: removed ? "" : logsOf(task, moment),
    output,
    data_removed: removed,
    error: errorOf(task, moment),
    source: "api",
    status: statusOf(task, moment),
    created_at: time(task.acceptedAt),
    ...(moment >= task.startsAt && !(task.cancelledAt !== undefined && task.cancelledAt < task.startsAt) ? { started_at: time(task.startsAt) } : {}),
    ...(ended ? { completed_at: time(endOf(task)) } : {}),
    ...(ended && !task.faults.has("no-usage") ? { metrics: { predict_time: secondsRun(task, moment), total_time: (endOf(task) - task.acceptedAt) / 1000 } } : {}),
    ...(typeof deadline === "number" ? { deadline: time(deadline) } : {}),
    ...(webhook === "" ? {} : { webhook, webhook_events_filter: task.detail["filter"] }),
    urls: { cancel: `${url}/cancel`, get: url, web: `https://replicate.com/p/${task.id}` },
  };
}
