import { z } from "zod";
import { wholeNumber } from "../fields.ts";
import { goesOn, type MediaDoc, type MediaEndpoint, notify, number, open, text, waiting } from "./endpoint.ts";
import { HAILUO_INPUTS, PIKA_INPUTS, SEEDANCE_INPUTS } from "./inputs/films.ts";
import { KLING_INPUTS } from "./inputs/kling.ts";
import { rulesFor, shapeOf } from "./inputs/rule.ts";
import { RUNWAY_INPUTS } from "./inputs/runway.ts";

const UUID = "3f2a9c1e-5b7d-4e80-9a16-2c4d6e8f0a1b";
const DIGITS = "17342981650927364518290374651827";

const klingData = z.looseObject({
  task_id: text,
  task_status: z.enum(["submitted", "processing", "succeed", "failed"]),
  task_status_msg: text.optional(),
  task_info: z.looseObject({ external_task_id: z.unknown().optional() }),
  created_at: z.int().describe("Unix milliseconds"),
  updated_at: z.int(),
  task_result: z.looseObject({ videos: z.array(open).optional(), images: z.array(open).optional() }).optional(),
});
const klingTask = z.looseObject({ code: z.literal(0), message: text, request_id: text, data: klingData });
const klingList = z.looseObject({ code: z.literal(0), message: text, request_id: text, data: z.array(klingData) });
const pages = z.object({ pageNum: wholeNumber(1, 1_000).optional().describe("1 unless told"), pageSize: wholeNumber(1, 500).optional().describe("30 unless told") });
const STONE = "https://example.com/stone.jpg";
const ofKling = (path: keyof typeof KLING_INPUTS, summary: string, body: object): MediaEndpoint[] => {
  const name = path.replaceAll(/\W/g, "_");
  return [
    { method: "post", paths: [`/kling/v1/${path}`], summary, priced: true, body: z.looseObject({ ...shapeOf(KLING_INPUTS[path]), ...notify }), answer: klingTask, example: { name, body } },
    { method: "get", paths: [`/kling/v1/${path}/{id}`], summary: `${summary}: the task`, query: waiting, answer: klingTask, example: { params: { id: `{${name}.task_id}` }, query: { wait: "30" } } },
    { method: "get", paths: [`/kling/v1/${path}`], summary: `${summary}: the account's tasks, newest first`, query: pages, answer: klingList, example: { query: { pageNum: "1", pageSize: "2" } } },
  ];
};

export const KLING_DOC: MediaDoc = {
  id: "kling",
  shownId: DIGITS,
  error: z.object({ code: z.int(), message: text, request_id: text }),
  shared: { KlingTask: klingTask },
  endpoints: [
    ...ofKling("videos/text2video", "A film of Kling's, of a text", { model_name: "kling-v2-master", prompt: "a red stone", duration: "5" }),
    ...ofKling("videos/image2video", "A film of Kling's, of its first or last frame", { image: STONE, prompt: "a red stone" }),
    ...ofKling("images/generations", "Pictures of Kling's", { prompt: "a red stone" }),
    ...ofKling("images/kolors-virtual-try-on", "A cloth put on a person", { human_image: STONE, cloth_image: STONE }),
  ],
};

const runwayError = z.object({ error: text });
const runwayTask = z.looseObject({ id: text, status: z.enum(["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]), createdAt: text, progress: number.optional(), output: z.array(text).optional(), failure: text.optional(), failureCode: text.optional() });
const idOnly = z.object({ id: text });
const ofRunway = (path: keyof typeof RUNWAY_INPUTS, summary: string, body: object, name?: string): MediaEndpoint => ({ method: "post", paths: [`/runwayml/v1/${path}`], summary, priced: true, body: z.looseObject({ model: text.min(1).max(100), ...shapeOf(rulesFor("", RUNWAY_INPUTS[path])), ...notify }), answer: idOnly, example: { ...(name === undefined ? {} : { name }), body } });

export const RUNWAY_DOC: MediaDoc = {
  id: "runway",
  shownId: UUID,
  error: runwayError,
  shared: { RunwayTask: runwayTask },
  endpoints: [
    ofRunway("image_to_video", "A film of Runway's, of a picture", { model: "gen4_turbo", promptImage: "https://example.com/stone.jpg", promptText: "it rolls", duration: 5 }, "runway"),
    ofRunway("text_to_video", "A film of Runway's, of a text", { model: "veo3.1", promptText: "a red stone", duration: 8 }),
    ofRunway("text_to_image", "A picture of Runway's", { model: "gen4_image", promptText: "a red stone" }),
    { method: "get", paths: ["/runwayml/v1/tasks/{id}"], summary: "A task of Runway's", query: waiting, answer: runwayTask, example: { params: { id: "{runway.id}" }, query: { wait: "30" } } },
    { method: "delete", paths: ["/runwayml/v1/tasks/{id}"], summary: "Stops a task, or hides one that has ended", query: waiting, further: { 204: { why: "done" }, ...goesOn(runwayError) }, example: { params: { id: "{runway.id}" }, status: 204 } },
  ],
};


const feed = z.looseObject({ id: text, promptText: text, videos: z.array(z.looseObject({ id: text, status: z.enum(["queued", "started", "finished", "error"]), resultUrl: text, progress: number, error: text })) });
export const PIKA_DOC: MediaDoc = {
  id: "pika",
  shownId: UUID,
  error: z.object({ detail: text }),
  endpoints: [
    {
      method: "post",
      paths: ["/pika/generate"],
      summary: "A film of Pika's, or an effect done to a picture",
      priced: true,
      body: z.looseObject({ ...shapeOf(PIKA_INPUTS), ...notify }),
      answer: idOnly,
      example: { name: "pika", body: { promptText: "a red stone" } },
    },
    { method: "get", paths: ["/pika/feed/{id}"], summary: "A film of Pika's", query: waiting, answer: feed, example: { params: { id: "{pika.id}" }, query: { wait: "30" } } },
  ],
};

const base_resp = z.object({ status_code: z.int(), status_msg: text });
const minimax = (path: string): string[] => [`/minimax/v1/${path}`, `/minimaxi/v1/${path}`];
export const HAILUO_DOC: MediaDoc = {
  id: "hailuo",
  shownId: DIGITS,
  error: z.object({ base_resp }),
  endpoints: [
    {
      method: "post",
      paths: minimax("video_generation"),
      summary: "A film of MiniMax'",
      priced: true,
      body: z.looseObject({ model: text.min(1).max(100), ...shapeOf(rulesFor("", HAILUO_INPUTS)), ...notify }),
      answer: z.object({ task_id: text, base_resp }),
      example: { name: "hailuo", body: { model: "MiniMax-Hailuo-02", prompt: "a red stone" } },
    },
    { method: "get", paths: minimax("query/video_generation"), summary: "A film of MiniMax'", query: z.object({ task_id: text }).extend(waiting.shape), answer: z.looseObject({ task_id: text, status: z.enum(["Preparing", "Queueing", "Processing", "Success", "Fail"]), file_id: text, video_width: number, video_height: number, download_url: text.optional(), base_resp }), example: { query: { task_id: "{hailuo.task_id}", wait: "30" } } },
    { method: "get", paths: minimax("files/retrieve"), summary: "Where the file of a film is; its id is its task's", query: z.object({ file_id: text }).extend(waiting.shape), answer: z.object({ file: z.looseObject({ file_id: text, bytes: z.int(), created_at: z.int(), filename: text, download_url: text }), base_resp }), example: { query: { file_id: "{hailuo.task_id}" } } },
  ],
};

const ark = (rest = ""): string[] => ["/seedance/v3", "/seedance/api/v3"].map((base) => `${base}/contents/generations/tasks${rest}`);
const arkError = z.object({ error: z.object({ code: text, message: text, param: text, type: text }) });
const arkTask = z.looseObject({ id: text, model: z.unknown(), status: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]), content: z.looseObject({ video_url: text.optional(), last_frame_url: text.optional() }).optional(), usage: z.object({ completion_tokens: number, total_tokens: number }).optional(), error: z.object({ code: text, message: text }).nullable(), created_at: z.int(), updated_at: z.int() });
export const SEEDANCE_DOC: MediaDoc = {
  id: "seedance",
  shownId: UUID,
  error: arkError,
  shared: { SeedanceTask: arkTask },
  endpoints: [
    {
      method: "post",
      paths: ark(),
      summary: "A film of Seedance's",
      priced: true,
      body: z.looseObject({ model: text.min(1).max(100), ...shapeOf(SEEDANCE_INPUTS), service_tier: z.literal("default").optional(), ...notify }),
      answer: idOnly,
      example: { name: "seedance", body: { model: "doubao-seedance-1-0-pro-250528", content: [{ type: "text", text: "a red stone --duration 5" }] } },
    },
    { method: "get", paths: ark("/{id}"), summary: "A film of Seedance's", query: waiting, answer: arkTask, example: { params: { id: "{seedance.id}" }, query: { wait: "30" } } },
    { method: "delete", paths: ark("/{id}"), summary: "Stops a film, or hides one that has ended", query: waiting, answer: z.strictObject({}), further: goesOn(arkError), example: { params: { id: "{seedance.id}" } } },
  ],
};
