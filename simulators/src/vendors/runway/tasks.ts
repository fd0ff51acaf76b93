/** Runway's tasks (documentation: get task; SDK `@runwayml/sdk`, TaskRetrieveResponse). */
import { problemsOf } from "../../kit/fields.ts";
import { asNumber, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { isForbidden, madeOf } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { momentOf, type Task } from "../../kit/tasks/task.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { fail, invalidBody, refused, said, unknownModel } from "./errors.ts";
import { ROUTES } from "./models.ts";

/** Addresses of outputs live a day; a later answer has fresh ones. */
const LINK = { seconds: 24 * 3600, renewed: true };
/** How much of its waiting a task is told to be held back by the account's limit. */
const THROTTLED_FROM = 0.5;

/** Takes a request, the owner and the route; gives the id of the task it makes, or the refusal. */
export function submit(request: Received, owner: string, route: string): WholeAnswer {
  const models = ROUTES[route] ?? {};
  const body = request.json;
  if (!isObject(body)) return refused(400, "The request body is not valid JSON.");
  const name = asText(body["model"]);
  const model = Object.hasOwn(models, name) ? models[name] : undefined;
  if (!model) return unknownModel(Object.keys(models));
  const problems = problemsOf(model.fields, body);
  if (problems.length > 0) return invalidBody(problems);
  const credits = model.credits(body);
  const id = `${request.ids.hex(8)}-${request.ids.hex(4)}-4${request.ids.hex(3)}-8${request.ids.hex(3)}-${request.ids.hex(12)}`;
  const task = request.tasks.accept({
    id,
    vendor: "runway",
    owner,
    model: name,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: model.seconds,
    outputs: madeOf(model.files(body), request.faults),
    detail: { credits },
    end: isForbidden(asText(body["promptText"])) ? "refused" : "succeeded",
    // what did not succeed is paid back
    usageOf: (phase) => ({ credits: phase === "succeeded" ? credits : 0 }),
  });
  request.note(task);
  return { ...said(200, { id, estimatedCost: { credits } }), model: name };
}

function failureOf(task: Task, refusedContent: boolean): JsonObject {
  const ordered = task.faults.get("fail-code");
  const code = typeof ordered === "string" ? ordered : refusedContent ? "SAFETY.INPUT.TEXT" : "INTERNAL.BAD_OUTPUT.CODE01";
  return { failure: code.startsWith("SAFETY.") ? "The request was rejected by our content moderation." : "An unexpected error occurred.", failureCode: code };
}

/** Takes a request and a task; gives the task as it is shown. */
function shown(request: Received, task: Task): JsonObject {
  const { phase, share } = momentOf(task, request.now);
  const credits = asNumber(task.detail["credits"]) ?? 0;
  const common = { id: task.id, createdAt: new Date(task.acceptedAt).toISOString() };
  const open = { ...common, estimatedCost: { credits } };
  const cost = task.faults.has("no-usage") ? {} : { cost: { credits: phase === "succeeded" ? credits : 0 } };
  if (phase === "queued") return { ...open, status: share < THROTTLED_FROM ? "PENDING" : "THROTTLED" };
  if (phase === "running") return { ...open, status: task.faults.has("new-state") ? "FINALIZING" : "RUNNING", progress: Number(share.toFixed(2)) };
  if (phase === "cancelled") return { ...common, ...cost, status: "CANCELLED" };
  if (phase !== "succeeded") return { ...common, ...cost, status: "FAILED", ...failureOf(task, phase === "refused") };
  return { ...common, ...cost, status: "SUCCEEDED", output: task.outputs.map((_, index) => fileAddress(request, task, index, LINK)) };
}

/** Takes a request, the owner and a task's id; gives the task, or deletes it: then nobody can ask for it again. */
export function askTask(request: Received, owner: string, id: string): Answer | Promise<Answer> {
  const task = request.tasks.get("runway", owner, id);
  if (!task || task.detail["deleted"] === true || task.faults.has("lost-result") && momentOf(task, request.now).phase === "succeeded") return refused(404, "Not found");
  if (request.method === "GET") return polled(request, task, fail, () => told(task, request.now, said(200, shown(request, task))));
  if (request.method !== "DELETE") return refused(405, "Method not allowed");
  request.note(task);
  request.tasks.cancel(task, request.now);
  task.detail["deleted"] = !task.faults.has("cancel-ignored");
  return { kind: "whole", status: 204, headers: {}, body: "" };
}
