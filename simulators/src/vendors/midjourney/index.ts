/** midjourney-proxy on its own wire: the core (novicezk/midjourney-proxy, docs/api.md) and what the plus proxies add (trueai-org, litter-coder). Everything is answered with a 200; `code` says what it is. */
import { asList, asNumber, asObject, asText, decodePath } from "../../kit/json.ts";
import { keepFile } from "../../kit/media/kept-file.ts";
import { pictureFormat } from "../../kit/media/picture.ts";
import { servedFile } from "../../kit/tasks/files.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { momentOf } from "../../kit/tasks/task.ts";
import type { Answer, Received, Vendor, WholeAnswer } from "../../kit/vendor.ts";
import { CODE, invalid, notFound, proxyFailure, said, shown, unauthorized } from "./answers.ts";
import { blend, change, describe, edits, film, imagine, modal, parentOf, press, refusedCommon, shorten, simpleChange, submitOf, swapFace, upload, waitingOf, type Submit } from "./submits.ts";
import { MIDJOURNEY, showTask } from "./tasks.ts";

/** Tasks that `list` and `queue` show at most. */
const LISTED = 100;

const credentialOf = (headers: Headers): string => headers.get("mj-api-secret") || (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");

const SUBMITS: Record<string, (submit: Submit) => WholeAnswer> = {
  "submit/imagine": imagine,
  "submit/blend": blend,
  "submit/describe": describe,
  "submit/shorten": shorten,
  "submit/edits": edits,
  "submit/edit": edits,
  "submit/change": (submit) => change(submit, asText(submit.body["taskId"]), asText(submit.body["action"]), asNumber(submit.body["index"])),
  "submit/simple-change": simpleChange,
  "submit/action": (submit) => press(submit, asText(submit.body["taskId"]), asText(submit.body["customId"])),
  "submit/modal": modal,
  "submit/video": film,
  "submit/upload-discord-images": (submit) => upload(submit, (bytes) => keepFile(submit.request, MIDJOURNEY, bytes, pictureFormat(bytes) ?? "png")),
  "insight-face/swap": swapFace,
};

/** Takes a request, its owner and an id; gives the task's object, also of one that waits for its window, `undefined` when there is none. */
function found(request: Received, owner: string, id: string): object | undefined {
  const task = request.tasks.get(MIDJOURNEY, owner, id);
  if (task) return task.faults.has("lost-task") ? undefined : showTask(request, task);
  const waiting = waitingOf({ request, owner }, id);
  return waiting && { id, action: waiting.work.action, status: "MODAL", prompt: waiting.work.prompt, promptEn: waiting.work.prompt, description: waiting.work.description, customId: waiting.work.customId, state: asText(waiting.body["state"]), submitTime: waiting.submitTime, startTime: null, finishTime: null, progress: "0%", imageUrl: null, failReason: null, buttons: [], properties: { finalPrompt: waiting.work.prompt } };
}

/** One that is not there is an answer without a body: the proxy gives null. */
const nothing = (): WholeAnswer => ({ kind: "whole", status: 200, headers: {}, body: "" });

function fetchTask(request: Received, owner: string, id: string): Answer | Promise<Answer> {
  const task = request.tasks.get(MIDJOURNEY, owner, id);
  const object = found(request, owner, id);
  if (!task) return object ? shown(object) : nothing();
  return polled(request, task, (asked, failure) => (failure.status === 404 ? nothing() : proxyFailure(asked, failure)), () => told(task, request.now, shown(showTask(request, task))));
}

function seedOf(request: Received, owner: string, id: string): WholeAnswer {
  const parent = parentOf(submitOf(request, owner), id);
  if (!("outputs" in parent)) return parent;
  return said(CODE.success, "成功", String(BigInt(Bun.hash(id)) % 4_294_967_296n));
}

function cancel(request: Received, owner: string, id: string): WholeAnswer {
  const task = request.tasks.get(MIDJOURNEY, owner, id);
  if (!task) return notFound();
  request.note(task);
  return request.tasks.cancel(task, request.now) ? said(CODE.success, "成功", id) : invalid("任务状态错误");
}

function answer(request: Received): Answer | Promise<Answer> {
  if (request.method === "GET" && request.path.startsWith("/__files/")) return servedFile(request, MIDJOURNEY);
  const owner = credentialOf(request.headers);
  if (owner === "") return unauthorized();
  const path = /^(?:\/mj-(?:fast|relax|turbo))?\/mj\/(.*)$/.exec(request.path)?.[1] ?? "";
  const submit = request.method === "POST" ? SUBMITS[path] : undefined;
  if (submit) {
    if (request.json === undefined) return { ...shown({ timestamp: new Date(request.now).toISOString(), status: 400, error: "Bad Request", path: request.path }), status: 400 };
    const asked = submitOf(request, owner);
    return refusedCommon(asked) ?? submit(asked);
  }
  const route = `${request.method} ${path}`;
  const [, id = "", verb] = /^task\/([^/]+)\/(fetch|image-seed|cancel)$/.exec(path) ?? [];
  if (route === "POST task/list-by-condition") return shown(asList(asObject(request.json)["ids"]).flatMap((one) => found(request, owner, asText(one)) ?? []));
  if (route === "GET task/list" || route === "GET task/queue") {
    const all = request.tasks.list(MIDJOURNEY, owner);
    const listed = path === "task/list" ? all : all.filter((task) => momentOf(task, request.now).phase === "queued");
    return shown(listed.slice(0, LISTED).map((task) => showTask(request, task)));
  }
  if (request.method === "GET" && verb === "fetch") return fetchTask(request, owner, decodePath(id));
  if (request.method === "GET" && verb === "image-seed") return seedOf(request, owner, decodePath(id));
  if (request.method === "POST" && verb === "cancel") return cancel(request, owner, decodePath(id));
  return { ...shown({ timestamp: new Date(request.now).toISOString(), status: 404, error: "Not Found", path: request.path }), status: 404 };
}

/** midjourney-proxy on its own wire. */
export const midjourney: Vendor = {
  name: MIDJOURNEY,
  routes: [...Object.keys(SUBMITS).map((path) => `POST /mj/${path}`), "GET /mj/task/{id}/fetch", "GET /mj/task/{id}/image-seed", "POST /mj/task/{id}/cancel", "POST /mj/task/list-by-condition", "GET /mj/task/list", "GET /mj/task/queue"],
  credentialOf,
  answer,
  fail: proxyFailure,
  errorFrame: () => "",
};
