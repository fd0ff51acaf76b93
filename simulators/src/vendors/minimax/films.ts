/** MiniMax's films, first version: submit, query, and the file by its own call ("Video Generation" of the API reference). A file's address lives nine hours; every retrieval gives a new one. */
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { fileOf } from "../../kit/media/file.ts";
import { inputFile } from "../../kit/media/input-file.ts";
import type { Notifying } from "../../kit/tasks/callbacks.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { isRefused } from "../../kit/tasks/outputs.ts";
import { polled, told as toldOnce } from "../../kit/tasks/poll.ts";
import { endOf, momentOf, type Moment, type Task } from "../../kit/tasks/task.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { refusesChallenge } from "./challenge.ts";
import { FINE, minimaxFailure, shown, told } from "./errors.ts";

const VENDOR = "minimax";
const LINK_SECONDS = 32_400;
const PROMPT_MAX = 2_000;
/** Seconds that a film takes (upstream notes: 768P 2 to 4 minutes, 1080P 4 to 8). */
const SECONDS: Record<string, number> = { "1080P": 360 };
const USUAL_SECONDS = 180;
const SIDES: Record<string, [number, number]> = { "512P": [912, 512], "720P": [1280, 720], "768P": [1366, 768], "1080P": [1920, 1080] };

/** What a model takes: its resolutions (the first is the standard), durations, and the pictures it needs or takes. */
interface Family {
  models: RegExp;
  resolutions: string[];
  durations: number[];
  first?: "needed" | "taken";
  last?: true;
  subject?: true;
}

/** The first that matches counts. */
const FAMILIES: Family[] = [
  { models: /^MiniMax-Hailuo-2\.3-Fast$/, resolutions: ["768P", "1080P"], durations: [6, 10], first: "needed" },
  { models: /^MiniMax-Hailuo-2\.3$/, resolutions: ["768P", "1080P"], durations: [6, 10], first: "taken" },
  { models: /^MiniMax-Hailuo-02$/, resolutions: ["768P", "512P", "1080P"], durations: [6, 10], first: "taken", last: true },
  { models: /^T2V-01-Director$/, resolutions: ["720P", "768P", "1080P"], durations: [6] },
  { models: /^I2V-01-(Director|live)$/, resolutions: ["720P", "768P", "1080P"], durations: [6], first: "needed" },
  { models: /^T2V-01$/, resolutions: ["720P"], durations: [6] },
  { models: /^I2V-01$/, resolutions: ["720P"], durations: [6], first: "needed" },
  { models: /^S2V-01$/, resolutions: ["720P"], durations: [6], subject: true },
];

/** A film, understood. */
interface Wish {
  model: string;
  prompt: string;
  resolution: string;
  duration: number;
}

function read(body: JsonObject): Wish | string {
  const [model, prompt] = [asText(body["model"]), asText(body["prompt"])];
  const family = FAMILIES.find((one) => one.models.test(model));
  if (!family) return `model ${model} not support`;
  if (prompt.length > PROMPT_MAX) return "prompt too long";
  const [first, last] = [asText(body["first_frame_image"]), asText(body["last_frame_image"])];
  if (family.first === "needed" && first === "") return "first_frame_image is required";
  if (first !== "" && family.first === undefined) return "first_frame_image not support";
  if (last !== "" && !family.last) return "last_frame_image not support";
  const subjects = asList(body["subject_reference"]).map(asObject);
  const faces = subjects.flatMap((subject) => asList(subject["image"]).map(asText));
  if (family.subject && (subjects.length !== 1 || subjects[0]?.["type"] !== "character" || faces.length !== 1)) return "subject_reference is required";
  if (prompt === "" && first === "" && last === "") return "prompt is required";
  for (const image of [first, last, ...faces]) if (image !== "" && inputFile(image, "picture", false) !== "fits") return "image format or download error";
  const resolution = body["resolution"] === undefined ? (family.resolutions[0] ?? "") : asText(body["resolution"]).toUpperCase();
  if (!family.resolutions.includes(resolution)) return `resolution ${resolution} not support`;
  if (resolution === "512P" && first === "") return "512P needs first_frame_image";
  const duration = body["duration"] === undefined ? 6 : asNumber(body["duration"]);
  if (duration === undefined || !family.durations.includes(duration) || (resolution === "1080P" && duration !== 6)) return `duration ${String(body["duration"])} not support`;
  return { model, prompt, resolution, duration };
}

/** Ids are numbers of 15 digits as text; a file has the digits of its task behind another first one. */
const newId = (request: Received): string => `1${request.ids.digits(14)}`;
const fileId = (task: Task): string => `2${task.id.slice(1)}`;

/** What goes to `callback_url`, unsigned (words of the callback page). */
function notifying(url: string): Notifying | undefined {
  if (url === "") return undefined;
  return {
    events: ["start", "end"],
    notice(task, _event, at) {
      const { phase } = momentOf(task, at);
      const status = phase === "running" ? "processing" : phase === "succeeded" ? "success" : "failed";
      const file = phase === "succeeded" ? { file_id: fileId(task) } : {};
      return { url, headers: {}, body: JSON.stringify({ task_id: task.id, status, ...file, base_resp: outcomeOf(task, momentOf(task, at)) }) };
    },
  };
}

/** Takes a request for a film and its credential; gives the task's id. */
export async function submitFilm(request: Received, owner: string): Promise<Answer> {
  if (request.json === undefined) return told(request, 2013, "invalid params, json");
  const body = asObject(request.json);
  const wish = read(body);
  if (typeof wish === "string") return told(request, 2013, `invalid params, ${wish}`);
  if (isRefused(request.faults, wish.prompt)) return told(request, 1026, "input new_sensitive");
  const callback = asText(body["callback_url"]);
  if (callback !== "" && (await refusesChallenge(request, callback))) return told(request, 2013, "invalid params, callback_url verification failed");
  const [width, height] = SIDES[wish.resolution] ?? [0, 0];
  const task = request.tasks.accept({
    id: newId(request),
    vendor: VENDOR,
    owner,
    model: wish.model,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: SECONDS[wish.resolution] ?? USUAL_SECONDS,
    outputs: [{ kind: "video", width, height, duration: wish.duration, seed: wish.prompt }],
    detail: { width, height, resolution: wish.resolution, duration: wish.duration },
    notifying: notifying(callback),
  });
  request.note(task);
  return { ...shown(request, { task_id: task.id, ...FINE }), model: wish.model };
}

/** How a film that failed is explained: inside `base_resp`, beside its status. */
function outcomeOf(task: Task, { phase }: Moment): JsonObject {
  const code = Number(task.faults.get("fail-code"));
  if (phase === "refused") return { status_code: 1027, status_msg: "output new_sensitive" };
  return phase === "failed" ? { status_code: Number.isInteger(code) ? code : 1000, status_msg: "unknown error" } : FINE.base_resp;
}

function wordOf(task: Task, { phase, share }: Moment): string {
  if (phase === "queued") return share < 0.5 ? "Preparing" : "Queueing";
  if (phase === "running") return task.faults.has("new-state") ? "Rendering" : "Processing";
  return phase === "succeeded" ? "Success" : "Fail";
}

const gone = (request: Received): WholeAnswer => told(request, 2013, "invalid params, task_id not exist");

/** Takes a query, its credential and the task's id; tells how it stands. */
export async function queryFilm(request: Received, owner: string, id: string): Promise<Answer> {
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task || !id.startsWith("1")) return gone(request);
  return polled(request, task, (asked, failure) => (failure.status === 404 ? gone(asked) : minimaxFailure(asked, failure)), () => {
    const moment = momentOf(task, request.now);
    const done = moment.phase === "succeeded";
    const answer = { ...shown(request, { task_id: id, status: wordOf(task, moment), file_id: done ? fileId(task) : "", video_width: done ? task.detail["width"] : 0, video_height: done ? task.detail["height"] : 0, base_resp: outcomeOf(task, moment) }), model: task.model };
    // of a film that succeeded a client knows enough when it has its address
    return done ? answer : toldOnce(task, request.now, answer);
  });
}

/** Takes a request for a file, its credential and the file's id; gives its address. */
export async function retrieveFile(request: Received, owner: string, id: string): Promise<Answer> {
  const task = request.tasks.get(VENDOR, owner, `1${id.slice(1)}`);
  const wish = task?.outputs[0];
  if (!task || !wish || !id.startsWith("2") || momentOf(task, request.now).phase !== "succeeded" || task.faults.has("lost-result")) return told(request, 2013, "invalid params, file not exist");
  request.note(task);
  const address = fileAddress(request, task, 0, { seconds: LINK_SECONDS, renewed: true });
  const file = { file_id: Number(id), bytes: (await fileOf(wish)).length, created_at: Math.floor(endOf(task) / 1000), filename: "output_aigc.mp4", purpose: "video_generation", download_url: address };
  return toldOnce(task, request.now, shown(request, { file, ...FINE }));
}
