/** How each family shows a task that failed, and a caller without a key. A failed task costs nothing. */
import { z } from "zod";
import { digits, exact, failedTask, iso, millis, open, type Page, seconds, some, text, uuid } from "./page.ts";

const PROMPT = "a red stone";
const failed = (page: string, path: string, json: object, id: string, fetch: string, answer: z.ZodType, status = 200): Page => ({
  page: `Failed: ${page}`, method: "POST", path, headers: { "x-sandbox-fault": "fail;queue-ms=20;run-ms=40" }, from: "fields", json, status, answer: open({}), charge: "free", ended: { fetch, id, state: "FAILURE", answer },
});
const LUMA = { queue_state: some, created_at: iso, batch_id: text, video: z.null(), video_raw: z.null(), liked: z.null(), estimate_wait_seconds: z.null(), thumbnail: z.null(), last_frame: z.null() };

const unknown = (page: string, path: string, answer: z.ZodType): Page => ({ page: `Unknown id: ${page}`, method: "GET", path, from: "fields", status: 404, answer, charge: "free" });
const keyless = (page: string, path: string, answer: z.ZodType): Page => ({ page: `Without a key: ${page}`, method: "GET", path, as: "nobody", from: "fields", status: 401, answer, charge: "free" });
const UUID = "00000000-0000-4000-8000-000000000000";
const NO_KEY = exact({ error: some, code: z.literal("invalid_api_key") });
const NOT_FOUND = exact({ error: z.literal("Task not found") });

export const FAILED_PAGES: readonly Page[] = [
  failed("fal", "/fal-ai/recraft/v3/text-to-image", { prompt: PROMPT }, "task_id", "/fal-ai/{task_id}", exact({ action: some, data: z.null(), err_reason: some, finish_time: seconds, message: z.literal("YEScale - FalAI Fetch"), platform: z.literal("fal-ai"), progress: z.literal("100%"), status: z.literal("FAILURE"), submit_time: seconds, task_id: uuid })),
  failed("unified media", "/task/submit", { model: "flux-kontext-pro", prompt: PROMPT }, "task_id", "/task/{task_id}", failedTask),
  failed("Midjourney", "/mj/submit/imagine", { prompt: PROMPT }, "result", "/mj/task/{result}/fetch", open({ id: digits, action: z.literal("IMAGINE"), status: z.literal("FAILURE"), progress: z.literal("100%"), failReason: some, finishTime: millis, imageUrl: z.literal(""), buttons: z.array(open({})).length(0) })),
  failed("Suno", "/suno/submit/music", { gpt_description_prompt: PROMPT }, "data", "/suno/fetch/{data}", exact({ code: z.literal("success"), message: z.literal(""), data: open({ task_id: uuid, action: z.literal("MUSIC"), status: z.literal("FAILURE"), fail_reason: some, finish_time: seconds, progress: z.literal("100%") }) })),
  failed("Kling", "/kling/v1/videos/text2video", { prompt: PROMPT, camera_control: { type: "down_back" } }, "task_id", "/kling/v1/videos/text2video/{task_id}", exact({ code: z.literal(0), message: z.literal("SUCCEED"), request_id: some, data: exact({ task_id: digits, task_status: z.literal("failed"), task_status_msg: some, task_info: exact({}), created_at: millis, updated_at: millis }) })),
  failed("Replicate", "/replicate/v1/models/google/imagen-4/predictions", { input: { prompt: PROMPT } }, "id", "/replicate/v1/predictions/{id}", open({ id: some, status: z.literal("failed"), output: z.null(), error: some, created_at: iso, completed_at: iso }), 201),
  failed("Runway", "/runwayml/v1/image_to_video", { promptImage: "{given.picture}", model: "gen4_turbo" }, "id", "/runwayml/v1/tasks/{id}", exact({ id: uuid, status: z.literal("FAILED"), createdAt: iso, failure: some, failureCode: some })),
  failed("Luma", "/luma/generations", { user_prompt: PROMPT }, "id", "/luma/generations/{id}", exact({ id: some, prompt: text, state: z.literal("failed"), failure_reason: some, ...LUMA })),
  failed("Pika", "/pika/generate", { promptText: PROMPT }, "id", "/pika/feed/{id}", exact({ id: some, promptText: text, videos: z.array(open({ id: some, status: z.literal("error"), resultUrl: z.literal(""), error: some, progress: z.literal(100) })).length(1) })),
  failed("Veo", "/veo/v1/videos/generations", { model: "veo3", prompt: PROMPT }, "task_id", "/veo/v1/videos/generations/{task_id}", failedTask),
  failed("Hailuo", "/minimax/v1/video_generation", { model: "MiniMax-Hailuo-02", prompt: PROMPT }, "task_id", "/minimax/v1/query/video_generation?task_id={task_id}", open({ task_id: some, status: z.literal("Fail"), file_id: z.literal(""), base_resp: exact({ status_code: z.int().positive(), status_msg: some }) })),
  failed("Seedance", "/seedance/v3/contents/generations/tasks", { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: PROMPT }] }, "id", "/seedance/v3/contents/generations/tasks/{id}", open({ id: some, status: z.literal("failed"), error: exact({ code: some, message: some }) })),
  unknown("101 Get FAL-AI tasks", `/fal-ai/${UUID}`, NOT_FOUND),
  unknown("123 Task Sync", "/task/777935781150867525", NOT_FOUND),
  unknown("101 Get FAL-AI tasks: an id of another family", "/fal-ai/{picture.task_id}", NOT_FOUND),
  keyless("101 Get FAL-AI tasks", `/fal-ai/${UUID}`, NO_KEY),
  keyless("123 Task Sync", "/task/777935781150867525", NO_KEY),
];
