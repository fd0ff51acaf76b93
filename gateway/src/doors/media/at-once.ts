import { GatewayError } from "../../errors/gateway-error.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools, MediaWanted } from "./family.ts";
import { untoldOf } from "../../tasks/sayable.ts";
import { ordered, saidIn } from "./order.ts";

/** A caller of a vendor that answers at once waits this long; the documented limit is five minutes. */
const ROUNDS_MAX = 5;

/** Orders a task and waits for its end, for families whose clients know no tasks. A failure is an error of the family's; after five minutes 504 says which task it is. */
export async function atOnce(family: MediaFamily, call: MediaCall, wanted: MediaWanted, tools: MediaTools, show: (task: Task) => unknown): Promise<MediaAnswer> {
  const task = await finished(family, call, wanted, tools);
  return { headers: { "x-task-id": task.id }, json: show(task) };
}

/** The task itself, once it has succeeded. Rejects with GatewayError as above; a caller who leaves loses nothing: the task goes on. */
export async function finished(family: MediaFamily, call: MediaCall, wanted: MediaWanted, tools: MediaTools): Promise<Task> {
  let task: Task | undefined = await ordered(family, call, wanted, tools);
  for (let round = 0; round < ROUNDS_MAX && task && task.finished_at === null && !call.left(); round += 1) task = await tools.tasks.waitForEnd(call.key, task.id, call.left);
  if (!task || task.finished_at === null) throw new GatewayError("upstreamTimeout", { publicText: `The task ${task?.id ?? ""} goes on: ask for it at /task/${task?.id ?? ""}.` });
  if (task.state === "SUCCESS") {
    call.told.untold = untoldOf(task, saidIn(wanted)) ?? call.told.untold;
    return task;
  }
  if (task.error_kind === "content_policy") throw new GatewayError("contentPolicy", { publicText: task.error_text ?? "" });
  if (task.error_kind === "invalid_request") throw new GatewayError("invalidRequest", { publicText: task.error_text ?? "" });
  throw new GatewayError(task.error_kind === "timeout" ? "upstreamTimeout" : "badUpstream", { publicText: task.error_text ?? "The task failed." });
}

/** The vendor's answer with our addresses in the place of those that were copied. */
export function withKept({ answer, outputs }: Task): JsonObject {
  const ours = new Map(outputs.flatMap(({ vendorUrl, also = [], url, where }) => (vendorUrl === undefined || url === undefined ? [] : [vendorUrl, ...(where === "kept" ? also : [])].map((theirs) => [theirs, url] as const))));
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return ours.get(value) ?? value;
    if (Array.isArray(value)) return value.map(walk);
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member)])) : value;
  };
  return walk(answer ?? {}) as JsonObject;
}
