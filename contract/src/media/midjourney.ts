import { z } from "zod";
import { goesOn, type MediaDoc, type MediaEndpoint, notify, open, OTHER_PIXEL, percent, picture, PIXEL, prompt, text, waiting } from "./endpoint.ts";

const spellings = (path: string): string[] => ["", "/mj-fast", "/mj-relax", "/mj-turbo"].map((speed) => `${speed}/mj${path}`);

const said = z.object({ code: z.int().describe("1: accepted"), description: text, result: z.unknown().describe("the task's id"), properties: open });
const millis = z.int().describe("Unix milliseconds; 0: not yet");
const task = z.looseObject({
  id: text,
  action: text,
  customId: text,
  botType: text,
  prompt: text,
  promptEn: text,
  description: text,
  state: text,
  submitTime: millis,
  startTime: millis,
  finishTime: millis,
  imageUrl: text,
  videoUrl: text.optional(),
  videoUrls: z.array(z.object({ url: text })).optional(),
  status: z.enum(["NOT_START", "SUBMITTED", "IN_PROGRESS", "SUCCESS", "FAILURE", "MODAL"]),
  progress: percent,
  failReason: text,
  buttons: z.array(open),
  maskBase64: text,
  properties: open,
});

const common = { state: text.max(255).optional().describe("comes back as it is"), botType: z.enum(["MID_JOURNEY", "NIJI_JOURNEY"]).optional(), accountFilter: z.looseObject({ modes: z.array(text).optional() }).optional().describe("the speed, where the address says none: FAST, RELAX or TURBO"), ...notify };
const taskId = text.min(1).max(100);
const uri = picture.describe("a data: URI of a picture");
const words = prompt(8_192);

const submit = (path: string, summary: string, members: z.ZodRawShape, example: MediaEndpoint["example"], paths = spellings(path)): MediaEndpoint => ({ method: "post", paths, summary, priced: true, body: z.looseObject({ ...members, ...common }), answer: said, ...(example ? { example } : {}) });
const DONE = { id: "{grid.result}" };

/** Midjourney, in the words of midjourney-proxy; each address also says the speed in front. */
const failed = z.object({ code: z.int(), description: text, type: text, result: text, properties: open });

export const MIDJOURNEY_DOC: MediaDoc = {
  id: "mj",
  shownId: "17342981650927364518290374651827",
  error: failed,
  shared: { MidjourneyAnswer: said, MidjourneyTask: task },
  endpoints: [
    submit("/submit/imagine", "A grid of four pictures", { prompt: words, base64Array: z.array(uri).max(5).optional() }, { name: "grid", body: { prompt: "a red stone" } }),
    { method: "get", paths: [...spellings("/task/{id}/fetch"), ...spellings("/task/{id}")], summary: "A task", query: waiting, answer: task, example: { name: "gridDone", params: DONE, query: { wait: "30" } } },
    submit("/submit/blend", "A picture of two to five others", { base64Array: z.array(uri).min(2).max(5), dimensions: z.enum(["PORTRAIT", "SQUARE", "LANDSCAPE"]).optional() }, { body: { base64Array: [PIXEL, OTHER_PIXEL] } }),
    submit("/submit/describe", "Prompts that a picture could be of: by base64 or link", { base64: uri.optional(), link: text.optional() }, { body: { base64: PIXEL } }),
    submit("/submit/shorten", "What matters of a prompt", { prompt: words }, { body: { prompt: "a very red stone" } }),
    submit("/submit/edits", "A picture changed", { prompt: words }, { body: { prompt: "a blue stone", image: PIXEL } }, [...spellings("/submit/edits"), ...spellings("/submit/edit")]),
    submit("/submit/change", "An upscale or variation of one of four, or the grid anew", { taskId, action: z.enum(["UPSCALE", "VARIATION", "REROLL"]), index: z.int().min(1).max(4).optional() }, { body: { taskId: "{grid.result}", action: "UPSCALE", index: 1 } }),
    submit("/submit/simple-change", "The same in one text", { content: text.max(200).describe("a task and U1 to U4, V1 to V4 or R") }, { body: { content: "{grid.result} V1" } }),
    submit("/submit/action", "What a button of a task does", { taskId, customId: text.min(1).max(500) }, { body: { taskId: "{grid.result}", customId: "{gridDone.buttons.0.customId}" } }),
    submit("/submit/modal", "Confirms the window that a button has opened", { taskId, prompt: text.optional(), maskBase64: text.optional() }, { body: { taskId: "{window.result}", prompt: "a red stone" } }),
    submit("/submit/video", "A film of a picture, or a longer one", { image: text.optional(), prompt: text.optional(), motion: z.enum(["low", "high"]).optional(), action: z.literal("extend").optional(), taskId: taskId.optional(), index: z.int().min(0).max(3).optional(), batchSize: z.union([z.literal(1), z.literal(2), z.literal(4)]).optional(), videoType: z.enum(["vid_1.1_i2v_480", "vid_1.1_i2v_720"]).optional() }, { body: { image: PIXEL, motion: "low" } }),
    submit("/insight-face/swap", "A face put into a picture", { sourceBase64: uri, targetBase64: uri }, { body: { sourceBase64: PIXEL, targetBase64: OTHER_PIXEL } }),
    { method: "post", paths: spellings("/submit/upload-discord-images"), summary: "Keeps pictures, whose addresses prompts may begin with; costs nothing", body: z.looseObject({ base64Array: z.array(uri).min(1).max(5) }), answer: z.object({ code: z.literal(1), description: text, properties: open, result: z.array(text) }), example: { body: { base64Array: [PIXEL] } } },
    { method: "post", paths: spellings("/task/list-by-condition"), summary: "Several tasks; those that are not there are left out", body: z.looseObject({ ids: z.array(text).max(100) }), answer: z.array(task), example: { body: { ids: ["{grid.result}"] } } },
    { method: "post", paths: spellings("/task/{id}/cancel"), summary: "Stops a task", query: waiting, answer: said, further: goesOn(failed), example: { params: DONE } },
    { method: "get", paths: spellings("/task/{id}/image-seed"), summary: "The seed of a picture", query: waiting, answer: said, further: { 502: { why: "Midjourney does not tell it", body: open } }, example: { params: DONE } },
    { method: "get", paths: spellings("/image/{id}"), summary: "The picture of a task", query: waiting, further: { 302: { why: "where the picture is" } }, example: { params: DONE, status: 302 } },
  ],
};
