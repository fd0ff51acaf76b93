import { z } from "zod";
import { serverSentEvent, wholeNumber } from "../fields.ts";
import { flag, goesOn, loose, type MediaDoc, notify, number, open, percent, picture, prompt, shownState, text, unix, waiting } from "./endpoint.ts";
import { VEO_INPUTS } from "./inputs/films.ts";
import { rulesFor, shapeOf } from "./inputs/rule.ts";

const given = z.array(text.describe("an http address or a data: URI")).max(16).nullish();
const said = text.nullish();

/** `config` of an order in nobody's words. The door knows these members; one that neither it nor the model knows is ignored, and the answer says so in `warnings`. */
export const TASK_CONFIG = z.looseObject({
  images: given.describe("the first is worked on, the others are to go by"),
  videos: given,
  audios: given,
  mask: picture.optional(),
  aspect_ratio: said,
  duration: loose.nullish().describe("seconds"),
  size: said.describe('"1024x1024", or a word of the model such as "2K"'),
  resolution: said,
  mode: said,
  quality: said,
  background: said,
  negative_prompt: said,
  style: said,
  output_format: said,
  voice: said,
  language: said,
  n: loose.nullish().describe("how many"),
  seed: loose.nullish(),
  fps: loose.nullish(),
  enhance_prompt: flag.nullish(),
  audio: flag.nullish().describe("a film with sound"),
  watermark: flag.nullish(),
  task_id: said.describe("a task of the account that this one goes on from"),
  index: z.unknown(),
  custom_id: z.unknown(),
  clip_id: z.unknown(),
  is_infill: z.unknown(),
  continue_at: z.unknown(),
  upscale_factor: z.unknown(),
  sequential_image_generation: z.unknown(),
  google_search: z.unknown(),
  thinking: z.unknown(),
  motion: z.unknown(),
  dimensions: z.unknown(),
  pikaffect: z.unknown(),
});

const order = z.looseObject({ model: text.min(1).max(200).describe("a name of GET /v1/models"), prompt: prompt(100_000).optional(), config: TASK_CONFIG.nullish(), ...notify });

const made = z.array(z.strictObject({ url: text, duration: number.optional().describe("seconds"), content_type: text.optional() })).optional();
const result = z
  .strictObject({
    videos: made,
    images: made,
    audio: made,
    text: text.optional(),
    url: text.optional().describe("the main result"),
    buttons: z.array(open).optional().describe("what may be done with it, as Midjourney has it"),
    note: z.literal("temporary link").optional(),
    url_expires_at: text.optional().describe('UTC, "2026-11-25 11:00:00"'),
    expires_at: z.int().optional().describe("the same in Unix seconds"),
  })
  .describe("empty until the task has succeeded");

/** A task as `/task` shows it, whatever door it came in by. */
export const taskView = z.strictObject({
  task_id: text,
  status: shownState,
  progress: percent,
  err_reason: text.optional().describe("why it failed"),
  submit_time: unix,
  finish_time: unix,
  message: text,
  task_result: result,
});

const warnings = z.array(text).optional();
const acceptedTask = z.strictObject({ task_id: text, status: z.literal("SUBMITTED"), progress: percent, submit_time: unix, message: text, warnings });
/** The answer to an order: accepted, or the whole task where the caller waited for its end. */
export const taskAccepted = z.union([acceptedTask, taskView.extend({ warnings })]);
export const taskError = z.strictObject({ error: text, code: text.optional() });

const listed = z.strictObject({ has_more: flag, data: z.array(taskView.extend({ model: text, platform: text, action: text })) });
const quoted = z.strictObject({
  model: text,
  price_usd: number,
  most_usd: number.describe("held until the end, when it is not known before what will be made"),
  price_version: text,
  options: z.record(text, z.union([text, number, flag])).describe("what the price looked at, with the model's defaults"),
  lines: z.array(z.strictObject({ class: text, units: number, amount_usd: number })),
  warnings,
});
const moment = z.int().nullable().describe("Unix seconds");
const told = z.strictObject({
  data: z.array(z.strictObject({ id: text, url: text, status: text, attempts: z.int(), response_status: z.int().nullable(), error: text.nullable(), created_at: z.int(), delivered_at: moment, given_up_at: moment })),
});

const ORDER = { model: "nano-banana-2", prompt: "a red stone", config: { size: "1K" } };
const DONE = { id: "{task.task_id}" };

export const TASK_DOC: MediaDoc = {
  id: "task",
  shownId: "3f2a9c1e-5b7d-4e80-9a16-2c4d6e8f0a1b",
  error: taskError,
  shared: { Task: taskView, AcceptedTask: taskAccepted },
  endpoints: [
    { method: "post", paths: ["/task/submit"], summary: "Orders pictures, films or sound of any model", priced: true, body: order, answer: taskAccepted, example: { name: "task", body: ORDER } },
    { method: "post", paths: ["/task/quote"], summary: "The price of an order that is not made", body: order, answer: quoted, example: { body: ORDER } },
    { method: "get", paths: ["/task/{id}"], summary: "A task, whatever door it came in by", query: waiting, answer: taskView, example: { params: DONE, query: { wait: "30" } } },
    {
      method: "get",
      paths: ["/task"],
      summary: "The account's tasks, newest first",
      query: z.object({ before: text.min(1).max(100).optional().describe("Unix seconds, or the id of a task: those that were submitted before it"), status: z.enum(["NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "SUCCESS", "FAILURE", "CANCELLED"]).optional(), limit: wholeNumber(1, 100).default(20) }),
      answer: listed,
      example: { query: { status: "SUCCESS", limit: "10" } },
    },
    { method: "get", paths: ["/task/webhook-secret"], summary: "What notices are signed with", answer: z.strictObject({ secret: text }), example: {} },
    {
      method: "get",
      paths: ["/task/{id}/events"],
      summary: "A task as it changes, until it has ended: each event is named progress or end and holds the whole task",
      further: { 200: { why: "a stream of events", type: "text/event-stream", body: serverSentEvent } },
      example: { params: DONE },
    },
    { method: "get", paths: ["/task/{id}/deliveries"], summary: "How the caller's own address was told of a task", query: waiting, answer: told, example: { params: DONE } },
    { method: "post", paths: ["/task/{id}/cancel"], summary: "Stops a task; one that has ended stays as it is", query: waiting, answer: taskView, further: { 202: { why: "its order is on its way: it is stopped as soon as its vendor has answered", body: taskView }, ...goesOn(taskError) }, example: { params: DONE } },
    { method: "delete", paths: ["/task/{id}"], summary: "Hides a task that has ended", query: waiting, answer: z.strictObject({ task_id: text, deleted: z.literal(true) }), further: { 409: { why: "the task has not ended", body: taskError } }, example: { params: DONE } },
  ],
};

const VEO = "/veo/v1/videos/generations";
export const VEO_DOC: MediaDoc = {
  id: "veo",
  shownId: TASK_DOC.shownId,
  error: taskError,
  endpoints: [
    {
      method: "post",
      paths: [VEO],
      summary: "A film of Veo's",
      priced: true,
      body: z.looseObject({
        model: text.regex(/^veo/), prompt: prompt(10_000), images: z.array(picture).max(3).optional(), ...shapeOf(rulesFor("", VEO_INPUTS)), ...notify,
      }),
      answer: taskAccepted,
      example: { name: "veo", body: { model: "veo3-fast", prompt: "a red stone" } },
    },
    { method: "get", paths: [`${VEO}/{id}`], summary: "A film of Veo's, as /task shows it", query: waiting, answer: taskView, example: { params: { id: "{veo.task_id}" }, query: { wait: "30" } } },
  ],
};
