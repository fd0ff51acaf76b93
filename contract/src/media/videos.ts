import { z } from "zod";
import { wholeNumber } from "../fields.ts";
import { file, flag, loose, type MediaDoc, notify, number, open, percent, prompt, text, unix, waiting } from "./endpoint.ts";

const binary = z.string().meta({ format: "binary" });
const video = z.looseObject({
  id: text,
  object: z.literal("video"),
  model: text,
  status: z.enum(["queued", "in_progress", "completed", "failed"]),
  progress: number,
  created_at: z.int(),
  completed_at: z.int().nullable(),
  expires_at: z.int().nullable(),
  prompt: z.unknown(),
  seconds: z.unknown(),
  size: z.unknown(),
  remixed_from_video_id: z.unknown(),
  error: z.object({ code: text, message: text }).nullable(),
  metadata: z.object({ url: text }).optional().describe("our copy"),
});
/** Members of an order of a film, by the names that clients of several vendors have for them (also `duration`, `ratio`, `audio`, `image`, `images`). */
const order = {
  prompt: text.max(32_000).optional().describe("may only be left out where a picture is given"),
  seconds: loose.optional(),
  size: text.optional().describe('"1280x720"'),
  resolution: text.optional(),
  aspect_ratio: text.optional(),
  negative_prompt: text.optional(),
  generate_audio: flag.optional(),
  mode: text.optional(),
  quality: text.optional(),
  style: text.optional(),
  seed: loose.optional(),
  fps: loose.optional(),
  n: loose.optional(),
  watermark: flag.optional(),
  enhance_prompt: flag.optional(),
  metadata: open.optional().describe("further members, laid below those beside it"),
  ...notify,
};
const asJson = { ...order, input_reference: z.unknown().optional().describe("an address, a data: URI, or an object with image_url or url"), last_frame: text.optional() };
const asForm = { ...order, metadata: text.optional().describe("a JSON object"), input_reference: binary.optional(), last_frame: text.optional() };
const spellings = (rest = ""): string[] => [`/v1/videos${rest}`, `/videos${rest}`];
const openAiError = z.object({ error: z.object({ message: text, type: text, param: text.nullable(), code: text.nullable() }).loose() });
const made = { id: "{video.id}" };
const usual = text.optional().describe("sora-2 if left out");

export const VIDEOS_DOC: MediaDoc = {
  id: "videos",
  shownId: "video_3f2a9c1e5b7d4e809a162c4d6e8f0a1b",
  error: openAiError,
  shared: { Video: video },
  endpoints: [
    { method: "post", paths: spellings(), summary: "A film of any model, in the words of OpenAI's videos", priced: true, body: z.looseObject({ model: usual, ...asJson }), form: z.looseObject({ model: usual, ...asForm }), answer: video, example: { name: "video", body: { model: "grok-video", prompt: "a red stone", seconds: "4" } } },
    { method: "get", paths: spellings("/{id}"), summary: "A film", query: waiting, answer: video, example: { params: made, query: { wait: "30" } } },
    { method: "get", paths: spellings(), summary: "The films that were ordered here", query: z.object({ limit: wholeNumber(1, 100).default(20), order: z.enum(["asc", "desc"]).default("desc"), after: text.optional().describe("the id of the last one of the page before") }), answer: z.object({ object: z.literal("list"), data: z.array(video), first_id: text.nullable(), last_id: text.nullable(), has_more: flag }), example: { query: { limit: "10" } } },
    { method: "get", paths: spellings("/{id}/content"), summary: "The file of a film, whole or a range of it", query: z.object({ variant: z.enum(["video", "thumbnail", "spritesheet"]).default("video") }).extend(waiting.shape), further: file, example: { params: made } },
    { method: "post", paths: spellings("/{id}/remix"), summary: "Another version of a film of OpenAI's", query: waiting, priced: true, body: z.looseObject({ prompt: prompt(32_000), ...notify }), form: z.looseObject({ prompt: prompt(32_000), ...notify }), answer: video, example: { name: "remix", params: { id: "{sora.id}" }, body: { prompt: "a blue stone" } } },
    { method: "delete", paths: spellings("/{id}"), summary: "Hides a film that has ended", query: waiting, answer: z.object({ id: text, object: z.literal("video.deleted"), deleted: z.literal(true) }), example: { params: made } },
  ],
};

const generations = (rest = ""): string[] => [`/v1/video/generations${rest}`, `/video/generations${rest}`];
const accepted = z.looseObject({ id: text, task_id: text, object: z.literal("video"), model: text, status: text, progress: number, created_at: z.int() });
const fetched = z.object({
  code: z.literal("success"),
  message: text,
  data: z.looseObject({ task_id: text, action: text, status: z.enum(["SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE"]), fail_reason: text, submit_time: unix, start_time: unix, finish_time: unix, progress: percent, data: open, url: text.optional(), format: text.optional() }),
});
const model = text.min(1).max(200);

export const VIDEO_GENERATIONS_DOC: MediaDoc = {
  id: "video",
  shownId: VIDEOS_DOC.shownId,
  error: z.object({ code: text, message: text, data: z.null() }),
  endpoints: [
    { method: "post", paths: generations(), summary: "A film of any model, as clients of New API order it", priced: true, body: z.looseObject({ model, ...asJson }), form: z.looseObject({ model, ...asForm }), answer: accepted, example: { name: "generation", body: { model: "grok-video", prompt: "a red stone", duration: 4 } } },
    { method: "get", paths: generations("/{id}"), summary: "A film, as New API's generic task", query: waiting, answer: fetched, example: { params: { id: "{generation.id}" }, query: { wait: "30" } } },
  ],
};

const google = (rest: string): string[] => ["/v1beta", "/v1"].map((version) => `${version}/${rest}`);
const inline = z.looseObject({ bytesBase64Encoded: text, mimeType: text });
const operation = z.looseObject({ name: text, done: flag.optional(), response: open.optional(), error: z.object({ code: z.int(), message: text }).optional() });
const GOOGLE_PICTURE = z.looseObject({ image: inline.optional() });

export const GEMINI_FILMS_DOC: MediaDoc = {
  id: "gemini",
  shownId: "k3v9x0q2m7n4b8c1d5f6g0h2j4",
  error: z.object({ error: z.looseObject({ code: z.int(), message: text, status: text }) }),
  shared: { GeminiOperation: operation },
  endpoints: [
    {
      method: "post",
      paths: google("models/{model}:predictLongRunning"),
      summary: "A film of any model, in the words of Google's Veo",
      priced: true,
      body: z.looseObject({
        instances: z.array(z.looseObject({ prompt: text.max(32_000).optional(), image: inline.optional(), lastFrame: inline.optional(), referenceImages: z.array(GOOGLE_PICTURE).optional(), video: open.optional() })).length(1),
        parameters: z.looseObject({ durationSeconds: loose.optional(), resolution: text.optional(), aspectRatio: text.optional(), negativePrompt: text.optional(), seed: loose.optional(), enhancePrompt: flag.optional(), sampleCount: z.literal(1).optional() }).optional(),
      }),
      answer: operation,
      example: { params: { model: "veo-3.0-fast-generate-001" }, body: { instances: [{ prompt: "a red stone" }] } },
    },
    {
      method: "post",
      paths: google("models/{model}:predict"),
      summary: "Pictures, in the words of Google's Imagen: the answer waits for them",
      priced: true,
      body: z.looseObject({ instances: z.array(z.looseObject({ prompt: prompt(32_000) })).length(1), parameters: z.looseObject({ sampleCount: loose.optional().describe("1 to 8"), aspectRatio: text.optional(), sampleImageSize: text.optional(), negativePrompt: text.optional(), seed: loose.optional(), outputOptions: open.optional() }).optional() }),
      answer: z.object({ predictions: z.array(z.object({ mimeType: text, bytesBase64Encoded: text })) }),
      example: { params: { model: "nano-banana-2" }, body: { instances: [{ prompt: "a red stone" }], parameters: { sampleImageSize: "1K" } } },
    },
    { method: "get", paths: [...google("models/{model}/operations/{id}"), ...google("operations/{id}")], summary: "An operation: done or not, and then where its files are", query: waiting, answer: operation },
    { method: "get", paths: google("files/{name}:download"), summary: "The file of a film, whole or a range of it", further: file },
  ],
};
