/** Kling's tasks: made, asked for by either id, listed, told to a callback. */
import { problemsOf } from "../../kit/fields.ts";
import { asText, isObject, type JsonObject } from "../../kit/json.ts";
import type { Notifying } from "../../kit/tasks/callbacks.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { isForbidden, madeOf } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { endOf, hasEnded, momentOf, type Task, usageOf } from "../../kit/tasks/task.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { fail, invalidBody, refused, said } from "./errors.ts";
import type { Kind } from "./kinds.ts";

type At = Pick<Received, "origin" | "now">;

/** Files are kept for thirty days. */
const LINK = { seconds: 30 * 24 * 3600 };
/** Dollars of a unit of a resource pack. */
const UNIT_DOLLARS = 0.14;
/** Shortest side and longest shape of a picture, and its size. */
const SIDE_MIN = 300;
const RATIO_MAX = 2.5;
const BYTES_MAX = 10 * 1024 * 1024;
const PAGE = 30;

/** Takes a picture as raw base64 (an address is not opened); gives what is wrong with it. */
async function pictureFault(name: string, value: unknown): Promise<string | undefined> {
  if (typeof value !== "string" || /^https?:/i.test(value)) return undefined;
  const bytes = Buffer.from(value, "base64");
  if (bytes.length > BYTES_MAX) return `${name} is larger than 10MB`;
  const found = await new Bun.Image(bytes).metadata().catch(() => undefined);
  if (!found) return `Image format is invalid: ${name}`;
  const [short, long] = [Math.min(found.width, found.height), Math.max(found.width, found.height)];
  if (short < SIDE_MIN) return `Image pixel is invalid: ${name} must be at least ${SIDE_MIN} pixels on each side`;
  return long / short > RATIO_MAX ? `Image aspect ratio is invalid: ${name}` : undefined;
}

function failureOf(task: Task, forContent: boolean): string {
  const code = task.faults.get("fail-code");
  return typeof code === "string" ? code : forContent ? "Failure to pass the risk control system" : "Internal error, please try again later";
}

function resultOf(at: At, task: Task, kind: Kind): JsonObject {
  const outputs = task.faults.has("lost-result") ? [] : task.outputs;
  const urls = outputs.map((_, index) => fileAddress(at, task, index, LINK));
  if (kind.result === "images") return { images: urls.map((url, index) => ({ index, url })) };
  return { videos: urls.map((url, index) => ({ id: `${task.id}${index}`, url, duration: (outputs[index] as { duration: number }).duration.toFixed(1), ...(task.detail["marked"] === true ? { watermark_url: `${url}&watermark=1` } : {}) })) };
}

function dataOf(at: At, task: Task, kind: Kind): JsonObject {
  const { phase } = momentOf(task, at.now);
  const failed = phase === "failed" || phase === "refused";
  const units = usageOf(task, at.now)?.["final_unit_deduction"];
  const changed = hasEnded(phase) ? endOf(task) : phase === "running" ? task.startsAt : task.acceptedAt;
  const external = asText(task.detail["external"]);
  return {
    task_id: task.id,
    task_status: phase === "queued" ? "submitted" : phase === "running" ? (task.faults.has("new-state") ? "reviewing" : "processing") : failed ? "failed" : "succeed",
    ...(failed ? { task_status_msg: failureOf(task, phase === "refused") } : {}),
    task_info: external === "" ? {} : { external_task_id: external },
    created_at: task.acceptedAt,
    updated_at: changed,
    ...(typeof units === "number" ? { final_unit_deduction: String(units) } : {}),
    ...(phase === "succeeded" ? { task_result: resultOf(at, task, kind) } : {}),
  };
}

function notifying(origin: string, url: string, kind: Kind): Notifying | undefined {
  if (url === "") return undefined;
  return { events: ["start", "end"], notice: (task, _, at) => ({ url, headers: {}, body: JSON.stringify(dataOf({ origin, now: at }, task, kind)) }) };
}

/** What failed is not charged. A function of its own: one made within `submit` would keep the request as long as the task. */
const deduction = (units: number): Task["usageOf"] => (phase) => ({ final_unit_deduction: phase === "succeeded" ? units : 0 });

/** Takes a request, the owner, the path and its kind; makes a task. */
export async function submit(request: Received, owner: string, path: string, kind: Kind): Promise<WholeAnswer> {
  const body = request.json;
  if (!isObject(body)) return refused(request, 1200, "Invalid request body");
  const [problem] = problemsOf(kind.fields, body);
  if (problem) return invalidBody(request, problem);
  const wrong = kind.check(body);
  if (wrong !== undefined) return refused(request, 1201, wrong);
  for (const name of kind.pictures) {
    const fault = await pictureFault(name, body[name]);
    if (fault !== undefined) return refused(request, 1201, fault);
  }
  const external = asText(body["external_task_id"]);
  if (external !== "" && request.tasks.byAlias("kling", owner, external)) return refused(request, 1201, `external_task_id ${external} already exists`);
  if (request.faults.has("refuse-submit")) return refused(request, 1301, "The request content contains sensitive information");
  const outputs = madeOf(kind.files(body), request.faults);
  const units = Number((kind.dollars(body, outputs.length) / UNIT_DOLLARS).toFixed(4));
  const tells = notifying(request.origin, asText(body["callback_url"]), kind);
  const task = request.tasks.accept({
    // eighteen digits, as the vendor's ids have
    id: `8${(BigInt(`0x${request.ids.hex(15)}`) % 10n ** 17n).toString().padStart(17, "0")}`,
    vendor: "kling",
    owner,
    model: asText(body["model_name"]) || (path.endsWith("try-on") ? "kolors-virtual-try-on-v1" : "kling-v1"),
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: kind.seconds(body),
    outputs,
    detail: { path, external, marked: isObject(body["watermark_info"]) && body["watermark_info"]["enabled"] === true },
    alias: external === "" ? undefined : external,
    end: isForbidden(asText(body["prompt"])) ? "refused" : "succeeded",
    usageOf: deduction(units),
    ...(tells ? { notifying: tells } : {}),
  });
  request.note(task);
  const { task_id, task_status, task_info, created_at, updated_at } = dataOf(request, task, kind);
  return { ...said(request, { task_id, task_status, task_info, created_at, updated_at }), model: task.model };
}

/** Takes a request, the owner, the path, its kind and an id of either sort; gives the task. */
export function ask(request: Received, owner: string, path: string, kind: Kind, id: string): Answer | Promise<Answer> {
  const task = request.tasks.get("kling", owner, id) ?? request.tasks.byAlias("kling", owner, id);
  if (task?.detail["path"] !== path) return refused(request, 1203, `Task not found: ${id}`);
  return polled(request, task, fail, () => told(task, request.now, said(request, dataOf(request, task, kind))));
}

/** Takes a request, the owner, the path and its kind; gives a page of the tasks, the newest first. */
export function list(request: Received, owner: string, path: string, kind: Kind): WholeAnswer {
  const [page, size] = [Number(request.query.get("pageNum") ?? 1), Number(request.query.get("pageSize") ?? PAGE)];
  if (!(page >= 1 && page <= 1000 && size >= 1 && size <= 500)) return refused(request, 1201, "pageNum or pageSize is invalid");
  const tasks = request.tasks.list("kling", owner).filter((task) => task.detail["path"] === path);
  return said(request, tasks.slice((page - 1) * size, page * size).map((task) => dataOf(request, task, kind)));
}
