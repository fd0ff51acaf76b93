/** Suno: pages 104 to 106. */
import { z } from "zod";
import { exact, type MediaKind, open, type Page, seconds, some, text, uuid } from "./page.ts";

const submitted = exact({ code: z.literal("success"), message: z.literal(""), data: uuid });
const clip = open({
  id: some, title: text, status: z.literal("complete"), audio_url: some, video_url: text, image_url: some, image_large_url: some, model_name: some, created_at: some,
  metadata: open({ tags: text.nullable(), prompt: text.nullable(), duration: z.number().positive(), gpt_description_prompt: text.nullish() }),
});
const task = (action: "MUSIC" | "LYRICS", data: z.ZodType) => exact({ task_id: uuid, notify_hook: text, action: z.literal(action), status: z.literal("SUCCESS"), fail_reason: z.literal(""), submit_time: seconds, start_time: seconds, finish_time: seconds, progress: z.literal("100%"), data });
const fetched = (action: "MUSIC" | "LYRICS", data: z.ZodType) => exact({ code: z.literal("success"), message: z.literal(""), data: task(action, data) });
const clips = z.array(clip).length(2);
const lyrics = exact({ id: some, status: some, title: text, text: some });
const CLIPS: Readonly<Record<string, MediaKind>> = { "data.data[].audio_url": "sound", "data.data[].image_url": "picture", "data.data[].image_large_url": "picture", "data.data[].video_url": "film" };

const song = (page: string, json: object, more: Partial<Page> = {}): Page => ({ page, method: "POST", path: "/suno/submit/music", from: "fields", json, answer: submitted, ended: { page: "106 Query a single task", fetch: "/suno/fetch/{data}", id: "data", answer: fetched("MUSIC", clips), media: CLIPS }, quote: { model: "suno_music", prompt: "a song" }, ...more });

export const SUNO_PAGES: readonly Page[] = [
  song("104 Generate songs: inspiration", { gpt_description_prompt: "a song of stones", make_instrumental: false, mv: "chirp-v3-0" }, { name: "song" }),
  song("104 Generate songs: instrumental, default model", { gpt_description_prompt: "a song of stones", make_instrumental: true }),
  song("104 Generate songs: custom", { prompt: "Stones, stones", title: "Stones", tags: "folk,calm", mv: "chirp-v3-5" }, { name: "custom" }),
  song("104 Generate songs: continuation", { task: "extend", task_id: "{custom.data}", continue_at: 12.5, continue_clip_id: "{custom.ended.data.data.0.id}", prompt: "More stones", title: "Stones II", tags: "folk", mv: "chirp-v3-5" }),
  { page: "105 Generate lyrics", name: "lyrics", method: "POST", path: "/suno/submit/lyrics", from: "fields", json: { prompt: "stones" }, answer: submitted, ended: { page: "106 Query a single task", fetch: "/suno/fetch/{data}", id: "data", answer: fetched("LYRICS", lyrics) }, quote: { model: "suno_lyrics", prompt: "stones" } },
  { page: "Suno: query several", method: "POST", path: "/suno/fetch", from: "fields", json: { ids: ["{song.data}", "{lyrics.data}"], action: "MUSIC" }, answer: exact({ code: z.literal("success"), message: z.literal(""), data: z.array(task("MUSIC", clips)).length(1) }), charge: "free" },
];
