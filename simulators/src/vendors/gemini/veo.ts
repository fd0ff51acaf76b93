/** Veo: `:predictLongRunning`, its operations, and the files behind them (Gemini API, "Generate videos"; SDK: GenerateVideosConfig, GenerateVideosOperation). */
import { asObject, asText, type JsonObject } from "../../kit/json.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { isRefused, madeOf } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { momentOf, type Task } from "../../kit/tasks/task.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { geminiFailure, geminiRefusal } from "./errors.ts";
import { unknownModel } from "./models.ts";
import { answered, filmJob, gone, INTERNAL, isVeo } from "./veo-order.ts";
import { readFilm } from "./veo-wish.ts";

const VENDOR = "gemini";
/** How long operations and their files are kept, in seconds. */
const KEPT_SECONDS = 2 * 86_400;
const BLOCKED = "The prompt could not be submitted. This prompt contains words that violate the usage guidelines. Please modify the prompt and try again.";
const FILTERED = "The video could not be created because it may violate the usage guidelines. Try rephrasing the prompt. You have not been charged.";

/** Takes a request for a film, its model, the API version and its credential; gives the operation. */
export function predictLongRunning(request: Received, model: string, version: string, owner: string): Answer {
  if (request.json === undefined) return geminiRefusal(400, "Invalid JSON payload received.");
  if (!isVeo(model)) return unknownModel(model, version, "predictLongRunning");
  const wish = readFilm(asObject(request.json), model);
  if (typeof wish === "string") return geminiRefusal(400, wish);
  if (isRefused(request.faults, wish.prompt)) return geminiRefusal(400, BLOCKED);
  const task = filmJob(request, wish, {
    // the ids of its files are this one and a digit
    id: request.ids.letters(12).toLowerCase(),
    vendor: VENDOR,
    owner,
    model,
    detail: { name: `models/${model}/operations/` },
  });
  return { ...answered({ name: nameOf(task) }), model };
}

const nameOf = (task: Task): string => `${asText(task.detail["name"])}${task.id}`;

/** What stands in an operation that is done. */
function responseOf(request: Received, task: Task, version: string): JsonObject {
  const { phase } = momentOf(task, request.now);
  const failCode = task.faults.get("fail-code");
  if (phase === "failed") return { error: { code: INTERNAL, message: typeof failCode === "string" ? failCode : "Video generation failed due to an internal server issue. Please try again in a few minutes." } };
  const made = phase === "refused" ? [] : madeOf(task.outputs, task.faults);
  const filtered = task.outputs.length - made.length;
  const samples = made.map((_, index) => ({ video: { uri: `${request.origin}/${version}/files/${task.id}${index}:download?alt=media` } }));
  const explained = filtered > 0 ? { raiMediaFilteredCount: filtered, raiMediaFilteredReasons: [FILTERED] } : {};
  const response = { "@type": "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse", generateVideoResponse: { ...(samples.length > 0 ? { generatedSamples: samples } : {}), ...explained } };
  return { response };
}

/** Takes a request for an operation, the model and id in its path, the version and the credential; tells whether it is done. */
export function showOperation(request: Received, model: string, id: string, version: string, owner: string): Answer | Promise<Answer> {
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task || task.model !== model || request.now > task.acceptedAt + KEPT_SECONDS * 1000) return gone();
  return polled(request, task, (asked, failure) => (failure.status === 404 ? gone() : geminiFailure(asked, failure)), () => {
    const { phase } = momentOf(task, request.now);
    const metadata = task.faults.has("new-state") && phase === "running" ? { metadata: { "@type": "type.googleapis.com/google.ai.generativelanguage.v1beta.SomethingNew" } } : {};
    if (phase === "queued") return { ...answered({ name: nameOf(task) }), model };
    if (phase === "running") return { ...answered({ name: nameOf(task), ...metadata, done: false }), model };
    return told(task, request.now, answered({ name: nameOf(task), done: true, ...responseOf(request, task, version) }));
  });
}

/** Takes a request to download, the file's id and the credential; sends the client on to the bytes. */
export function downloadFile(request: Received, id: string, owner: string): Answer {
  const task = request.tasks.get(VENDOR, owner, id.slice(0, -1));
  const index = Number(id.at(-1));
  if (!task || !Number.isInteger(index) || momentOf(task, request.now).phase !== "succeeded" || index >= madeOf(task.outputs, task.faults).length || task.faults.has("lost-result")) return gone();
  if (request.now > task.acceptedAt + KEPT_SECONDS * 1000) return gone();
  return { kind: "whole", status: 302, headers: { location: fileAddress(request, task, index, { seconds: KEPT_SECONDS }) }, body: "" };
}
