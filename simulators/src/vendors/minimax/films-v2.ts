/** MiniMax's films, second version (`MiniMax-H3`): a list of contents, one call for the state and the address, and a way to leave it. Errors as in the first version: that page is not documented. */
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { inputFile } from "../../kit/media/input-file.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { isRefused } from "../../kit/tasks/outputs.ts";
import { polled, told as toldOnce } from "../../kit/tasks/poll.ts";
import { momentOf, type Phase, usageOf } from "../../kit/tasks/task.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { minimaxFailure, shown, told } from "./errors.ts";

const VENDOR = "minimax";
const LINK_SECONDS = 86_400;
const TYPICAL_SECONDS = 60;
const DURATION: [number, number] = [4, 15];
const LINES: Record<string, number> = { "768P": 768, "2K": 1_440 };
const RATIOS: Record<string, number> = { "16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1, "4:3": 4 / 3, "3:4": 3 / 4, "21:9": 21 / 9, adaptive: 16 / 9 };
const ROLES = ["first_frame", "last_frame", "reference_image"];
const WORDS: Record<Phase, string> = { queued: "queued", running: "running", succeeded: "succeeded", failed: "failed", refused: "failed", cancelled: "cancelled" };

interface Wish {
  prompt: string;
  images: number;
  duration: number;
  resolution: string;
  ratio: string;
}

function read(body: JsonObject): Wish | string {
  if (asText(body["model"]) !== "MiniMax-H3") return `model ${asText(body["model"])} not support`;
  const content = asList(body["content"]).map(asObject);
  const texts = content.filter((part) => part["type"] === "text").map((part) => asText(part["text"]));
  const images = content.filter((part) => part["type"] === "image_url");
  if (content.length === 0 || texts.length + images.length !== content.length) return "content";
  if (texts.join("").trim() === "") return "content text is empty";
  if (!images.every((image) => ROLES.includes(asText(image["role"])))) return "role";
  const count = (role: string): number => images.filter((image) => image["role"] === role).length;
  if (count("first_frame") > 1 || count("last_frame") > 1 || (count("reference_image") > 0 && count("first_frame") + count("last_frame") > 0)) return "role";
  if (!images.every((image) => inputFile(asText(asObject(image["image_url"])["url"]), "picture", false) === "fits")) return "image format or download error";
  const duration = body["duration"] === undefined ? 5 : asNumber(body["duration"]);
  if (duration === undefined || !Number.isInteger(duration) || duration < DURATION[0] || duration > DURATION[1]) return "duration";
  const [resolution, ratio] = [asText(body["resolution"]) || "768P", asText(body["ratio"]) || "adaptive"];
  if (LINES[resolution] === undefined) return "resolution";
  return RATIOS[ratio] === undefined ? "ratio" : { prompt: texts.join("\n"), images: images.length, duration, resolution, ratio };
}

/** Takes a request for a film and its credential; gives the task's id. */
export function submitFilm2(request: Received, owner: string): Answer {
  if (request.json === undefined) return told(request, 2013, "invalid params, json");
  const wish = read(asObject(request.json));
  if (typeof wish === "string") return told(request, 2013, `invalid params, ${wish}`);
  if (isRefused(request.faults, wish.prompt)) return told(request, 1026, "input new_sensitive");
  const [lines, ratio] = [LINES[wish.resolution] ?? 0, RATIOS[wish.ratio] ?? 1];
  const [width, height] = ratio >= 1 ? [Math.round(lines * ratio), lines] : [lines, Math.round(lines / ratio)];
  const task = request.tasks.accept({
    id: `3${request.ids.digits(14)}`,
    vendor: VENDOR,
    owner,
    model: "MiniMax-H3",
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: TYPICAL_SECONDS,
    outputs: [{ kind: "video", width, height, duration: wish.duration, seed: wish.prompt }],
    detail: { duration: wish.duration, resolution: wish.resolution, ratio: wish.ratio },
    usageOf: (phase) => (phase === "succeeded" ? { total_seconds: wish.duration, input_seconds: 0, output_seconds: wish.duration, input_image_count: wish.images } : undefined),
  });
  request.note(task);
  return { ...shown(request, { task_id: task.id }), model: task.model };
}

const gone = (request: Received): WholeAnswer => told(request, 2013, "invalid params, task_id not exist");

/** Takes a query, its credential and the task's id; tells how it stands. */
export async function queryFilm2(request: Received, owner: string, id: string): Promise<Answer> {
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task || !id.startsWith("3")) return gone(request);
  return polled(request, task, (asked, failure) => (failure.status === 404 ? gone(asked) : minimaxFailure(asked, failure)), () => {
    const { phase } = momentOf(task, request.now);
    const done = phase === "succeeded" && !task.faults.has("lost-result");
    const failCode = task.faults.get("fail-code");
    const error = phase === "refused" ? { error: { code: 1027, message: "output new_sensitive" } } : phase === "failed" ? { error: { code: typeof failCode === "string" ? failCode : 1000, message: "unknown error" } } : {};
    const usage = usageOf(task, request.now);
    const shownTask = {
      id,
      model: task.model,
      status: phase === "running" && task.faults.has("new-state") ? "rendering" : WORDS[phase],
      content: done ? { url: fileAddress(request, task, 0, { seconds: LINK_SECONDS }) } : null,
      duration: task.detail["duration"],
      resolution: task.detail["resolution"],
      ratio: task.detail["ratio"],
      ...(usage ? { usage } : {}),
      ...error,
    };
    return toldOnce(task, request.now, shown(request, { task: shownTask }));
  });
}

/** Takes a DELETE, its credential and the task's id; leaves the task while it has not ended. */
export function cancelFilm2(request: Received, owner: string, id: string): Answer {
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task || !id.startsWith("3")) return gone(request);
  request.note(task);
  return request.tasks.cancel(task, request.now) ? shown(request, { task_id: id, action: "cancelled", status: "cancelled" }) : told(request, 2013, "invalid params, task has ended");
}
