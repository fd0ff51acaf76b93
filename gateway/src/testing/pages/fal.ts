/** fal's models, pages 89 to 101. The answer to `GET /fal-ai/{task_id}` has exactly the nine members of the documented example. */
import { z } from "zod";
import { exact, type MediaKind, open, type Page, retired, seconds, some, uuid } from "./page.ts";

const File = exact({ url: some, content_type: some.optional(), file_name: some.optional(), file_size: z.int().nullable().optional(), width: z.int().nullable().optional(), height: z.int().nullable().optional() });
/** As the example has it: `{content_type, file_name, file_size, url}` and nothing else. */
const ExampleFile = exact({ content_type: z.literal("image/png"), file_name: some, file_size: z.int().positive(), url: some });
const images = z.array(File).min(1);

const nine = (action: string, state: object) => ({ action: z.literal(action), platform: z.literal("fal-ai"), submit_time: seconds, task_id: uuid, ...state });
const submittedAs = (action: string) => exact(nine(action, { data: z.null(), finish_time: z.literal(0), message: z.literal("YEScale - FalAI Submit"), progress: z.literal("10%"), status: z.literal("SUBMITTED") }) as z.core.$ZodLooseShape);
const endedAs = (action: string, data: z.ZodType) => exact(nine(action, { data, finish_time: seconds, message: z.literal("YEScale - FalAI Fetch"), progress: z.literal("100%"), status: z.literal("SUCCESS") }) as z.core.$ZodLooseShape);

interface Model {
  slug: string;
  json: object;
  data: z.ZodType;
  media: Readonly<Record<string, MediaKind>>;
  config?: object;
  path?: string;
}
function model(page: string, { slug, json, data, media, config = {}, path = `/fal-ai/${slug}` }: Model): Page {
  const action = `fal-${slug.replaceAll("/", "-")}`;
  const prompt = (json as { prompt?: string; text?: string }).prompt ?? (json as { text?: string }).text;
  return {
    page, method: "POST", path, from: "fields", json, answer: submittedAs(action),
    ended: { page: "101 Get FAL-AI tasks", fetch: "/fal-ai/{task_id}", id: "task_id", answer: endedAs(action, data), media: Object.fromEntries(Object.entries(media).map(([at, kind]) => [`data.${at}`, kind])) },
    quote: { model: action, ...(prompt === undefined ? {} : { prompt }), config },
  };
}

const PROMPT = "a red stone";
const PICTURE = "{picture.task.task_result.url}";
const FILM = "{film.task.task_result.url}";
const IMAGES = { "images[].url": "picture" } as const;
const one = { images: ["{given.picture}"] };
const SPOKEN = { data: exact({ audio: File, duration_ms: z.int().positive() }), media: { "audio.url": "sound" } } as const;
const VOICED = { data: exact({ audio: File }).extend({ timestamps: z.null().optional() }), media: { "audio.url": "sound" } } as const;
const VIDEO = { data: exact({ video: File }), media: { "video.url": "film" } } as const;

/** fal's own form of a job (https://docs.fal.ai/model-endpoints/queue). */
const job = { request_id: uuid, response_url: some, status_url: some, cancel_url: some };
const queued = (page: string, path: string, headers: Readonly<Record<string, string>>): Page => ({
  page, method: "POST", path, headers: { authorization: "Key {given.key}", ...headers }, as: "nobody", from: "fields", json: { prompt: PROMPT }, answer: exact({ ...job, status: z.literal("IN_QUEUE"), queue_position: z.int().nonnegative() }),
  ended: { fetch: "/fal-ai/recraft/requests/{request_id}/status", id: "request_id", answer: open({ ...job, status: z.literal("COMPLETED") }) }, quote: { model: "fal-recraft-v3-text-to-image", prompt: PROMPT },
});

export const FAL_PAGES: readonly Page[] = [
  // The example's own: a remix with two pictures and that seed.
  model("89 Ideogram/v3/remix: the example of 101 Get FAL-AI tasks", { slug: "ideogram/v3/remix", json: { prompt: PROMPT, image_url: PICTURE, num_images: 2, seed: 888_373_813 }, data: exact({ images: z.array(ExampleFile).length(2), seed: z.literal(888_373_813) }), media: IMAGES, config: { ...one, n: 2 } }),
  model("89 Ideogram/v3/remix", { slug: "ideogram/v3/remix", json: { prompt: PROMPT, image_url: PICTURE, strength: 0.8, image_urls: [PICTURE], rendering_speed: "QUALITY", style: "DESIGN", expand_prompt: true, num_images: 1, image_size: "square_hd", negative_prompt: "trees" }, data: exact({ images, seed: z.int() }), media: IMAGES, config: { ...one, rendering_speed: "QUALITY" } }),
  model("90 Flux-pro/kontext/max", { slug: "flux-pro/kontext/max", json: { prompt: PROMPT, image_url: PICTURE, guidance_scale: 3.5, num_images: 1, output_format: "png", safety_tolerance: "2", aspect_ratio: "16:9", seed: 7 }, data: open({ images, seed: z.int(), has_nsfw_concepts: z.array(z.boolean()), prompt: some, timings: open({}) }), media: IMAGES, config: one }),
  model("91 Fal-recraft-v3-text-to-image", { slug: "recraft/v3/text-to-image", json: { prompt: PROMPT, image_size: "square_hd", style: "realistic_image", colors: [{ r: 200, g: 10, b: 10 }] }, data: exact({ images }), media: IMAGES }),
  model("91 Fal-recraft-v3-text-to-image: slug with fal-ai/", { slug: "recraft/v3/text-to-image", path: "/fal-ai/fal-ai/recraft/v3/text-to-image", json: { prompt: PROMPT }, data: exact({ images }), media: IMAGES }),
  model("92 Fal-recraft-v3-image-to-image", { slug: "recraft/v3/image-to-image", json: { prompt: PROMPT, image_url: PICTURE, strength: 0.5, style: "realistic_image", negative_prompt: "trees" }, data: exact({ images }), media: IMAGES, config: one }),
  retired("93 Fal-bytedance-seededit-v3-edit-image: the model is gone", "/fal-ai/bytedance/seededit/v3/edit-image", { prompt: PROMPT, image_url: PICTURE, guidance_scale: 0.5, seed: 7 }, exact({ error: z.string().regex(/Use "[^"]+" instead/), code: z.literal("model_not_found") })),
  ...["minimax/speech-02-hd", "minimax/speech-02-turbo"].map((slug, index) => model(`${94 + index} ${slug.replace("m", "M")}`, { slug, json: { text: "A red stone.", voice_setting: { voice_id: "Wise_Woman", speed: 1, vol: 1, pitch: 0, emotion: "happy" }, audio_setting: { sample_rate: 32_000, bitrate: 128_000, format: "mp3", channel: 1 }, language_boost: "Vietnamese" }, ...SPOKEN })),
  ...["elevenlabs/tts/turbo-v2.5", "elevenlabs/tts/multilingual-v2"].map((slug, index) => model(`${96 + index} ${slug.replace("e", "E")}`, { slug, json: { text: "A red stone.", voice: "Rachel", stability: 0.5, similarity_boost: 0.75, style: 0, speed: 1, ...(index === 0 ? { language_code: "vi" } : {}) }, ...VOICED })),
  model("98 Topaz/upscale/video: a film of the sandbox", { slug: "topaz/upscale/video", json: { video_url: FILM, upscale_factor: 2 }, ...VIDEO, config: { videos: [FILM], upscale_factor: 2 } }),
  model("98 Topaz/upscale/video: frames", { slug: "topaz/upscale/video", json: { video_url: FILM, target_fps: 60 }, ...VIDEO, config: { videos: [FILM], target_fps: 60 } }),
  ...["ray-2-flash", "ray-2"].map((name, index) => model(`${99 + index} Luma-dream-machine/${name}/reframe: a film of the sandbox`, { slug: `luma-dream-machine/${name}/reframe`, json: { video_url: FILM, aspect_ratio: "9:16", prompt: PROMPT, grid_position_x: 0, grid_position_y: 0 }, ...VIDEO, config: { videos: [FILM], aspect_ratio: "9:16" } })),
  {
    page: "6.1 fal's own clients: the model's output at once", method: "POST", path: "/fal-ai/recraft/v3/text-to-image", headers: { authorization: "Key {given.key}" }, as: "nobody", from: "fields", json: { prompt: PROMPT }, answer: exact({ images }), media: IMAGES,
    quote: { model: "fal-recraft-v3-text-to-image", prompt: PROMPT },
  },
  queued("6.1 fal's own clients: its queue", "/fal-ai/recraft/v3/text-to-image", { "x-fal-queue-priority": "normal" }),
  queued("6.1 fal's own clients: by their proxy", "/fal/proxy", { "x-fal-target-url": "https://queue.fal.run/fal-ai/recraft/v3/text-to-image", "x-fal-queue-priority": "normal" }),
];
