/** DashScope's tasks: pictures and films made later (Model Studio, "Asynchronous task management"). A task and its addresses are forgotten after a day. */
import { asObject, asText, type JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { isRefused, madeOf } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { endOf, momentOf, type Phase, type Task, usageOf } from "../../kit/tasks/task.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { answered, dashscopeFailure, INSPECTION, invalid, refuse } from "./errors.ts";
import { picturesOf, readPrompt } from "./pictures.ts";
import { filmsOf, readFilm } from "./films.ts";

const VENDOR = "dashscope";
/** Life of addresses and of a task, in seconds. */
const DAY = 86_400;
/** How long pictures and films take, in seconds (upstream notes: 10 to 60, and minutes). */
const PICTURE_SECONDS = 20;
const FILM_SECONDS = 120;

const WORDS: Record<Phase, string> = { queued: "PENDING", running: "RUNNING", succeeded: "SUCCEEDED", failed: "FAILED", refused: "FAILED", cancelled: "CANCELED" };

/** "2026-01-31 08:05:09.123", in UTC. */
const timeOf = (at: number): string => new Date(at).toISOString().replace("T", " ").replace("Z", "");

function accept(request: Received, owner: string, order: { model: string; prompt: string; outputs: FileWish[]; seconds: number; usage: (made: number) => JsonObject; film?: true }): Answer {
  if (isRefused(request.faults, order.prompt)) return refuse(request, 400, ...INSPECTION);
  const made = order.film ? 1 : madeOf(order.outputs, request.faults).length;
  const task = request.tasks.accept({
    id: request.ids.uuid(),
    vendor: VENDOR,
    owner,
    model: order.model,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: order.seconds,
    outputs: order.outputs,
    detail: { prompt: order.prompt, made, film: order.film === true },
    usageOf: (phase) => (phase === "succeeded" ? order.usage(made) : undefined),
  });
  request.note(task);
  return { ...answered(request, 200, { output: { task_status: "PENDING", task_id: task.id } }), model: order.model };
}

/** What both kinds of submit refuse alike; `undefined` when nothing is wrong so far. */
function refusedSubmit(request: Received, exists: (model: string) => boolean): Answer | undefined {
  const model = asText(asObject(request.json)["model"]);
  if (request.json === undefined) return invalid(request, "Request body format invalid.");
  if (model === "") return invalid(request, "Field required: model");
  if (!exists(model)) return refuse(request, 404, "ModelNotFound", "Model can not be found.");
  if (request.headers.get("x-dashscope-async") !== "enable") return refuse(request, 403, "AccessDenied", "current user api does not support synchronous calls.");
  return undefined;
}

/** Takes a request to make pictures and its credential; gives the task. */
export function submitPictures(request: Received, owner: string): Answer {
  const refused = refusedSubmit(request, (model) => picturesOf(model)?.async === true);
  if (refused) return refused;
  const wish = readPrompt(asObject(request.json));
  if (typeof wish === "string") return invalid(request, wish);
  const { model, prompt, width, height } = wish;
  const outputs = Array.from({ length: wish.n }, (_, index): FileWish => ({ kind: "picture", width, height, format: "png", seed: `${model} ${prompt} ${index}` }));
  return accept(request, owner, { model, prompt, outputs, seconds: PICTURE_SECONDS, usage: (made) => ({ image_count: made }) });
}

/** Takes a request to make a film and its credential; gives the task. */
export function submitFilm(request: Received, owner: string): Answer {
  const refused = refusedSubmit(request, (model) => filmsOf(model) !== undefined);
  if (refused) return refused;
  const wish = readFilm(asObject(request.json));
  if (typeof wish === "string") return invalid(request, wish);
  const { model, prompt, width, height, duration, sr } = wish;
  const usage = { duration, size: `${width}*${height}`, input_video_duration: 0, output_video_duration: duration, video_count: 1, SR: sr };
  return accept(request, owner, { model, prompt, outputs: [{ kind: "video", width, height, duration, seed: prompt }], seconds: FILM_SECONDS, usage: () => usage, film: true });
}

/** The results of a task that succeeded; with `partial` the last picture failed. */
function resultsOf(request: Received, task: Task): JsonObject {
  const { prompt, made, film } = task.detail;
  if (film === true) return { orig_prompt: prompt, video_url: fileAddress(request, task, 0, { seconds: DAY }) };
  const results = task.outputs.map((_, index) => (index < Number(made) ? { orig_prompt: prompt, actual_prompt: `${asText(prompt)}, in fine detail`, url: fileAddress(request, task, index, { seconds: DAY }) } : { code: "InternalError.Timeout", message: "An internal timeout error has occured during execution, please try again later or contact service support." }));
  return { results };
}

function show(request: Received, task: Task): Answer {
  const { phase } = momentOf(task, request.now);
  const ended = phase !== "queued" && phase !== "running";
  const metrics = { TOTAL: task.outputs.length, SUCCEEDED: phase === "succeeded" ? Number(task.detail["made"]) : 0, FAILED: phase === "succeeded" ? task.outputs.length - Number(task.detail["made"]) : ended ? task.outputs.length : 0 };
  const [code, message] = phase === "refused" ? INSPECTION : ["InternalError", "An internal error has occured during execution, please try again later or contact service support."];
  const failCode = task.faults.get("fail-code");
  const output = {
    task_id: task.id,
    task_status: phase === "running" && task.faults.has("new-state") ? "SUSPENDED" : WORDS[phase],
    submit_time: timeOf(task.acceptedAt),
    ...(phase === "queued" ? {} : { scheduled_time: timeOf(Math.min(task.startsAt, endOf(task))) }),
    ...(ended ? { end_time: timeOf(endOf(task)) } : {}),
    ...(phase === "succeeded" ? resultsOf(request, task) : {}),
    ...(phase === "failed" || phase === "refused" ? { code: typeof failCode === "string" ? failCode : code, message } : {}),
    ...(task.detail["film"] === true ? {} : { task_metrics: metrics }),
  };
  const usage = usageOf(task, request.now);
  return told(task, request.now, answered(request, 200, { output, ...(usage ? { usage } : {}) }));
}

/** Takes a request, its credential and the id in its path; tells how the task stands. One that is not there, or no more, is a 200 too. */
export async function showTask(request: Received, owner: string, id: string): Promise<Answer> {
  const unknown = (): ReturnType<typeof answered> => answered(request, 200, { output: { task_id: id, task_status: "UNKNOWN" } });
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task || request.now > task.acceptedAt + DAY * 1000) return unknown();
  const answer = await polled(request, task, (asked, failure) => (failure.status === 404 ? unknown() : dashscopeFailure(asked, failure)), () => (task.faults.has("lost-result") && momentOf(task, request.now).phase === "succeeded" ? unknown() : show(request, task)));
  return answer;
}

/** Takes a request to cancel, its credential and the id in its path; only what waits can be cancelled. */
export function cancelTask(request: Received, owner: string, id: string): Answer {
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task) return refuse(request, 404, "TaskNotFound", "The task can not be found.");
  request.note(task);
  if (momentOf(task, request.now).phase !== "queued" || !request.tasks.cancel(task, request.now)) return refuse(request, 400, "UnsupportedOperation", "Failed to cancel the task, please confirm if the task is in PENDING status.");
  return answered(request, 200, {});
}
