/** Luma's generations: one object for making, asking and telling (SDK `lumaai`, Generation; guide: callbacks). */
import { problemsOf } from "../../kit/fields.ts";
import { asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import type { Notifying } from "../../kit/tasks/callbacks.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { isForbidden, madeOf } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { endOf, momentOf, type Task } from "../../kit/tasks/task.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { fail, invalidBody, refused, said } from "./errors.ts";
import type { Kind } from "./kinds.ts";

type At = Pick<Received, "origin" | "now">;

/** Life of addresses; the vendor documents none. */
const LINK = { seconds: 7 * 24 * 3600 };
/** Longest wait for a picture that is asked for at once, in seconds. */
const SYNC_SECONDS = 60;
const LIST_LIMIT = 100;

function failureOf(task: Task, forContent: boolean): string {
  const code = task.faults.get("fail-code");
  return typeof code === "string" ? code : forContent ? "Content moderation failed: the prompt is not allowed" : "Internal error during generation";
}

/** Takes where and when it is told, and a task; gives the generation. */
function generationOf(at: At, task: Task): JsonObject {
  const { phase } = momentOf(task, at.now);
  const { request, kind, asset } = task.detail;
  const done = phase === "succeeded";
  const running = task.faults.has("new-state") ? "finishing" : "dreaming";
  const assets = done && task.outputs.length > 0 && !task.faults.has("lost-result") ? { [asText(asset)]: fileAddress(at, task, 0, LINK) } : done ? {} : null;
  return {
    id: task.id,
    generation_type: asset,
    state: done ? "completed" : phase === "queued" ? "queued" : phase === "running" ? running : "failed",
    failure_reason: phase === "failed" || phase === "refused" ? failureOf(task, phase === "refused") : phase === "cancelled" ? "Cancelled" : null,
    created_at: new Date(task.acceptedAt).toISOString(),
    assets,
    model: task.model,
    request: { generation_type: kind, ...asObject(request) },
  };
}

function notifying(origin: string, url: string): Notifying | undefined {
  if (url === "") return undefined;
  const notice = (task: Task, _: string, at: number) => (momentOf(task, at).phase === "cancelled" ? undefined : { url, headers: {}, body: JSON.stringify(generationOf({ origin, now: at }, task)) });
  return { events: ["start", "end"], tries: 3, notice };
}

/** Takes a request, the owner, the kind and, for one made of another, that one; makes the generation. */
export async function make(request: Received, owner: string, kind: Kind, parent?: Task): Promise<Answer> {
  const body = request.json;
  if (!isObject(body)) return said(422, { detail: [{ type: "json_invalid", loc: ["body"], msg: "JSON decode error", input: "" }] });
  const problems = problemsOf(kind.fields, body);
  if (problems.length > 0) return invalidBody(problems);
  for (const frame of Object.values(asObject(body["keyframes"])).map(asObject))
    if (frame["type"] === "generation" && !request.tasks.get("luma", owner, asText(frame["id"]))) return refused(404, `Generation ${asText(frame["id"])} not found`);
  if (request.faults.has("refuse-submit")) return refused(400, "Prompt not allowed because advanced moderation failed");
  // a child has what its parent was asked for, but for what it asks for itself
  const asked = { ...asObject(parent?.detail["request"]), ...body };
  const tells = notifying(request.origin, asText(body["callback_url"]));
  const task = request.tasks.accept({
    id: `${request.ids.hex(8)}-${request.ids.hex(4)}-4${request.ids.hex(3)}-9${request.ids.hex(3)}-${request.ids.hex(12)}`,
    vendor: "luma",
    owner,
    model: parent?.model ?? asText(body["model"]),
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: kind.seconds,
    outputs: madeOf([kind.file(asked)], request.faults),
    detail: { request: body, kind: kind.name, asset: kind.asset },
    end: isForbidden(asText(body["prompt"])) ? "refused" : "succeeded",
    ...(tells ? { notifying: tells } : {}),
  });
  request.note(task);
  const limit = body["sync"] === true ? (asNumber(body["sync_timeout"]) ?? SYNC_SECONDS) * 1000 : 0;
  const until = Math.min(endOf(task), request.now + limit);
  if (limit > 0) await request.until(until);
  const now = limit > 0 ? until : request.now;
  return told(task, now, said(201, generationOf({ origin: request.origin, now }, task)));
}

const find = (request: Received, owner: string, id: string): Task | undefined => {
  const task = request.tasks.get("luma", owner, id);
  return task?.detail["deleted"] === true ? undefined : task;
};

/** Takes a request, the owner, a generation's id and the kind that shall be made of it; makes it. */
export function makeOf(request: Received, owner: string, id: string, kind: Kind): Answer | Promise<Answer> {
  const parent = find(request, owner, id);
  if (!parent) return refused(404, "Generation not found");
  if (momentOf(parent, request.now).phase !== "succeeded" || parent.detail["asset"] !== "video") return refused(400, "The generation is not a completed video");
  return make(request, owner, kind, parent);
}

/** Takes a request, the owner and a generation's id; gives it, or deletes it. */
export function ask(request: Received, owner: string, id: string): Answer | Promise<Answer> {
  const task = find(request, owner, id);
  if (!task) return refused(404, "Generation not found");
  if (request.method === "GET") return polled(request, task, fail, () => told(task, request.now, said(200, generationOf(request, task))));
  request.note(task);
  request.tasks.cancel(task, request.now);
  task.detail["deleted"] = !task.faults.has("cancel-ignored");
  return { kind: "whole", status: 204, headers: {}, body: "" };
}

/** Takes a request and the owner; gives a page of the generations, the newest first. */
export function list(request: Received, owner: string): WholeAnswer {
  const all = request.tasks.list("luma", owner).filter((task) => task.detail["deleted"] !== true);
  const [limit, offset] = [Number(request.query.get("limit") ?? LIST_LIMIT), Number(request.query.get("offset") ?? 0)];
  return said(200, { generations: all.slice(offset, offset + limit).map((task) => generationOf(request, task)), count: all.length, limit, offset, has_more: offset + limit < all.length });
}
