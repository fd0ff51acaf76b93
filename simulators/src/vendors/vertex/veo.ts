/** Veo on Vertex AI: `:predictLongRunning` and `:fetchPredictOperation` ("Veo on Vertex AI video generation API"; SDK `@google/genai` in its Vertex mode). */
import { asObject, asText, type JsonObject } from "../../kit/json.ts";
import { fileOf } from "../../kit/media/file.ts";
import { isRefused, madeOf } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { momentOf, type Task } from "../../kit/tasks/task.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { geminiFailure, geminiRefusal } from "../gemini/errors.ts";
import { unknownModel } from "../gemini/models.ts";
import { answered, filmJob, gone, INTERNAL, isVeo } from "../gemini/veo-order.ts";
import { readFilm } from "../gemini/veo-wish.ts";

const VENDOR = "vertex";
const BLOCKED = "The prompt could not be submitted. This prompt contains sensitive words that violate Google's Responsible AI practices. Try rephrasing the prompt.";
const FILTERED = "Veo could not generate videos because the input image or prompt violates our usage guidelines.";

/** Where a request goes: a project's location, and the model. */
export interface Place {
  project: string;
  location: string;
  model: string;
}

/** Takes a request for a film and where it goes; gives the operation's name. Jobs are the project's: tokens come and go. */
export function predictLongRunning(request: Received, { project, location, model }: Place): Answer {
  if (request.json === undefined) return geminiRefusal(400, "Invalid JSON payload received.");
  if (!isVeo(model)) return unknownModel(model, "v1", "predictLongRunning");
  const body = asObject(request.json);
  const parameters = asObject(body["parameters"]);
  // Sound can be chosen from the third generation on.
  const wish = readFilm(body, model, model.startsWith("veo-2") ? ["generateAudio"] : []);
  if (typeof wish === "string") return geminiRefusal(400, wish);
  if (parameters["generateAudio"] !== undefined && typeof parameters["generateAudio"] !== "boolean") return geminiRefusal(400, "`generateAudio` must be a boolean.");
  if (isRefused(request.faults, wish.prompt)) return geminiRefusal(400, BLOCKED);
  const task = filmJob(request, wish, {
    id: `projects/${project}/locations/${location}/publishers/google/models/${model}/operations/${request.ids.hex(8)}-${request.ids.hex(4)}-4${request.ids.hex(3)}-9${request.ids.hex(3)}-${request.ids.hex(12)}`,
    vendor: VENDOR,
    owner: project,
    model,
    detail: { bucket: asText(parameters["storageUri"]) },
  });
  return { ...answered({ name: task.id }), model };
}

async function responseOf(request: Received, task: Task): Promise<JsonObject> {
  const { phase } = momentOf(task, request.now);
  const failCode = task.faults.get("fail-code");
  if (phase === "failed") return { error: { code: INTERNAL, message: typeof failCode === "string" ? failCode : "Internal error. Please try again." } };
  const made = phase === "refused" || task.faults.has("lost-result") ? [] : madeOf(task.outputs, task.faults);
  const filtered = phase === "refused" ? task.outputs.length : task.outputs.length - madeOf(task.outputs, task.faults).length;
  const bucket = asText(task.detail["bucket"]);
  const videos = await Promise.all(made.map(async (wish, index) => ({ ...(bucket === "" ? { bytesBase64Encoded: Buffer.from(await fileOf(wish)).toString("base64") } : { gcsUri: `${bucket.replace(/\/$/, "")}/${task.id.split("/").at(-1) ?? ""}/sample_${index}.mp4` }), mimeType: "video/mp4" })));
  return { response: { "@type": "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse", raiMediaFilteredCount: filtered, ...(filtered > 0 ? { raiMediaFilteredReasons: [FILTERED] } : {}), ...(videos.length > 0 ? { videos } : {}) } };
}

/** Takes a request that names an operation, and where it goes; tells whether it is done, with the films in it. */
export async function fetchPredictOperation(request: Received, { project, model }: Place): Promise<Answer> {
  const name = asText(asObject(request.json)["operationName"]);
  const task = request.tasks.get(VENDOR, project, name);
  if (!task || task.model !== model) return gone();
  const done = momentOf(task, request.now).phase === "queued" || momentOf(task, request.now).phase === "running" ? undefined : await responseOf(request, task);
  return polled(request, task, (asked, failure) => (failure.status === 404 ? gone() : geminiFailure(asked, failure)), () =>
    done === undefined ? { ...answered({ name }), model } : told(task, request.now, answered({ name, done: true, ...done })));
}
