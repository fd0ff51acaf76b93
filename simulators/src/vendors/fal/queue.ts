/** fal's queue: `queue.fal.run` (documentation: queue; SDK `@fal-ai/client`, queue). */
import type { JsonObject } from "../../kit/json.ts";
import { isObject } from "../../kit/json.ts";
import { polled } from "../../kit/tasks/poll.ts";
import { endOf, hasEnded, momentOf, secondsRun, type Task } from "../../kit/tasks/task.ts";
import type { Answer, Frame, Received, StreamAnswer, WholeAnswer } from "../../kit/vendor.ts";
import { endpointOf } from "./catalog.ts";
import { fail, said } from "./errors.ts";
import { errorOf, outputOf, resultOf, startRun } from "./run.ts";
import { webhook } from "./webhook.ts";

/** Namespaces whose names have one part more. */
const NAMESPACES = ["workflows", "comfy"];
/** Place in the queue at the beginning. */
const QUEUE_LENGTH = 3;

/** Takes an endpoint's name; gives the part of it that the addresses of its requests keep: owner and app. */
function appOf(name: string): string {
  const parts = name.split("/");
  return parts.slice(0, NAMESPACES.includes(parts[0] ?? "") ? 3 : 2).join("/");
}

const uuid = (request: Received): string => `${request.ids.hex(8)}-${request.ids.hex(4)}-4${request.ids.hex(3)}-a${request.ids.hex(3)}-${request.ids.hex(12)}`;

/** The three addresses of a request, below where the client reached the queue. */
function addresses(base: string, task: Task): JsonObject {
  const url = `${base}/${appOf(task.model)}/requests/${task.id}`;
  return { response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` };
}

/** Takes a request, the owner, the endpoint's name and where the queue was reached; takes the run in. The queue looks at no input: that is the run's. */
export function submit(request: Received, owner: string, name: string, base: string): WholeAnswer {
  const endpoint = endpointOf(name);
  if (!endpoint) return said(404, { detail: `Application "${name.split("/").at(-1)}" not found` });
  if (!isObject(request.json)) return said(422, { detail: [{ loc: ["body"], msg: "Input should be a valid dictionary", type: "value_error" }] });
  const hook = request.query.get("fal_webhook");
  if (hook !== null && !/^https?:\/\//.test(hook)) return said(422, { detail: [{ loc: ["query", "fal_webhook"], msg: "Input should be a valid URL", type: "value_error" }] });
  const { origin } = request;
  const notifying =
    hook === null
      ? undefined
      : {
          events: ["end"],
          tries: 10,
          async notice(task: Task, _: string, at: number, forged: boolean) {
            const error = errorOf(task, at);
            const ids = { request_id: task.id, gateway_request_id: task.id };
            const body = error ? { ...ids, status: "ERROR", error: `Invalid status code: ${error.status}`, payload: error.body } : { ...ids, status: "OK", payload: await outputOf({ origin, now: at }, task) };
            return webhook(hook, task.id, at, body, forged);
          },
        };
  const task = startRun(request, endpoint, name, owner, uuid(request), request.json, notifying);
  return { ...said(200, { status: "IN_QUEUE", request_id: task.id, gateway_request_id: task.id, ...addresses(base, task), queue_position: QUEUE_LENGTH - 1 }, { "x-fal-request-id": task.id }), model: name };
}

function logsOf(task: Task, now: number): JsonObject[] {
  const lines: [number, string][] = [[task.startsAt, "Preparing..."], [(task.startsAt + task.endsAt) / 2, "50%|#####     | 14/28"], [task.endsAt, "100%|##########| 28/28"]];
  return lines.filter(([at]) => at <= Math.min(now, endOf(task))).map(([at, message]) => ({ message, level: "INFO", source: "USER", timestamp: new Date(at).toISOString() }));
}

function statusOf(task: Task, now: number, base: string, logs: boolean): JsonObject {
  const { phase, share } = momentOf(task, now);
  const common = { request_id: task.id, ...addresses(base, task) };
  if (phase === "queued") return { status: "IN_QUEUE", ...common, queue_position: Math.floor((1 - share) * QUEUE_LENGTH) };
  const lines = logs ? { logs: logsOf(task, now) } : { logs: null };
  if (phase === "running") return { status: task.faults.has("new-state") ? "IN_REVIEW" : "IN_PROGRESS", ...common, ...lines };
  const error = errorOf(task, now);
  const metrics = { inference_time: secondsRun(task, now) };
  return { status: "COMPLETED", ...common, ...lines, metrics, ...(error ? { error: `Request failed with status ${error.status}`, error_type: error.type } : {}) };
}

/** The states as events, each when it comes; the last one ends the stream. */
function statusStream(task: Task, now: number, base: string, logs: boolean): StreamAnswer {
  const times = [now, task.startsAt, task.endsAt].filter((at, index) => index === 0 || (at > now && at !== Infinity));
  function* frames(): Generator<Frame> {
    for (const at of times) {
      const moment = Math.max(at, now);
      const ended = hasEnded(momentOf(task, moment).phase);
      yield { kind: ended ? "end" : "other", text: `data: ${JSON.stringify(statusOf(task, moment, base, logs))}\n\n`, at: moment };
      if (ended) return;
    }
  }
  return { kind: "stream", headers: { "content-type": "text/event-stream" }, frames: frames(), model: task.model };
}

function cancel(request: Received, task: Task): WholeAnswer {
  request.note(task);
  return request.tasks.cancel(task, request.now) ? said(202, { status: "CANCELLATION_REQUESTED" }) : said(400, { status: "ALREADY_COMPLETED" });
}

/** Takes a request below `requests/`, the owner, the app, the request's id, what is asked of it and where the queue was reached; gives the answer. */
export function askQueue(request: Received, owner: string, app: string, id: string, what: string, base: string): Answer | Promise<Answer> {
  const task = request.tasks.get("fal", owner, id);
  if (!task || appOf(task.model) !== app) return said(404, what === "cancel" ? { status: "NOT_FOUND" } : { detail: "Request not found" });
  if (request.method === "PUT" && what === "cancel") return cancel(request, task);
  if (request.method !== "GET") return said(405, { detail: "Method Not Allowed" });
  const logs = request.query.get("logs") === "1";
  if (what === "status/stream") return polled(request, task, fail, () => statusStream(task, request.now, base, logs));
  const ended = hasEnded(momentOf(task, request.now).phase);
  if (what === "status") return polled(request, task, fail, () => ({ ...said(ended ? 200 : 202, statusOf(task, request.now, base, logs)), model: task.model }));
  if (!ended) return said(400, { detail: "Request is still in progress" });
  if (task.faults.has("lost-result")) return said(404, { detail: "Request not found" });
  return polled(request, task, fail, () => resultOf(request, task));
}
