import { openaiError } from "../../dialects/canonical/openai-error.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { TaskState } from "../../store/schema.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { serveAsset } from "../assets.ts";
import { ASSETS_PREFIX } from "../route-rules.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { fieldsOf } from "./fields-of.ts";
import { type FilmOrder, readFilmOrder } from "./film-order.ts";
import { saidOnly, wrong } from "./inputs.ts";
import { found, ordered, requiredText, taskNotFound } from "./order.ts";
import { saidBy } from "./said.ts";
import { seconds } from "./seconds.ts";
import { table } from "../../table.ts";

/** OpenAI's words (SDK `openai`, Video). */
const WORDS: Readonly<Record<TaskState, string>> = { NOT_START: "queued", SUBMITTED: "queued", QUEUED: "queued", IN_PROGRESS: "in_progress", SUCCESS: "completed", FAILURE: "failed", CANCELLED: "failed" };
/** What OpenAI makes of an order without a model. */
const USUAL_MODEL = "sora-2";
const VARIANTS = ["video", "thumbnail", "spritesheet"];
const PAGE = 20;
const PAGE_MAX = 100;
/** Codes of what went wrong at work, by our kinds. */
const CODES: Readonly<Record<string, string>> = table({ content_policy: "content_policy_violation", invalid_request: "invalid_request_error", timeout: "timeout", cancelled: "cancelled" });

const paths = (rest = ""): string[] => [`/v1/videos${rest}`, `/videos${rest}`];

/** OpenAI's videos at `/v1/videos`, so that its SDK works; of any model of the catalog that makes films. */
export const videos: MediaFamily = {
  id: "videos",
  platform: "openai",
  idForm: "video",
  routes: [
    { method: "POST", paths: paths(), bodies: ["json", "form"], priced: true, handle: create },
    { method: "GET", paths: paths(), handle: list },
    { method: "GET", paths: paths("/{id}"), handle: async (call, tools) => ({ json: render(await film(call, tools)) }) },
    { method: "DELETE", paths: paths("/{id}"), handle: remove },
    { method: "GET", paths: paths("/{id}/content"), handle: content },
    { method: "POST", paths: paths("/{id}/remix"), bodies: ["json", "form"], priced: true, handle: remix },
  ],
  render,
  error: (error, requestId) => ({ status: error.kind.status, json: { error: openaiError(error, requestId) } }),
};

/** A task of the caller's that makes a film, whatever door it came in by. */
async function film(call: MediaCall, tools: MediaTools): Promise<Task> {
  const task = await found(call, call.params["id"] ?? "", tools);
  if (tools.catalog().find(task.model)?.kind !== "video") throw taskNotFound();
  return task;
}

/** What the row keeps for answers. */
export const seenOf = ({ wish, seconds: length, size }: FilmOrder): JsonObject => saidOnly<unknown>({ prompt: wish.prompt, seconds: length === undefined ? undefined : String(length), size });

async function create(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const order = readFilmOrder(call, tools, USUAL_MODEL);
  const { wish, said, model, options, images } = order;
  return { json: render(await ordered(videos, call, { action: "generate", model, request: { wish, seen: seenOf(order), withImages: images > 0 }, said, options }, tools)) };
}

/** Another version of a film: made where the first was, since nobody else has it. */
async function remix(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const fields = fieldsOf(call);
  const prompt = requiredText(fields, "prompt", 32_000);
  const parent = await film(call, tools);
  if (parent.state !== "SUCCESS") throw wrong("video_id", "must be a completed video.");
  const vendor = tools.catalog().find(parent.model)?.vendor;
  if (vendor !== "openai" || parent.vendor_ref === null) throw wrong("video_id", "was made by a model that cannot remix.");
  const { seen = {}, wish } = parent.request;
  const options = saidOnly({ duration: wish?.duration, size: wish?.size && `${wish.size.width}x${wish.size.height}` });
  const task = await ordered(videos, call, { action: "remix", model: parent.model, request: { wish: { ...wish, kind: "video", prompt, images: [] }, seen: { ...seen, prompt, from: parent.id }, withImages: false }, said: saidBy(fields, { prompt: ["prompt"] }), options, parent }, tools);
  return { json: render(task) };
}

async function list(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const limit = Number(call.query.get("limit") ?? PAGE);
  const order = call.query.get("order") ?? "desc";
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE_MAX) throw wrong("limit", `must be from 1 to ${PAGE_MAX}.`);
  if (order !== "asc" && order !== "desc") throw wrong("order", 'must be "asc" or "desc".');
  const after = call.query.get("after");
  const last = after === null ? undefined : await found({ ...call, query: new URLSearchParams() }, after, tools, videos);
  const tasks = await tools.tasks.list(call.key, { family: videos.id, most: limit + 1, ascending: order === "asc", ...(last ? { beyond: last } : {}) });
  const data = tasks.slice(0, limit).map((task) => render(task));
  return { json: { object: "list", data, first_id: data[0]?.["id"] ?? null, last_id: data.at(-1)?.["id"] ?? null, has_more: tasks.length > limit } };
}

/** The file of our copy, whole or a range of it; one that could not be copied is where its vendor has it. */
async function content(call: MediaCall, tools: MediaTools): Promise<Response> {
  const task = await film(call, tools);
  const variant = call.query.get("variant") ?? "video";
  if (!VARIANTS.includes(variant)) throw wrong("variant", `must be one of ${VARIANTS.join(", ")}.`);
  if (task.state !== "SUCCESS") throw wrong("video_id", "is not ready yet, or has failed.");
  const output = task.outputs.find(({ kind, role }) => (variant === "video" ? kind === "video" : role === variant));
  const name = output?.url?.split(ASSETS_PREFIX)[1];
  if (output?.where === "vendor" && output.url !== undefined) return Response.redirect(output.url, 302);
  const file = output?.where === "kept" && name !== undefined ? await serveAsset(tools.assets, { method: call.method, header: (header) => call.headers[header] ?? null }, name) : undefined;
  if (!file) throw new GatewayError("notFound", { publicText: `There is no ${variant} of this video, or it has expired.` });
  return file;
}

async function remove(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const task = await film(call, tools);
  if (task.finished_at === null) throw wrong("video_id", "must be a completed or failed video; POST /task/{id}/cancel stops one that is under way.");
  if (!(await tools.tasks.delete(call.key, task.id))) throw taskNotFound();
  return { json: { id: task.id, object: "video.deleted", deleted: true } };
}

/** A video as OpenAI shows it, and the address of our copy in `metadata`. */
export function render(task: Task): JsonObject {
  const { seen = {} } = task.request;
  const made = task.state === "SUCCESS" ? task.outputs.find(({ kind }) => kind === "video") : undefined;
  const state = WORDS[task.state];
  return {
    id: task.id,
    object: "video",
    model: task.model,
    status: state,
    progress: state === "completed" ? 100 : state === "in_progress" ? task.progress : 0,
    created_at: seconds(task.submitted_at),
    completed_at: made ? seconds(task.finished_at) : null,
    expires_at: made?.expiresAt === undefined ? null : Math.floor(made.expiresAt / 1000),
    prompt: seen["prompt"] ?? null,
    seconds: seen["seconds"] ?? (made?.duration === undefined ? null : String(made.duration)),
    // What was made counts: not every model has the sides that were asked for.
    size: made?.width === undefined ? (seen["size"] ?? null) : `${made.width}x${made.height}`,
    remixed_from_video_id: seen["from"] ?? null,
    error: state === "failed" ? { code: CODES[task.error_kind ?? ""] ?? "video_generation_failed", message: task.error_text ?? "" } : null,
    ...(made?.url === undefined ? {} : { metadata: { url: made.url } }),
  };
}
