/** Films and pictures of vendors whose clients wait for tasks: Kling (48 to 51, 70 to 73), Replicate (52 to 56, 67, 68), Runway (74, 75), Luma (76, 77), Pika (78, 79), Veo (80 to 82), Hailuo (83, 84), Seedance (85, 86). */
import { z } from "zod";
import { digits, exact, iso, millis, open, type Page, retired, seconds, some, taskOf, text, uuid } from "./page.ts";

const PROMPT = "a red stone";
const PICTURE = "{picture.task.task_result.url}";
const BASE64 = "{given.base64}";
type Json = Readonly<Record<string, unknown>>;
type Rest = Partial<Page> & { config?: Json };
const priced = (model: string, { config = {}, ...rest }: Rest): Partial<Page> => ({ quote: { model, prompt: PROMPT, config }, ...rest });

const klingData = { task_id: digits, task_info: exact({}), created_at: millis, updated_at: millis };
const klingSubmitted = exact({ code: z.literal(0), message: z.literal("SUCCEED"), request_id: some, task_id: digits, data: exact({ ...klingData, task_status: z.literal("submitted"), task_info: z.union([exact({}), exact({ external_task_id: some })]) }) });
const klingEnded = (result: z.core.$ZodLooseShape) => exact({ code: z.literal(0), message: z.literal("SUCCEED"), request_id: some, data: open({ ...klingData, task_status: z.literal("succeed"), task_info: open({}), task_result: exact(result) }) });
const klingImages = klingEnded({ images: z.array(exact({ index: z.int(), url: some })).min(1) });
const klingVideos = klingEnded({ videos: z.array(open({ id: some, url: some, duration: some })).length(1) });
/** The pages of Kling's queries. */
const QUERIES: Readonly<Record<string, string>> = { "images/generations": "49 Get Image by Task ID", "images/kolors-virtual-try-on": "51 Get Virtual Try On by Task ID", "videos/text2video": "71 Get Video by Task ID", "videos/image2video": "73 Get Video by Task ID" };
const kling = (page: string, path: string, json: Json, model: string, rest: Rest = {}): Page => ({
  page, method: "POST", path: `/kling/v1/${path}`, from: "fields", json, answer: klingSubmitted,
  ended: { page: QUERIES[path] ?? "", fetch: `/kling/v1/${path}/{data.task_id}`, id: "data.task_id", answer: path.startsWith("images") ? klingImages : klingVideos, media: path.startsWith("images") ? { "data.task_result.images[].url": "picture" } : { "data.task_result.videos[].url": "film" } },
  ...priced(model, rest),
});

const prediction = { id: z.string().regex(/^[a-z0-9]{26}$/), model: some, version: some, input: open({ prompt: some }), logs: text, error: z.null(), created_at: iso, urls: exact({ get: some, cancel: some, stream: some }), data_removed: z.boolean(), source: text };
const predicted = exact({ ...prediction, status: z.literal("succeeded"), output: some, started_at: iso, completed_at: iso, metrics: open({}).optional() });
const replicate = (page: string, model: string, input: Json, quoted: string, rest: Rest = {}): Page => ({
  page, method: "POST", path: `/replicate/v1/models/${model}/predictions`, from: "fields", json: { input }, status: 201, answer: exact({ ...prediction, status: z.literal("starting"), output: z.null(), started_at: iso.optional() }),
  ended: { page: "56 Get Image by ID, 68 Get Imagen 4 Task", fetch: "/replicate/v1/predictions/{id}", id: "id", answer: predicted, media: { output: "picture" } },
  ...priced(quoted, rest),
});

const film = { media: { "output[]": "film" } } as const;
const runway = (page: string, json: Json, rest: Rest = {}): Page => ({
  page, method: "POST", path: "/runwayml/v1/image_to_video", from: "fields", json: { promptText: "it rolls", ...json }, answer: exact({ id: uuid }),
  ended: { page: "75 Get Video by Task ID", fetch: "/runwayml/v1/tasks/{id}", id: "id", answer: exact({ id: uuid, status: z.literal("SUCCEEDED"), createdAt: iso, output: z.array(some).min(1) }), ...film },
  ...priced(String(json["model"]), rest),
});

const lumaFile = open({ url: some, width: z.int().nullable(), height: z.int().nullable() });
const luma = (page: string, json: Json, model: string, rest: Rest = {}): Page => ({
  page, method: "POST", path: "/luma/generations", from: "fields", json: { user_prompt: PROMPT, ...json }, answer: open({ id: some, prompt: text, state: z.literal("pending"), created_at: iso, video: z.null(), liked: z.null(), estimate_wait_seconds: z.null() }),
  ended: {
    page: "77 Get Video by Task ID", fetch: "/luma/generations/{id}", id: "id", media: { "video.url": "film" },
    answer: exact({ id: some, prompt: text, state: z.literal("completed"), queue_state: some, created_at: iso, batch_id: text, video: lumaFile, video_raw: lumaFile, liked: z.null(), estimate_wait_seconds: z.null(), thumbnail: lumaFile.nullable(), last_frame: lumaFile.nullable() }),
  },
  ...priced(model, rest),
});

const feed = exact({ id: some, status: z.literal("finished"), seed: z.int().nullable(), resultUrl: some, sharingUrl: some, videoPoster: text, imageThumb: text, duration: z.number().nullable(), error: z.literal(""), progress: z.literal(100) });
const pika = (page: string, json: Json, model: string, rest: Rest = {}): Page => ({
  page, method: "POST", path: "/pika/generate", from: "fields", json: { promptText: PROMPT, ...json }, answer: exact({ id: some }),
  ended: { page: "79 Get Video by Task ID", fetch: "/pika/feed/{id}", id: "id", answer: exact({ id: some, promptText: text, videos: z.array(feed).length(1) }), media: { "videos[].resultUrl": "film" } },
  ...priced(model, rest),
});

/** The task object of page 123. */
const submitted = exact({ task_id: some, status: z.literal("SUBMITTED"), progress: z.literal("10%"), submit_time: seconds, finish_time: z.literal(0), message: some, task_result: exact({}) });
const veo = (page: string, json: Json, rest: Rest = {}): Page => ({
  page, method: "POST", path: "/veo/v1/videos/generations", from: "fields", json: { prompt: PROMPT, ...json }, answer: submitted,
  ended: { page: "82 Get Video by ID", fetch: "/veo/v1/videos/generations/{task_id}", id: "task_id", answer: taskOf("videos"), media: { "task_result.videos[].url": "film", "task_result.url": "film" } },
  ...priced(String(json["model"]), rest),
});

const fine = exact({ status_code: z.literal(0), status_msg: z.literal("success") });
const hailuo = (page: string, json: Json, { base = "minimax", ...rest }: Rest & { base?: string } = {}): Page => ({
  page, method: "POST", path: `/${base}/v1/video_generation`, from: "fields", json: { prompt: PROMPT, ...json }, answer: exact({ task_id: some, base_resp: fine }),
  ended: { page: "84 Get Video", fetch: `/${base}/v1/query/video_generation?task_id={task_id}`, id: "task_id", answer: exact({ task_id: some, status: z.literal("Success"), file_id: some, video_width: z.int(), video_height: z.int(), download_url: some, base_resp: fine }), media: { download_url: "film" } },
  ...priced(String(json["model"]), rest),
});

const seedance = (page: string, model: string, content: readonly object[], { base = "v3", more = {}, ...rest }: Rest & { base?: string; more?: Json } = {}): Page => ({
  page, method: "POST", path: `/seedance/${base}/contents/generations/tasks`, from: "fields", json: { model, content, ...more }, answer: exact({ id: some }),
  ended: {
    page: "86 Get Video by Task ID", fetch: `/seedance/${base}/contents/generations/tasks/{id}`, id: "id", media: { "content.video_url": "film" },
    answer: open({ id: some, model: some, status: z.literal("succeeded"), content: open({ video_url: some }), usage: exact({ completion_tokens: z.int().positive(), total_tokens: z.int().positive() }), error: z.null(), created_at: seconds, updated_at: seconds }),
  },
  charge: "at most the quote",
  ...priced(model, rest),
});
const words = (flags = "") => ({ type: "text", text: `${PROMPT}${flags}` });
const frame = (role: string) => ({ type: "image_url", image_url: { url: PICTURE }, role });
const camera = { type: "simple", config: { horizontal: 0, vertical: 0, pan: 0, tilt: 0, roll: 0, zoom: 5 } };
const one = { images: ["{given.picture}"] };

export const FILM_PAGES: readonly Page[] = [
  kling("48 Submit Image Generation", "images/generations", { prompt: PROMPT, model_name: "kling-v2", negative_prompt: "trees", n: 2, aspect_ratio: "16:9" }, "kling-v2-image", { config: { n: 2 } }),
  kling("48 Submit Image Generation: by a picture", "images/generations", { prompt: PROMPT, model_name: "kling-v1-5", image: PICTURE, image_reference: "subject", image_fidelity: 0.5 }, "kling-v1-5-image", { config: one }),
  kling("48 Submit Image Generation: defaults", "images/generations", { prompt: PROMPT }, "kling-v1-image"),
  kling("50 Submit Kolors Virtual Try On", "images/kolors-virtual-try-on", { human_image: PICTURE, cloth_image: PICTURE }, "kolors-virtual-try-on-v1", { config: { images: ["{given.picture}", "{given.picture}"] } }),
  kling("50 Submit Kolors Virtual Try On: base64, v1-5", "images/kolors-virtual-try-on", { human_image: BASE64, cloth_image: BASE64, model_name: "kolors-virtual-try-on-v1-5" }, "kolors-virtual-try-on-v1-5", { config: { images: ["{given.picture}", "{given.picture}"] } }),
  kling("70 Kling: Create Video by Text", "videos/text2video", { prompt: PROMPT, model_name: "kling-v1-6", negative_prompt: "trees", cfg_scale: 0.5, mode: "pro", aspect_ratio: "16:9", duration: "5", external_task_id: `mine-${Date.now()}` }, "kling-v1-6", { config: { mode: "pro", duration: 5 } }),
  kling("70 Kling: Create Video by Text: defaults", "videos/text2video", { prompt: PROMPT }, "kling-v1"),
  kling("70 Kling: Create Video by Text: camera", "videos/text2video", { prompt: PROMPT, model_name: "kling-v1", mode: "std", camera_control: camera, duration: "10" }, "kling-v1", { config: { mode: "std", duration: 10 } }),
  kling("72 Create Video by Image", "videos/image2video", { image: PICTURE, prompt: PROMPT, model_name: "kling-v1-6", mode: "std", duration: "5", cfg_scale: 0.5 }, "kling-v1-6", { config: { ...one, mode: "std", duration: 5 } }),
  kling("72 Create Video by Image: base64, last frame", "videos/image2video", { image: BASE64, image_tail: BASE64, model_name: "kling-v1-6", mode: "pro", duration: "5" }, "kling-v1-6", { config: { ...one, mode: "pro", duration: 5 } }),

  replicate("52 flux-kontext-pro", "black-forest-labs/flux-kontext-pro", { prompt: PROMPT, input_image: PICTURE, aspect_ratio: "match_input_image", output_format: "jpg", safety_tolerance: 2, prompt_upsampling: false, seed: 7 }, "flux-kontext-pro"),
  replicate("53 flux-kontext-max", "black-forest-labs/flux-kontext-max", { prompt: PROMPT, aspect_ratio: "16:9", output_format: "png", safety_tolerance: 6 }, "flux-kontext-max"),
  replicate("54 flux-pro", "black-forest-labs/flux-pro", { prompt: PROMPT, aspect_ratio: "3:2", steps: 25, guidance: 3, interval: 2, output_format: "webp", safety_tolerance: 2, prompt_upsampling: false, seed: 7 }, "flux-pro"),
  replicate("55 flux-pro-1.1-ultra", "black-forest-labs/flux-1.1-pro-ultra", { prompt: PROMPT, raw: true, aspect_ratio: "21:9", image_prompt: PICTURE, image_prompt_strength: 0.1, safety_tolerance: 2, output_format: "jpg", seed: 7 }, "flux-1.1-pro-ultra"),
  replicate("55 flux-pro-1.1-ultra: the sidebar's spelling", "black-forest-labs/flux-pro-1.1-ultra", { prompt: PROMPT }, "flux-1.1-pro-ultra"),
  replicate("67 Google/imagen-4 on Replicate", "google/imagen-4", { prompt: PROMPT, aspect_ratio: "16:9", safety_filter_level: "block_medium_and_above", output_format: "jpg" }, "imagen-4"),
  { ...replicate("67 Google/imagen-4 on Replicate: Prefer: wait", "google/imagen-4", { prompt: PROMPT }, "imagen-4"), headers: { prefer: "wait=30" }, answer: predicted, media: { output: "picture" } },
  { ...replicate("56 Replicate: by version", "google/imagen-4", { prompt: PROMPT }, "imagen-4"), path: "/replicate/v1/predictions", json: { version: "google/imagen-4", input: { prompt: PROMPT } } },

  runway("74 Create Video by Runway", { promptImage: PICTURE, model: "gen4_turbo", ratio: "1280:720", duration: 5, seed: 7 }, { config: { ...one, duration: 5 } }),
  runway("74 Create Video by Runway: data URI, ratio in words", { promptImage: "{given.picture}", model: "gen4_turbo", ratio: "9:16", duration: 10 }, { config: { ...one, duration: 10 } }),
  retired("74 Create Video by Runway: gen3a_turbo is gone", "/runwayml/v1/image_to_video", { promptText: "it rolls", promptImage: PICTURE, model: "gen3a_turbo", ratio: "1280:768", duration: 5, watermark: false }, exact({ error: z.string().regex(/Use "gen4_turbo" instead/) })),
  luma("76 Create Video by Luma", { model_name: "ray-v2", duration: "5s", resolution: "720p", aspect_ratio: "16:9", loop: false, expand_prompt: true }, "ray-v2", { config: { duration: 5, resolution: "720p" } }),
  luma("76 Create Video by Luma: frames", { model_name: "ray-v2", image_url: PICTURE, image_end_url: PICTURE }, "ray-v2", { config: { images: ["{given.picture}", "{given.picture}"] } }),
  luma("76 Create Video by Luma: ray-v1", { model_name: "ray-v1", duration: "5" }, "ray-v1", { config: { duration: 5 } }),
  luma("76 Create Video by Luma: ray-v3", { model_name: "ray-v3" }, "ray-v3"),
  pika("78 Create Video by Pika", { model: "2.0", options: { aspectRatio: 1.7777777777777777, frameRate: 24, camera: {}, parameters: { guidanceScale: 12, motion: 1, negativePrompt: "trees" }, extend: false } }, "pika-2.0"),
  pika("78 Create Video by Pika: effect", { model: "1.5", pikaffect: "Melt", image: PICTURE, options: { frameRate: 24, camera: {}, parameters: { guidanceScale: 12, motion: 1, negativePrompt: "" }, extend: false } }, "pika-1.5", { config: { ...one, pikaffect: "Melt" } }),
  pika("78 Create Video by Pika: a picture", { model: "2.0", pikaffect: "", image: PICTURE }, "pika-2.0", { config: one }),

  ...["veo2", "veo2-fast"].map((model) => veo(`80 Veo: Submit Video Request: ${model}`, { model, enhance_prompt: true })),
  ...["veo3", "veo3-fast", "veo3-pro"].map((model) => veo(`80 Veo: Submit Video Request: ${model}`, { model, enhance_prompt: false, aspect_ratio: "9:16", negative_prompt: "trees", seed: 7 })),
  veo("80 Veo: Submit Video Request: duration, resolution", { model: "veo3", duration: 8, resolution: "1080p", aspect_ratio: "16:9" }, { config: { duration: 8, resolution: "1080p" } }),
  veo("81 Submit Video Request with Frames: veo3-pro-frames", { model: "veo3-pro-frames", images: [PICTURE] }, { config: one }),
  ...["veo3-fast-frames", "veo2-fast-frames"].map((model) => veo(`81 Submit Video Request with Frames: ${model}`, { model, images: [PICTURE, PICTURE] }, { config: { images: ["{given.picture}", "{given.picture}"] } })),
  veo("81 Submit Video Request with Frames: veo2-fast-components", { model: "veo2-fast-components", images: [PICTURE, PICTURE, PICTURE] }, { config: { images: ["{given.picture}", "{given.picture}", "{given.picture}"] } }),

  hailuo("83 Hailuo: Submit Video Request", { model: "MiniMax-Hailuo-02", prompt_optimizer: true, duration: 6, resolution: "768P" }, { name: "hailuo", config: { duration: 6, resolution: "768P" } }),
  hailuo("83 Hailuo: Submit Video Request: first frame", { model: "MiniMax-Hailuo-02", first_frame_image: PICTURE, duration: 6, resolution: "1080P" }, { config: { ...one, duration: 6, resolution: "1080P" } }),
  hailuo("83 Hailuo: Submit Video Request: T2V-01, alias", { model: "T2V-01" }, { base: "minimaxi" }),
  hailuo("83 Hailuo: Submit Video Request: I2V-01", { model: "I2V-01", first_frame_image: PICTURE }, { config: one }),
  hailuo("83 Hailuo: Submit Video Request: S2V-01", { model: "S2V-01", subject_reference: [{ type: "character", image: [PICTURE] }] }, { config: one }),
  { page: "84 Get Video: files/retrieve", method: "GET", path: "/minimax/v1/files/retrieve?file_id={hailuo.ended.file_id}", from: "fields", answer: exact({ file: open({ file_id: some, download_url: some }), base_resp: fine }), media: { "file.download_url": "film" }, charge: "free" },

  seedance("85 Seedance: Submit Video Request", "doubao-seedance-1-0-pro-250528", [words(" --ratio 16:9 --rs 720p --dur 5 --cf false")], { config: { resolution: "720p", duration: 5 } }),
  seedance("85 Seedance: Submit Video Request: first frame", "doubao-seedance-1-0-pro-250528", [words(), frame("first_frame")], { config: one, base: "api/v3" }),
  seedance("85 Seedance: Submit Video Request: lite, text", "doubao-seedance-1-0-lite-t2v-250428", [words(" --rs 480p --dur 5")], { config: { resolution: "480p", duration: 5 } }),
  seedance("85 Seedance: Submit Video Request: lite, two frames", "doubao-seedance-1-0-lite-i2v-250428", [words(), frame("first_frame"), frame("last_frame")], { config: { images: ["{given.picture}", "{given.picture}"] } }),
];
