/** How each family shows a task that runs and one that failed, which costs nothing; ids that nobody has, and a caller without a key. */
import { z } from "zod";
import { digits, exact, failedTask, iso, millis, open, type Page, seconds, some, text, uuid } from "./page.ts";

const PROMPT = "a red stone";
interface Shown {
  running: z.ZodType;
  failed: z.ZodType;
}
/** Its vendor takes two seconds and then fails. */
const failed = (page: string, path: string, json: object, id: string, fetch: string, shown: Shown, status = 200): Page => ({
  page: `Running, then failed: ${page}`, method: "POST", path, headers: { "x-sandbox-fault": "fail;queue-ms=20;run-ms=2000" }, from: "fields", json, status, answer: open({}), charge: "free", ended: { fetch, id, state: "FAILURE", running: shown.running, answer: shown.failed },
});
const WAITING = z.enum(["SUBMITTED", "QUEUED", "IN_PROGRESS"]);
const percent = z.string().regex(/^\d{1,2}%$/);
/** As `/task` shows them. */
const TASK: Shown = { running: exact({ task_id: some, status: z.enum(["NOT_START", ...WAITING.options]), progress: percent, submit_time: seconds, finish_time: z.literal(0), message: some, task_result: exact({}) }), failed: failedTask };
const klingOf = (data: z.core.$ZodLooseShape) => exact({ code: z.literal(0), message: z.literal("SUCCEED"), request_id: some, data: exact({ task_id: digits, task_info: exact({}), created_at: millis, updated_at: millis, ...data }) });
const falOf = (state: z.core.$ZodLooseShape) => exact({ action: some, data: z.null(), message: some, platform: z.literal("fal-ai"), submit_time: seconds, task_id: uuid, ...state });
const sunoOf = (data: z.core.$ZodLooseShape) => exact({ code: z.literal("success"), message: z.literal(""), data: exact({ task_id: uuid, notify_hook: text, action: z.literal("MUSIC"), submit_time: seconds, start_time: z.int(), data: z.unknown(), ...data }) });
const feedOf = (film: z.core.$ZodLooseShape) => exact({ id: some, promptText: text, videos: z.array(open({ id: some, resultUrl: z.literal(""), ...film })).length(1) });
const hailuoOf = (state: z.core.$ZodLooseShape) => exact({ task_id: some, file_id: z.literal(""), video_width: z.literal(0), video_height: z.literal(0), ...state });
const LUMA = { queue_state: some, created_at: iso, batch_id: text, video: z.null(), video_raw: z.null(), liked: z.null(), estimate_wait_seconds: z.null(), thumbnail: z.null(), last_frame: z.null() };

const unknown = (page: string, path: string, answer: z.ZodType): Page => ({ page: `Unknown id: ${page}`, method: "GET", path, from: "fields", status: 404, answer, charge: "free" });
const keyless = (page: string, path: string, answer: z.ZodType): Page => ({ page: `Without a key: ${page}`, method: "GET", path, as: "nobody", from: "fields", status: 401, answer, charge: "free" });
const UUID = "00000000-0000-4000-8000-000000000000";
const NO_KEY = exact({ error: some, code: z.literal("invalid_api_key") });
const NOT_FOUND = exact({ error: z.literal("Task not found") });

export const FAILED_PAGES: readonly Page[] = [
  failed("fal", "/fal-ai/recraft/v3/text-to-image", { prompt: PROMPT }, "task_id", "/fal-ai/{task_id}", { running: falOf({ finish_time: z.literal(0), progress: percent, status: WAITING }), failed: falOf({ err_reason: some, finish_time: seconds, progress: z.literal("100%"), status: z.literal("FAILURE") }) }),
  failed("unified media", "/task/submit", { model: "flux-kontext-pro", prompt: PROMPT }, "task_id", "/task/{task_id}", TASK),
  failed("Midjourney", "/mj/submit/imagine", { prompt: PROMPT }, "result", "/mj/task/{result}/fetch", { running: open({ id: digits, action: z.literal("IMAGINE"), status: z.enum(["NOT_START", "SUBMITTED", "IN_PROGRESS"]), progress: percent, failReason: z.literal(""), finishTime: z.literal(0) }), failed: open({ id: digits, action: z.literal("IMAGINE"), status: z.literal("FAILURE"), progress: z.literal("100%"), failReason: some, finishTime: millis, imageUrl: z.literal(""), buttons: z.array(open({})).length(0) }) }),
  failed("Suno", "/suno/submit/music", { gpt_description_prompt: PROMPT }, "data", "/suno/fetch/{data}", { running: sunoOf({ status: WAITING, fail_reason: z.literal(""), finish_time: z.literal(0), progress: percent }), failed: sunoOf({ status: z.literal("FAILURE"), fail_reason: some, finish_time: seconds, progress: z.literal("100%") }) }),
  failed("Kling", "/kling/v1/videos/text2video", { prompt: PROMPT, camera_control: { type: "down_back" } }, "task_id", "/kling/v1/videos/text2video/{task_id}", { running: klingOf({ task_status: z.enum(["submitted", "processing"]) }), failed: klingOf({ task_status: z.literal("failed"), task_status_msg: some }) }),
  failed("Replicate", "/replicate/v1/models/google/imagen-4/predictions", { input: { prompt: PROMPT } }, "id", "/replicate/v1/predictions/{id}", { running: open({ id: some, status: z.enum(["starting", "processing"]), output: z.null(), error: z.null(), created_at: iso }), failed: open({ id: some, status: z.literal("failed"), output: z.null(), error: some, created_at: iso, completed_at: iso }) }, 201),
  failed("Runway", "/runwayml/v1/image_to_video", { promptImage: "{given.picture}", model: "gen4_turbo" }, "id", "/runwayml/v1/tasks/{id}", { running: exact({ id: uuid, status: z.enum(["PENDING", "RUNNING"]), createdAt: iso, progress: z.number().min(0).max(1).optional() }), failed: exact({ id: uuid, status: z.literal("FAILED"), createdAt: iso, failure: some, failureCode: some }) }),
  failed("Luma", "/luma/generations", { user_prompt: PROMPT }, "id", "/luma/generations/{id}", { running: exact({ id: some, prompt: text, state: z.enum(["pending", "processing"]), ...LUMA }), failed: exact({ id: some, prompt: text, state: z.literal("failed"), failure_reason: some, ...LUMA }) }),
  failed("Pika", "/pika/generate", { promptText: PROMPT }, "id", "/pika/feed/{id}", { running: feedOf({ status: z.enum(["queued", "started"]), error: z.literal(""), progress: z.int().max(99) }), failed: feedOf({ status: z.literal("error"), error: some, progress: z.literal(100) }) }),
  failed("Veo", "/veo/v1/videos/generations", { model: "veo3", prompt: PROMPT }, "task_id", "/veo/v1/videos/generations/{task_id}", TASK),
  failed("Hailuo", "/minimax/v1/video_generation", { model: "MiniMax-Hailuo-02", prompt: PROMPT }, "task_id", "/minimax/v1/query/video_generation?task_id={task_id}", { running: hailuoOf({ status: z.enum(["Preparing", "Queueing", "Processing"]), base_resp: exact({ status_code: z.literal(0), status_msg: z.literal("success") }) }), failed: hailuoOf({ status: z.literal("Fail"), base_resp: exact({ status_code: z.int().positive(), status_msg: some }) }) }),
  failed("Seedance", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: PROMPT }] }, "id", "/seedance/v3/contents/generations/tasks/{id}", { running: open({ id: some, status: z.enum(["queued", "running"]), error: z.null(), created_at: seconds }), failed: open({ id: some, status: z.literal("failed"), error: exact({ code: some, message: some }) }) }),
  unknown("101 Get FAL-AI tasks", `/fal-ai/${UUID}`, NOT_FOUND),
  unknown("123 Task Sync", "/task/777935781150867525", NOT_FOUND),
  unknown("101 Get FAL-AI tasks: an id of another family", "/fal-ai/{picture.task_id}", NOT_FOUND),
  keyless("101 Get FAL-AI tasks", `/fal-ai/${UUID}`, NO_KEY),
  keyless("123 Task Sync", "/task/777935781150867525", NO_KEY),
];
