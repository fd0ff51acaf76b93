import { HAILUO_INPUTS, HAILUO_SUBJECT, rulesFor } from "@yescale/contract/media";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { TaskState } from "../../store/schema.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { objectsIn } from "../../vendors/_kit/media/fields.ts";
import { checkInputs, spoken } from "./check-inputs.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { modelOf, numberIn, picture, pictureIn, saidOnly, wrong } from "./inputs.ts";
import { found, optional, ordered, requiredText, taskNotFound } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";
import { seconds } from "./seconds.ts";

/** MiniMax' words (https://platform.minimax.io/docs/api-reference/video-generation-query). */
const WORDS: Readonly<Record<TaskState, string>> = { NOT_START: "Preparing", SUBMITTED: "Preparing", QUEUED: "Queueing", IN_PROGRESS: "Processing", SUCCESS: "Success", FAILURE: "Fail", CANCELLED: "Fail" };
/** Its codes for our statuses; all other 4xx are wrong parameters. */
const CODES: Readonly<Record<number, number>> = { 401: 1004, 402: 1008, 403: 1004, 429: 1002, 504: 1001 };
const [INPUT_REFUSED, OUTPUT_REFUSED, WRONG, UNKNOWN] = [1026, 1027, 2013, 1000];
const FINE = { status_code: 0, status_msg: "success" };
/** The lines that are made of a picture alone. */
const SMALLEST = /^512p$/i;
/** MiniMax' words for what a wish says. */
const SPOKEN = {
  prompt: ["prompt"], resolution: ["resolution"], duration: ["duration"], enhancePrompt: ["prompt_optimizer"], watermark: ["aigc_watermark"], images: ["first_frame_image", "last_frame_image", "subject_reference"],
} satisfies FamilyWords;
const MODELS = /^(?:MiniMax-Hailuo-|[TIS]2V-01)/;

const paths = (path: string): string[] => [`/minimax/v1/${path}`, `/minimaxi/v1/${path}`];

/** MiniMax' films (Hailuo), below `/minimax` and `/minimaxi`: made, asked for, and the file by its own call. */
export const hailuo: MediaFamily = {
  id: "hailuo",
  platform: "hailuo",
  idForm: "decimal",
  routes: [
    { method: "POST", paths: paths("video_generation"), bodies: ["json"], priced: true, handle: submit },
    { method: "GET", paths: paths("query/video_generation"), handle: async (call, tools) => ({ json: render(await named(call, tools, "task_id")) }) },
    { method: "GET", paths: paths("files/retrieve"), handle: retrieve },
  ],
  render,
  error: ({ kind, publicText }) => ({ status: kind.status, json: { base_resp: { status_code: kind.code === "content_policy_violation" ? INPUT_REFUSED : (CODES[kind.status] ?? (kind.status < 500 ? WRONG : UNKNOWN)), status_msg: publicText } } }),
};

async function submit(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const json = spoken(call.json);
  const model = modelOf(requiredText(json, "model", 100), MODELS);
  checkInputs(json, rulesFor(model, HAILUO_INPUTS));
  if (model === HAILUO_SUBJECT && json["subject_reference"] === undefined) throw wrong("subject_reference", "is missing.");
  const [prompt, resolution, enhancePrompt, watermark] = [optional(json, "prompt", "string"), optional(json, "resolution", "string"), optional(json, "prompt_optimizer", "boolean"), optional(json, "aigc_watermark", "boolean")];
  const [first, last, duration] = [pictureIn(json, "first_frame_image"), pictureIn(json, "last_frame_image"), numberIn(json, "duration")];
  const images: GivenMedia[] = [...(first ? [{ url: first.uri, role: "first_frame" as const }] : []), ...(last ? [{ url: last.uri, role: "last_frame" as const }] : []), ...subjects(json)];
  if (!prompt && images.length === 0) throw wrong("prompt", "is missing.");
  if (resolution !== undefined && SMALLEST.test(resolution) && !first) throw wrong("first_frame_image", `is missing: "${resolution}" is made of one alone.`);
  const wish = { kind: "video", ...saidOnly<unknown>({ prompt, resolution, enhancePrompt, watermark, duration: duration ?? 6, images: images.length > 0 ? images : undefined }) } as MediaWish;
  // MiniMax takes the seconds as a number only.
  const native = { ...json, ...(duration === undefined ? {} : { duration }) };
  const task = await ordered(hailuo, call, { action: "video_generation", model, request: { native: { vendor: "minimax", request: { path: "/v1/video_generation", json: native } }, wish, withImages: images.length > 0 }, options: saidOnly({ duration, resolution }), said: saidBy(json, SPOKEN) }, tools);
  return { json: { task_id: task.id, base_resp: FINE } };
}

/** `[{type: "character", image: [address]}]`. */
function subjects(json: JsonObject): GivenMedia[] {
  const list = json["subject_reference"];
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw wrong("subject_reference", "must be a list.");
  return objectsIn(json, "subject_reference").flatMap(({ image }) => {
    const given = Array.isArray(image) ? image : [image];
    return given.map((one): GivenMedia => {
      if (typeof one !== "string") throw wrong("subject_reference", "must hold addresses of pictures in \"image\".");
      return { url: picture(one, "subject_reference").uri, role: "character" };
    });
  });
}

async function named(call: MediaCall, tools: MediaTools, param: string): Promise<Task> {
  const id = call.query.get(param);
  if (id === null || id === "") throw wrong(param, "is missing.");
  return found(call, id, tools, hailuo);
}

const film = ({ outputs }: Task) => outputs.find(({ kind, url }) => kind === "video" && url !== undefined);

/** A file has its task's id. */
async function retrieve(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const task = await named(call, tools, "file_id");
  const output = film(task);
  if (task.state !== "SUCCESS" || !output) throw taskNotFound();
  return { json: { file: { file_id: task.id, bytes: output.size ?? 0, created_at: seconds(task.finished_at), filename: "output_aigc.mp4", purpose: "video_generation", download_url: output.url }, base_resp: FINE } };
}

/** A film as the query shows it, with its address as soon as there is one. */
function render(task: Task): JsonObject {
  const output = task.state === "SUCCESS" ? film(task) : undefined;
  const { video_width: width, video_height: height } = objectOf(task.answer);
  const failed = task.state === "FAILURE" || task.state === "CANCELLED";
  return {
    task_id: task.id, status: WORDS[task.state], file_id: output ? task.id : "",
    video_width: output ? (output.width ?? width ?? 0) : 0, video_height: output ? (output.height ?? height ?? 0) : 0,
    ...(output ? { download_url: output.url } : {}),
    base_resp: failed ? { status_code: task.error_kind === "content_policy" ? OUTPUT_REFUSED : task.error_kind === "invalid_request" ? WRONG : UNKNOWN, status_msg: task.error_text ?? "" } : FINE,
  };
}
