/** Unified media (6.2 to 6.4), the tasks of every family by `GET /task/{task_id}` (page 123), and films in OpenAI's and New API's words. */
import { z } from "zod";
import { exact, open, type Page, seconds, some, taskOf, text } from "./page.ts";

const PROMPT = "a red stone";
const PICTURE = "{picture.task.task_result.url}";
const FILM = "{film.task.task_result.url}";
// `warnings`, which no page shows: what the model has no word for.
const submitted = exact({ task_id: some, status: z.literal("SUBMITTED"), progress: z.literal("10%"), submit_time: seconds, message: some, warnings: z.array(some).optional() });

type Config = Readonly<Record<string, unknown>>;
function order(kind: "images" | "videos", model: string, what: string, config: Config, rest: Partial<Page> = {}): Page {
  const media = kind === "images" ? "picture" : "film";
  return {
    page: `Unified media: ${model}${what === "" ? "" : `, ${what}`}`, method: "POST", path: "/task/submit", from: "fields", json: { model, prompt: PROMPT, config }, answer: submitted,
    ended: { page: "123 Task Sync Endpoint Usage Guide", fetch: "/task/{task_id}", id: "task_id", answer: taskOf(kind), media: { [`task_result.${kind}[].url`]: media, "task_result.url": media } },
    quote: { model, prompt: PROMPT, config },
    ...rest,
  };
}
const seconds_ = [4, 6, 8, 10, 12, 15];

const openaiFilm = { id: some, object: z.literal("video"), model: some, created_at: seconds, seconds: z.string().regex(/^\d+$/), size: text };

export const UNIFIED_PAGES: readonly Page[] = [
  order("images", "nano-banana-2", "", { size: "1K" }, { name: "picture", from: "example", json: { model: "nano-banana-2", prompt: PROMPT, task_type: "generate", config: { size: "1K" } } }),
  ...["0.5K", "2K", "4K"].map((size) => order("images", "nano-banana-2", size, { size, aspect_ratio: "16:9", google_search: "disable", thinking: "minimal" })),
  order("images", "nano-banana-2", "by a picture", { size: "1K", aspect_ratio: "match_input_image", images: [PICTURE] }),
  order("images", "nano-banana-pro", "", { size: "2K", aspect_ratio: "1:1", google_search: false, images: [PICTURE] }),
  order("images", "gemini-2.5-flash-image[nano-banana]", "", { aspect_ratio: "1:1", images: [PICTURE] }),
  order("images", "gpt-image", "", { size: "1024x1024", quality: "low", background: "auto" }),
  order("images", "gpt-image", "edited", { size: "1024x1536", quality: "medium", images: [PICTURE], mask: "{given.mask}" }),
  order("images", "seedream-5", "", { size: "2K" }),
  order("images", "seedream-4.5", "", { size: "2K", images: [PICTURE] }),
  order("images", "seedream-4.0", "data URL", { size: "2K", images: ["{given.picture}"], sequential_image_generation: "disabled" }),
  ...seconds_.map((duration) => order("videos", "grok-video", `${duration} s`, { duration, aspect_ratio: "16:9", size: "720P" })),
  order("videos", "grok-video", "of a picture", { duration: 4, aspect_ratio: "2:3", size: "1080P", images: [PICTURE] }),
  ...seconds_.map((duration) => order("videos", "grok-video-1.5", `${duration} s`, { duration, aspect_ratio: "9:16", size: "720P", images: [PICTURE] })),
  order("videos", "omni-flash", "text", { mode: "t2v", aspect_ratio: "16:9" }),
  order("videos", "omni-flash", "pictures", { mode: "i2v(img_ref)", aspect_ratio: "9:16", images: [PICTURE, PICTURE] }),
  order("videos", "omni-flash", "frames", { mode: "i2v(first_last_frame)", aspect_ratio: "16:9", images: [PICTURE, PICTURE] }),
  order("videos", "omni-flash", "a film of the sandbox", { mode: "v2v", aspect_ratio: "16:9", videos: [FILM] }),
  order("videos", "veo3.1", "", { size: "720p", aspect_ratio: "16:9", enhance_prompt: true }, { name: "film" }),
  order("videos", "veo3.1", "1080p, two frames", { size: "1080p", aspect_ratio: "16:9", images: [PICTURE, PICTURE] }),
  order("videos", "veo-3.1", "alias, 2160p", { size: "2160p", aspect_ratio: "9:16" }),
  order("videos", "kling-2.5-turbo", "", { duration: 5, aspect_ratio: "16:9" }),
  order("videos", "kling-2.5-turbo", "of a picture", { duration: 5, images: [PICTURE] }),
  order("videos", "topaz-video-upscale", "a film of the sandbox", { videos: [FILM] }),
  order("videos", "hailuo-2.3", "", { duration: 6, size: "720P", images: [PICTURE] }),
  { page: "Unified media: what is not known is told", method: "POST", path: "/task/submit", from: "fields", json: { model: "nano-banana-2", prompt: PROMPT, config: { size: "1k", hurry: true } }, answer: submitted.extend({ warnings: z.array(some).length(1) }), ended: { fetch: "/task/{task_id}", id: "task_id", answer: taskOf("images") }, quote: { model: "nano-banana-2", prompt: PROMPT, config: { size: "1K" } } },

  {
    page: "Films in OpenAI's words", name: "video", method: "POST", path: "/v1/videos", from: "fields", json: { model: "veo-3.0-fast-generate-001", prompt: PROMPT, seconds: "8", size: "1280x720" }, answer: open({ ...openaiFilm, status: z.literal("queued"), progress: z.int() }),
    ended: { fetch: "/v1/videos/{id}", id: "id", answer: open({ ...openaiFilm, status: z.literal("completed"), progress: z.literal(100), completed_at: seconds, expires_at: z.int().nullable(), remixed_from_video_id: z.null(), error: z.null(), metadata: open({ url: some }) }), media: { "metadata.url": "film" } },
    quote: { model: "veo-3.0-fast-generate-001", prompt: PROMPT, config: { duration: 8, size: "1280x720" } },
  },
  { page: "Films in OpenAI's words: content", method: "GET", path: "/v1/videos/{video.id}/content", from: "fields", answer: "film", charge: "free" },
  {
    page: "Films in New API's words", method: "POST", path: "/v1/video/generations", from: "fields", json: { model: "kling-v1-6", prompt: PROMPT, duration: 5, mode: "std" }, answer: open({ id: some, task_id: some, object: z.literal("video"), model: some, status: z.literal("queued"), progress: z.int(), created_at: seconds }),
    ended: { fetch: "/v1/video/generations/{id}", id: "id", answer: exact({ code: z.literal("success"), message: z.literal(""), data: open({ task_id: some, action: some, status: z.literal("SUCCESS"), fail_reason: z.literal(""), submit_time: seconds, start_time: seconds, finish_time: seconds, progress: z.literal("100%"), url: some }) }), media: { "data.url": "film" } },
    quote: { model: "kling-v1-6", prompt: PROMPT, config: { duration: 5, mode: "std" } },
  },
];
