import { z } from "zod";
import { flag, type MediaDoc, notify, number, percent, shownState, text, unix, waiting } from "./endpoint.ts";

const wrapped = (data: z.ZodType) => z.object({ code: z.literal("success"), message: text, data });
const ordered = wrapped(text.describe("the task's id"));
const task = z.object({ task_id: text, notify_hook: text, action: text, status: shownState, fail_reason: text, submit_time: unix, start_time: unix, finish_time: unix, progress: percent, data: z.unknown().describe("clips or lyrics, as Suno tells them") });
const fetched = wrapped(task);

export const SUNO_DOC: MediaDoc = {
  id: "suno",
  shownId: "3f2a9c1e-5b7d-4e80-9a16-2c4d6e8f0a1b",
  error: z.object({ code: text, message: text, data: z.null() }),
  shared: { SunoTask: fetched },
  endpoints: [
    {
      method: "post",
      paths: ["/suno/submit/music"],
      summary: "Songs: of a description, of lyrics with tags and title, or on from a clip of an own task",
      priced: true,
      body: z.looseObject({ prompt: text.optional().describe("lyrics"), gpt_description_prompt: text.optional(), tags: text.optional(), title: text.optional(), mv: text.optional().describe("Suno's version"), make_instrumental: flag.optional(), task_id: text.optional(), continue_clip_id: text.optional(), continue_at: number.optional().describe("seconds"), ...notify }),
      answer: ordered,
      example: { name: "song", body: { gpt_description_prompt: "a song of stones" } },
    },
    { method: "get", paths: ["/suno/fetch/{id}"], summary: "A task with what it made", query: waiting, answer: fetched, example: { name: "songDone", params: { id: "{song.data}" }, query: { wait: "30" } } },
    { method: "post", paths: ["/suno/submit/lyrics"], summary: "Lyrics", priced: true, body: z.looseObject({ prompt: text.min(1).max(20_000), ...notify }), answer: ordered, example: { body: { prompt: "stones" } } },
    { method: "post", paths: ["/suno/submit/concat"], summary: "The whole song of a clip", priced: true, body: z.looseObject({ clip_id: text.min(1).max(100), ...notify }), answer: ordered, example: { body: { clip_id: "{songDone.data.data.0.id}" } } },
    { method: "post", paths: ["/suno/uploads/audio-url"], summary: "Takes sound in from an address", priced: true, body: z.looseObject({ url: text.max(2_000), ...notify }), answer: ordered, example: { body: { url: "https://example.com/stones.mp3" } } },
    { method: "post", paths: ["/suno/fetch"], summary: "Several tasks; those that are not there are left out", body: z.looseObject({ ids: z.array(text).max(100), action: text.optional() }), answer: wrapped(z.array(task)), example: { body: { ids: ["{song.data}"] } } },
  ],
};
