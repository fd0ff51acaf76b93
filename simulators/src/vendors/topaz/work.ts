/** Requests at work and after (its API reference: request status, cancel, cancel estimate, delete files). */
import { asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import type { Notifying } from "../../kit/tasks/callbacks.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { madeOf } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { endOf, momentOf, type Task } from "../../kit/tasks/task.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { type Draft, outputSides, secondsOf, uploadAddresses } from "./drafts.ts";
import { fail, notFound, refused, said } from "./errors.ts";

type At = Pick<Received, "origin" | "now">;

const LINK = { seconds: 7 * 24 * 3600 };
/** A cancel takes this long to become final, in ms. */
const CANCELING_MS = 200;
/** What a cancel costs beside the work done, in credits. */
const PENALTY = 1;
/** Shares of the work at which its next part begins. */
const STEPS: [number, string][] = [[0.8, "postprocessing"], [0.2, "processing"], [0, "preprocessing"]];

const creditsOf = (task: Task): number => asNumber(task.detail["credits"]) ?? 0;
/** What is due of work that was cancelled at a time: nothing before its start, afterwards what was done and a little. */
const proratedOf = (task: Task, at: number): number => (at < task.startsAt ? 0 : Math.min(Math.ceil(creditsOf(task) * Math.min((at - task.startsAt) / (task.endsAt - task.startsAt), 1)) + PENALTY, creditsOf(task)));

function wordOf(task: Task, now: number): string {
  const { phase, share } = momentOf(task, now);
  if (phase === "queued") return "initializing";
  if (phase === "running") return task.faults.has("new-state") ? "verifying" : (STEPS.find(([from]) => share >= from)?.[1] ?? "preprocessing");
  if (phase === "cancelled") return now < endOf(task) + CANCELING_MS ? "canceling" : "canceled";
  return phase === "succeeded" ? "complete" : "failed";
}

function statusOf(at: At, task: Task): JsonObject {
  const { now } = at;
  const { phase, share } = momentOf(task, now);
  const word = wordOf(task, now);
  const code = task.faults.get("fail-code");
  const common = { status: word, message: word === "failed" ? "Processing failed" : `Request is ${word}`, progress: phase === "running" ? Math.round(share * 100) : phase === "succeeded" ? 100 : 0, estimates: task.detail["estimates"] };
  if (word === "failed") return { ...common, errorCode: typeof code === "string" ? code : phase === "refused" ? "INVALID_INPUT" : "PROCESSING_FAILURE" };
  if (phase === "running") return { ...common, averageFps: 4.2, combinedFps: 12.6, processingJobs: [{ chunkIndex: 0, taskIndex: 0, status: "processing", progress: common.progress }] };
  if (phase !== "succeeded") return common;
  if (task.detail["deleted"] === true || task.outputs.length === 0) return common;
  const url = fileAddress(at, task, 0, LINK);
  return { ...common, outputSize: "1.2 MB", download: { url, expiresIn: LINK.seconds * 1000, expiresAt: endOf(task) + LINK.seconds * 1000 } };
}

function notifying(origin: string, url: string): Notifying | undefined {
  if (url === "") return undefined;
  return { events: ["end"], notice: (task, _, at) => (momentOf(task, at).phase === "cancelled" ? undefined : { url, headers: {}, body: JSON.stringify({ requestId: task.id, ...statusOf({ origin, now: at }, task) }) }) };
}

/** Takes a request that brings the last of what is needed, the owner and the draft; begins the work. */
export function begin(request: Received, owner: string, draft: Draft): Task {
  const [width, height] = outputSides(draft.body);
  const [credits] = draft.estimates.cost;
  const tells = notifying(request.origin, asText(asObject(draft.body["notifications"])["webhookUrl"]));
  const [filter] = draft.body["filters"] as JsonObject[];
  const task: Task = request.tasks.accept({
    id: draft.id,
    vendor: "topaz",
    owner,
    model: asText(filter?.["model"]),
    exchange: request.exchange,
    // those of the request that made the draft, for it alone can hold a mark
    faults: draft.faults.size > 0 ? draft.faults : request.faults,
    now: request.now,
    typicalSeconds: draft.estimates.time[0],
    outputs: madeOf([{ kind: "video", width, height, duration: secondsOf(draft.body), seed: draft.id }], draft.faults),
    detail: { credits, estimates: draft.estimates },
    // billed is the lower bound of the estimate; what failed is paid back
    usageOf: (phase) => ({ credits: phase === "succeeded" ? credits : phase === "cancelled" ? proratedOf(task, endOf(task)) : 0 }),
    ...(tells ? { notifying: tells } : {}),
  });
  request.note(task);
  return task;
}

/** Takes a request, the owner, an id and the draft of it; gives the status. */
export function status(request: Received, owner: string, id: string, draft: Draft | undefined): Answer | Promise<Answer> {
  const task = request.tasks.get("topaz", owner, id);
  if (task?.faults.has("lost-result") && momentOf(task, request.now).phase === "succeeded") return notFound();
  if (task) return polled(request, task, fail, () => told(task, request.now, said(200, statusOf(request, task))));
  if (!draft) return notFound();
  const urls = draft.state === "accepted" ? { uploadId: draft.id, urls: uploadAddresses(request, draft) } : {};
  return said(200, { status: draft.state, message: draft.state === "requested" ? "Request is not accepted yet" : "Waiting for the source", progress: 0, estimates: draft.estimates, ...urls });
}

/** Takes a request, the owner, an id and the draft of it; cancels. */
export function cancel(request: Received, owner: string, id: string, draft: Draft | undefined): WholeAnswer {
  const task = request.tasks.get("topaz", owner, id);
  if (!task && !draft) return notFound();
  if (!task) return said(200, { message: "Request canceled, all credits refunded" });
  request.note(task);
  const { phase } = momentOf(task, request.now);
  if (!request.tasks.cancel(task, request.now)) return refused(400, "INVALID_INPUT", `Request is already ${wordOf(task, request.now)}`);
  return said(200, { message: phase === "queued" ? "Request canceled, all credits refunded" : `Request is being canceled, ${creditsOf(task) - proratedOf(task, request.now)} credits refunded` });
}

/** Takes a request, the owner and an id; tells what a cancel would cost now. */
export function cancelEstimate(request: Received, owner: string, id: string): WholeAnswer {
  const task = request.tasks.get("topaz", owner, id);
  if (!task) return notFound();
  const { phase } = momentOf(task, request.now);
  if (phase === "succeeded" || phase === "failed" || phase === "refused") return refused(400, "INVALID_INPUT", "Request has ended");
  const due = phase === "cancelled" ? 0 : proratedOf(task, request.now);
  return said(200, { requestId: id, status: wordOf(task, request.now), cancelable: phase !== "cancelled", creditsCharged: due, creditsRefunded: phase === "cancelled" ? 0 : creditsOf(task) - due });
}

/** Takes a request, the owner and an id; deletes the files. */
export function deleteFiles(request: Received, owner: string, id: string): WholeAnswer {
  const task = request.tasks.get("topaz", owner, id);
  if (!task) return notFound();
  task.detail["deleted"] = true;
  task.outputs = [];
  return { kind: "whole", status: 204, headers: {}, body: "" };
}
