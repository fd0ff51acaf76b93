import { z } from "zod";
import { wholeNumber } from "../fields.ts";
import { flag, goesOn, type MediaDoc, notify, number, open, picture, PIXEL, SHORT_FILM, text, waiting } from "./endpoint.ts";
import { DREAM_INPUTS, LUMA_INPUTS } from "./inputs/films.ts";
import { shapeOf } from "./inputs/rule.ts";

const refused = z.object({ detail: z.union([text, z.array(z.object({ type: text, loc: z.array(text), msg: text, input: text }))]) });
const wrong = { 422: { why: "the request is wrong", body: refused } };
const UUID = "3f2a9c1e-5b7d-4e80-9a16-2c4d6e8f0a1b";
const lumaFile = z.looseObject({ url: text, width: number.nullable(), height: number.nullable() }).nullable();
const generation = z.looseObject({ id: text, prompt: text, state: z.enum(["pending", "processing", "completed", "failed"]), queue_state: text, created_at: text, video: lumaFile, thumbnail: lumaFile, failure_reason: text.optional() });
const dreamed = z.strictObject({
  id: text,
  generation_type: z.enum(["video", "image"]),
  state: z.enum(["queued", "dreaming", "completed", "failed"]),
  failure_reason: text.nullable(),
  created_at: text,
  assets: z.object({ video: text.optional(), image: text.optional() }).nullable(),
  model: text,
  request: open,
});

/** The documented door, in the words of Dream Machine's pages. */
export const LUMA_DOC: MediaDoc = {
  id: "luma",
  shownId: UUID,
  error: z.object({ detail: text }),
  shared: { LumaGeneration: generation },
  endpoints: [
    { method: "post", paths: ["/luma/generations"], summary: "A film of Luma's", priced: true, body: z.looseObject({ ...shapeOf(LUMA_INPUTS), model_name: text.optional().describe("ray-v2 if left out"), ...notify }), answer: generation, example: { name: "luma", body: { user_prompt: "a red stone" } } },
    { method: "get", paths: ["/luma/generations/{id}"], summary: "A film of Luma's; what was ordered at /luma/generations/video or /image is told in the words of Luma's own interface", query: waiting, answer: z.union([generation, dreamed]), further: wrong, example: { params: { id: "{luma.id}" }, query: { wait: "30" } } },
  ],
};

const at = (rest: string): string[] => [`/luma/dream-machine/v1/generations${rest}`, `/luma/generations${rest}`];
const ratio = z.enum(["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"]).optional();
const frame = z.union([z.looseObject({ type: z.literal("image"), url: picture }), z.looseObject({ type: z.literal("generation"), id: text })]).optional();
const reference = z.looseObject({ url: picture, weight: number.optional() });
const accepted = { 201: { why: "accepted, or whole where the caller waited for its end", body: dreamed } };
const common = { callback_url: text.max(2_000).optional().describe("a public https address that is told when the task has ended"), aspect_ratio: ratio };


/** What Luma has closed and nobody else makes: 410 says what to use instead. */
const closed = { ...wrong, 410: { why: "Luma has closed it; the text says what to use instead", body: z.object({ detail: text }) } };
const place = z.int().optional();

/** Luma's own interface, for `lumaai` and `@ai-sdk/luma`. */
export const DREAM_MACHINE_DOC: MediaDoc = {
  id: "dream-machine",
  shownId: UUID,
  error: refused,
  shared: { DreamMachineGeneration: dreamed },
  endpoints: [
    {
      method: "post",
      paths: [...at("/video"), "/luma/dream-machine/v1/generations"],
      summary: "A film, in the words of Luma's own interface",
      priced: true,
      body: z.looseObject({ model: text.max(100).describe("ray-2, ray-flash-2"), ...shapeOf(DREAM_INPUTS.video), keyframes: z.looseObject({ frame0: frame, frame1: frame }).optional(), ...common }),
      further: accepted,
      example: { name: "dreamed", body: { model: "ray-2", prompt: "a red stone", resolution: "540p" }, status: 201 },
    },
    {
      method: "post",
      paths: at("/image"),
      summary: "A picture, in the words of Luma's own interface",
      priced: true,
      body: z.looseObject({ model: text.max(100).describe("photon-1, photon-flash-1"), ...shapeOf(DREAM_INPUTS.image), sync: flag.optional().describe("the answer waits for the picture"), sync_timeout: number.optional().describe("seconds, 60 at most"), ...common }),
      further: accepted,
      example: { body: { model: "photon-flash-1", prompt: "a red stone", sync: true }, status: 201 },
    },
    {
      method: "post",
      paths: at("/video/reframe"),
      summary: "A film in another shape, made by fal; its price is that of the given film's length",
      priced: true,
      body: z.looseObject({ model: text.max(100).describe("ray-2, ray-flash-2"), media: z.looseObject({ url: text.describe("the film: a public address or a data: URI") }), prompt: text.max(5_000).optional(), first_frame: reference.optional(), grid_position_x: place, grid_position_y: place, x_start: place, x_end: place, y_start: place, y_end: place, ...common, aspect_ratio: z.enum(["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"]) }),
      further: accepted,
      example: { body: { generation_type: "reframe_video", model: "ray-flash-2", media: { url: SHORT_FILM }, aspect_ratio: "1:1" }, status: 201 },
    },
    { method: "post", paths: at("/video/modify"), summary: "Closed by Luma, and answered by us", body: open, further: closed, example: { body: { generation_type: "modify_video", model: "ray-2", media: { url: SHORT_FILM }, mode: "flex_1" }, status: 410 } },
    { method: "post", paths: at("/image/reframe"), summary: "Closed by Luma, and answered by us", body: open, further: closed, example: { body: { generation_type: "reframe_image", model: "photon-1", media: { url: PIXEL }, aspect_ratio: "1:1" }, status: 410 } },
    { method: "post", paths: at("/{id}/upscale"), summary: "Closed by Luma, and answered by us", body: open, further: closed, example: { params: { id: "{dreamed.id}" }, body: { resolution: "4k" }, status: 410 } },
    { method: "post", paths: at("/{id}/audio"), summary: "Closed by Luma, and answered by us", body: open, further: closed, example: { params: { id: "{dreamed.id}" }, body: { prompt: "waves" }, status: 410 } },
    { method: "get", paths: at("/concepts/list"), summary: "Closed by Luma, which told its concepts nowhere else", further: closed, example: { status: 410 } },
    { method: "get", paths: ["/luma/dream-machine/v1/credits", "/luma/credits"], summary: "What the key may still spend, in US cents", answer: z.strictObject({ credit_balance: number }), example: {} },
    { method: "get", paths: at(""), summary: "What was ordered in the words of Luma's own interface, newest first", query: z.object({ limit: wholeNumber(1, 100).optional(), offset: wholeNumber(0, 100_000).optional() }), answer: z.strictObject({ generations: z.array(dreamed), limit: z.int(), offset: z.int(), has_more: z.boolean() }), further: wrong, example: { query: { limit: "1" } } },
    { method: "get", paths: ["/luma/dream-machine/v1/generations/{id}"], summary: "A film or picture in those words", query: waiting, answer: dreamed, further: wrong, example: { params: { id: "{dreamed.id}" }, query: { wait: "30" } } },
    { method: "delete", paths: at("/{id}"), summary: "Stops a task, or hides one that has ended", query: waiting, further: { 204: { why: "done" }, ...goesOn(refused), ...wrong }, example: { params: { id: "{dreamed.id}" }, status: 204 } },
    { method: "get", paths: ["/luma/dream-machine/v1/ping", "/luma/ping"], summary: "Whether we are there and the key is good", answer: z.strictObject({ message: z.literal("pong") }), example: {} },
  ],
};
