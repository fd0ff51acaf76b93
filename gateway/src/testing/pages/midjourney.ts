/** Midjourney: pages 39 to 43, 87 and 88, and the further addresses that clients of the family use. */
import { z } from "zod";
import { digits, exact, type MediaKind, millis, open, type Page, some, taskOf, text } from "./page.ts";

const submitted = exact({ code: z.literal(1), description: some, properties: open({}), result: digits });
const button = exact({ customId: some, emoji: text, label: text, type: z.int(), style: z.int() });
const common = {
  id: digits, customId: text, botType: z.enum(["MID_JOURNEY", "NIJI_JOURNEY"]), prompt: text, promptEn: text, description: some, state: text, submitTime: millis, startTime: millis, finishTime: millis, imageUrl: text,
  status: z.literal("SUCCESS"), progress: z.literal("100%"), failReason: z.literal(""), buttons: z.array(button), maskBase64: text,
};
const properties = (finalPrompt: z.ZodType = text) => exact({ finalPrompt, finalZhPrompt: text });
const task = (action: string, more: z.core.$ZodLooseShape = {}) => exact({ ...common, action: z.literal(action), properties: properties(), ...more });
const PICTURE = { imageUrl: "picture" } as const;

interface Order {
  path: string;
  json: object;
  action: string;
  model: string;
  name?: string;
  media?: Readonly<Record<string, MediaKind>>;
  more?: z.core.$ZodLooseShape;
  config?: object;
}
const order = (page: string, { path, json, action, model, name, media = PICTURE, more, config = {} }: Order): Page => ({
  page, method: "POST", path, from: "fields", json, answer: submitted, ...(name === undefined ? {} : { name }),
  ended: { page: action === "VIDEO" ? "88 Get Mj Video by task id" : "43 Query task status by task ID", fetch: "/mj/task/{result}/fetch", id: "result", answer: task(action, more), media },
  quote: { model, prompt: "a red stone", config },
});
const words = { properties: properties(z.string().min(10)) };
const film = { videoUrl: some, videoUrls: z.array(exact({ url: some })).min(1) };
const FILM = { videoUrl: "film", "videoUrls[].url": "film" } as const;
const URI = "{given.picture}";
/** Midjourney refuses the same picture twice. */
const OTHER = "{given.mask}";
const grid = { taskId: "{mj_grid.result}" };
const config = { task_id: "{mj_grid.result}", index: 1 };

export const MIDJOURNEY_PAGES: readonly Page[] = [
  order("39 Submit Imagine", { path: "/mj/submit/imagine", json: { prompt: "a red stone", state: "my-state", botType: "MID_JOURNEY" }, action: "IMAGINE", model: "mj_imagine", name: "mj_grid", more: { state: z.literal("my-state"), prompt: z.literal("a red stone"), buttons: z.array(button).min(8) } }),
  order("39 Submit Imagine: with pictures", { path: "/mj/submit/imagine", json: { prompt: "a red stone", base64Array: [URI], botType: "NIJI_JOURNEY" }, action: "IMAGINE", model: "mj_imagine" }),
  ...["relax", "turbo", "fast"].map((speed) => order(`39 Submit Imagine: ${speed}`, { path: `/mj-${speed}/mj/submit/imagine`, json: { prompt: "a red stone" }, action: "IMAGINE", model: "mj_imagine", config: { speed } })),
  { ...order("39 Submit Imagine: key in mj-api-secret", { path: "/mj/submit/imagine", json: { prompt: "a red stone" }, action: "IMAGINE", model: "mj_imagine" }), headers: { "mj-api-secret": "{given.key}" }, as: "nobody" },
  order("40 Submit Blend", { path: "/mj/submit/blend", json: { base64Array: [URI, OTHER], dimensions: "PORTRAIT" }, action: "BLEND", model: "mj_blend", config: { images: [URI, URI] } }),
  order("41 Submit Describe", { path: "/mj/submit/describe", json: { base64: URI }, action: "DESCRIBE", model: "mj_describe", media: {}, more: words, config: { images: [URI] } }),
  order("41 Submit Describe: link", { path: "/mj/submit/describe", json: { link: "https://example.com/stone.png" }, action: "DESCRIBE", model: "mj_describe", media: {}, more: words, config: { images: [URI] } }),
  order("42 Submit Change: upscale", { path: "/mj/submit/change", json: { action: "UPSCALE", index: 1, ...grid }, action: "UPSCALE", model: "mj_upscale", name: "mj_single", config }),
  order("42 Submit Change: variation", { path: "/mj/submit/change", json: { action: "VARIATION", index: 2, ...grid }, action: "VARIATION", model: "mj_variation", config }),
  order("42 Submit Change: reroll", { path: "/mj/submit/change", json: { action: "REROLL", ...grid }, action: "REROLL", model: "mj_reroll", config }),
  order("Midjourney: simple change", { path: "/mj/submit/simple-change", json: { content: "{mj_grid.result} U4" }, action: "UPSCALE", model: "mj_upscale", config }),
  order("Midjourney: action", { path: "/mj/submit/action", json: { ...grid, customId: "{mj_grid.ended.buttons.5.customId}" }, action: "VARIATION", model: "mj_variation", config }),
  order("Midjourney: shorten", { path: "/mj/submit/shorten", json: { prompt: "a very red and very round stone" }, action: "SHORTEN", model: "mj_shorten", media: {}, more: words }),
  order("Midjourney: edits", { path: "/mj/submit/edits", json: { prompt: "a blue stone", image: URI }, action: "EDITS", model: "mj_edits", config: { images: [URI] } }),
  order("Midjourney: swap face", { path: "/mj/insight-face/swap", json: { sourceBase64: URI, targetBase64: OTHER }, action: "SWAP_FACE", model: "mj_swap_face", config: { images: [URI, URI] } }),
  { page: "43 Query task status by task ID: short", method: "GET", path: "/mj/task/{mj_grid.result}", from: "fields", answer: task("IMAGINE"), media: PICTURE, charge: "free" },
  { page: "123 Task Sync: Midjourney", method: "GET", path: "/task/{mj_grid.result}", from: "fields", answer: taskOf("images", "buttons"), charge: "free" },
  { page: "Midjourney: list by condition", method: "POST", path: "/mj/task/list-by-condition", from: "fields", json: { ids: ["{mj_grid.result}", "1"] }, answer: z.array(task("IMAGINE")).length(1), charge: "free" },
  { page: "Midjourney: image seed", method: "GET", path: "/mj/task/{mj_grid.result}/image-seed", from: "fields", answer: exact({ code: z.literal(1), description: some, properties: open({}), result: z.string().regex(/^\d+$/) }), charge: "free" },
  { page: "Midjourney: image", method: "GET", path: "/mj/image/{mj_grid.result}", from: "fields", answer: "picture", charge: "free" },
  { page: "Midjourney: upload of pictures", method: "POST", path: "/mj/submit/upload-discord-images", from: "fields", json: { base64Array: [URI, OTHER] }, answer: exact({ code: z.literal(1), description: some, properties: open({}), result: z.array(some).length(2) }), media: { "result[]": "picture" }, charge: "free" },
  order("87 Submit Mj Video Request", { path: "/mj/submit/video", json: { motion: "low", image: "https://example.com/stone.png", prompt: "it rolls", state: "s" }, action: "VIDEO", model: "mj_video", name: "mj_film", media: FILM, more: film, config: { images: [URI] } }),
  order("87 Submit Mj Video Request: base64", { path: "/mj/submit/video", json: { motion: "high", image: URI }, action: "VIDEO", model: "mj_video", media: FILM, more: film, config: { images: [URI] } }),
  order("87 Submit Mj Video Request: extend", { path: "/mj/submit/video", json: { motion: "low", action: "extend", index: 0, taskId: "{mj_film.result}" }, action: "VIDEO", model: "mj_video", media: FILM, more: film, config: { images: [URI] } }),
  order("87 Submit Mj Video Request: extend, task_id", { path: "/mj/submit/video", json: { motion: "low", action: "extend", index: 1, task_id: "{mj_film.result}" }, action: "VIDEO", model: "mj_video", media: FILM, more: film, config: { images: [URI] } }),
];
