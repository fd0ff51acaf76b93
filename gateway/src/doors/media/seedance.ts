import { SEEDANCE_INPUTS } from "@yescale/contract/media";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { TaskState } from "../../store/schema.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { objectsIn, textIn } from "../../vendors/_kit/media/fields.ts";
import { withKept } from "./at-once.ts";
import { checkInputs, spoken } from "./check-inputs.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { modelOf, numberIn, picture, saidOnly, wrong } from "./inputs.ts";
import { found, optional, ordered, requiredText, stopped } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";
import { seconds } from "./seconds.ts";
import { table } from "../../table.ts";

/** Ark's words (https://www.volcengine.com/docs/82379/1521309). */
const WORDS: Readonly<Record<TaskState, string>> = { NOT_START: "queued", SUBMITTED: "queued", QUEUED: "queued", IN_PROGRESS: "running", SUCCESS: "succeeded", FAILURE: "failed", CANCELLED: "cancelled" };
/** Its codes for our statuses (https://www.volcengine.com/docs/82379/1299023). */
const CODES: Readonly<Record<number, string>> = { 401: "AuthenticationError", 402: "AccountOverdueError", 403: "AccessDenied", 404: "ResourceNotFound", 429: "RateLimitExceeded", 503: "ServerOverloaded" };
const NO_MODEL = "InvalidEndpointOrModel.NotFound";
const REFUSED = "InputTextSensitiveContentDetected";
const PARTS_MAX = 32;
const OF_PICTURES = /-i2v-/;
/** Flags that older models read at the end of the prompt, and the members they stand for. */
const FLAGS: Readonly<Record<string, string>> = table({ ratio: "ratio", rt: "ratio", resolution: "resolution", rs: "resolution", duration: "duration", dur: "duration", seed: "seed", frames: "frames", camerafixed: "camera_fixed", cf: "camera_fixed", watermark: "watermark", wm: "watermark" });
/** Members that only Ark understands: a request with one of them goes to nobody else. */
const OWN = ["return_last_frame", "draft", "frames", "tools"];
/** Ark's words for what a wish says, as members or as flags. */
const SPOKEN = {
  prompt: ["content"], images: ["content"], duration: ["duration"], resolution: ["resolution"], aspectRatio: ["ratio"], seed: ["seed"], watermark: ["watermark"], sound: ["generate_audio"],
} satisfies FamilyWords;
/** Members that Ark's own answer tells of a film. */
const TOLD = ["seed", "resolution", "ratio", "duration", "framespersecond", "generate_audio"] as const;
const FRAMES_A_SECOND = 24;

const paths = (rest = ""): string[] => ["/seedance/v3", "/seedance/api/v3"].map((base) => `${base}/contents/generations/tasks${rest}`);

/** Seedance, below `/seedance`: Ark's tasks in its own words. */
export const seedance: MediaFamily = {
  id: "seedance",
  platform: "seedance",
  idForm: "uuid",
  routes: [
    { method: "POST", paths: paths(), bodies: ["json"], priced: true, handle: submit },
    { method: "GET", paths: paths("/{id}"), handle: async (call, tools) => ({ json: render(await found(call, call.params["id"] ?? "", tools, seedance)) }) },
    { method: "DELETE", paths: paths("/{id}"), handle: remove },
  ],
  render,
  error: ({ kind, publicText, param }) => ({
    status: kind.status,
    json: { error: { code: kind.code === "content_policy_violation" ? REFUSED : kind.code === "model_not_found" ? NO_MODEL : (CODES[kind.status] ?? (kind.status < 500 ? "InvalidParameter" : "InternalServiceError")), message: publicText, param: param ?? "", type: kind.status < 500 ? "BadRequest" : "InternalServerError" } },
  }),
};

async function submit(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const json = spoken(call.json);
  const model = modelOf(requiredText(json, "model", 100), /seedance/);
  const { prompt, flags, images, own } = contents(json);
  // Which of two Ark follows is not documented, and the price hangs on it.
  for (const [name, value] of Object.entries(flags)) if (json[name] !== undefined && JSON.stringify(json[name]).toLowerCase() !== JSON.stringify(value).toLowerCase()) throw wrong(name, "says something else than the flag in the prompt.");
  const said: JsonObject = { ...flags, ...json };
  checkInputs(said, SEEDANCE_INPUTS);
  if (OF_PICTURES.test(model) && images.length === 0) throw wrong("content", "must have an image_url: this model makes films of pictures.");
  if (said["service_tier"] !== undefined && said["service_tier"] !== "default") throw wrong("service_tier", 'may only be "default": others take longer than a task lives here.');
  const [resolution, ratio, watermark, audio, fixed] = [optional(said, "resolution", "string"), optional(said, "ratio", "string"), optional(said, "watermark", "boolean"), optional(said, "generate_audio", "boolean"), optional(said, "camera_fixed", "boolean")];
  const frames = numberIn(said, "frames");
  const [duration, seed] = [frames === undefined ? numberIn(said, "duration") : Math.ceil(frames / FRAMES_A_SECOND), numberIn(said, "seed")];
  const wish = { kind: "video", ...saidOnly<unknown>({ prompt: prompt || undefined, duration: duration ?? 5, resolution, aspectRatio: ratio === "adaptive" ? "auto" : ratio, seed: seed !== undefined && seed >= 0 ? seed : undefined, watermark, sound: audio, images: images.length > 0 ? images : undefined, others: fixed === undefined ? undefined : { camera_fixed: fixed } }) } as MediaWish;
  const alone = own || OWN.some((name) => json[name] !== undefined && json[name] !== null && json[name] !== false);
  const task = await ordered(seedance, call, { action: "generations", model, request: { native: { vendor: "doubao", request: { json } }, ...(alone ? {} : { wish }), seen: { model }, withImages: images.length > 0 }, options: saidOnly({ duration, resolution, audio }), said: saidBy(said, SPOKEN, ["camera_fixed", "service_tier"]) }, tools);
  return { json: { id: task.id } };
}

/** What is given: one text with its flags, pictures with their roles. `own`: something else, which only Ark takes. */
function contents(json: JsonObject): { prompt: string; flags: JsonObject; images: GivenMedia[]; own: boolean } {
  const list = json["content"];
  const parts = objectsIn(json, "content");
  if (!Array.isArray(list) || parts.length === 0 || parts.length !== list.length || parts.length > PARTS_MAX) throw wrong("content", `must be a list of 1 to ${PARTS_MAX} objects.`);
  const images = parts.filter(({ type }) => type === "image_url").map((part): GivenMedia => {
    const url = textIn(objectOf(part["image_url"]), "url");
    if (url === "") throw wrong("content.image_url.url", "is missing.");
    const role = textIn(part, "role");
    return { url: picture(url, "content.image_url.url").uri, role: role === "last_frame" ? "last_frame" : role === "reference_image" ? "reference" : "first_frame" };
  });
  const written = parts.filter(({ type }) => type === "text").map((part) => textIn(part, "text")).join("\n");
  const flags: JsonObject = {};
  const prompt = written.replaceAll(/\s*--([a-z]+)\s+(\S+)/g, (all, name: string, value: string) => {
    const member = FLAGS[name];
    if (member === undefined) return all;
    const read = /^-?\d+$/.test(value) ? Number(value) : value === "true" || value === "false" ? value === "true" : value;
    if (flags[member] !== undefined && flags[member] !== read) throw wrong(member, "is said twice in the prompt, each time otherwise.");
    flags[member] = read;
    return "";
  }).trim();
  if (prompt === "" && parts.every(({ type }) => type === "text")) throw wrong("content.text", "is missing.");
  return { prompt, flags, images, own: parts.some(({ type }) => type !== "text" && type !== "image_url") };
}

/** What runs is stopped, what has ended is hidden. */
async function remove(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const id = call.params["id"] ?? "";
  const task = await found(call, id, tools, seedance);
  if (task.finished_at === null) await stopped(call, id, tools);
  else await tools.tasks.delete(call.key, id);
  return { json: {} };
}

/** A task as Ark shows it, times in seconds; addresses of what is kept are ours. */
function render(task: Task): JsonObject {
  const told = objectOf(withKept(task));
  // Made elsewhere, its tokens are those that were paid for: clients of Ark read them always.
  const tokens = task.usage["videoTokens"] ?? task.lines.find(({ class: of }) => of === "videoTokens")?.units;
  const url = (wanted: string) => task.outputs.find(({ kind, role }) => kind === wanted && (wanted === "video" || role === "last_frame"))?.url;
  const code = textIn(objectOf(told["error"]), "code");
  return {
    id: task.id,
    model: task.request.seen?.["model"] ?? task.model,
    status: WORDS[task.state],
    ...(task.state === "SUCCESS" ? { content: saidOnly<unknown>({ video_url: url("video"), last_frame_url: url("image") }) } : {}),
    ...(task.state === "SUCCESS" && tokens !== undefined ? { usage: { completion_tokens: tokens, total_tokens: tokens } } : {}),
    error: task.state === "FAILURE" ? { code: code || (task.error_kind === "content_policy" ? "OutputVideoSensitiveContentDetected" : task.error_kind === "invalid_request" ? "InvalidParameter" : "InternalServiceError"), message: task.error_text ?? "" } : null,
    created_at: seconds(task.submitted_at),
    updated_at: seconds(task.finished_at ?? task.started_at ?? task.submitted_at),
    ...Object.fromEntries(TOLD.flatMap((name) => (told[name] === undefined ? [] : [[name, told[name]]]))),
  };
}
