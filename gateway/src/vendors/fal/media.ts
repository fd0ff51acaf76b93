import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOrder, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, textIn } from "../_kit/media/fields.ts";
import { isOn } from "../_kit/media/switch.ts";
import { falFault } from "./errors.ts";
import { falSigned } from "./notices.ts";
import { falOutputs } from "./outputs.ts";

/** A job is given up after this: the longest upscales take as long. */
const GIVE_UP_MS = 7_200_000;
/** Endpoints that know a mask, by their names. */
const MASKED = /\/edit\b|inpaint|fill|erase/;
const CANCELLED = "client_cancelled";

/** fal's queue: https://docs.fal.ai/model-endpoints/queue. Status and result have addresses of their own, which the order's answer names. */
export const falMedia: MediaAdapter = {
  /** Files are there for seven days at least: https://fal.ai/docs/faq. An account may set its own time. */
  outputHours: () => 168,

  submit(order) {
    const { path, json, dropped } = wordsOf(order);
    const hook = order.callbackUrl === undefined ? "" : `?fal_webhook=${encodeURIComponent(order.callbackUrl)}`;
    return { call: { method: "POST", path: `${path}${hook}`, json, ...("native" in order.input && order.input.native.headers ? { headers: order.input.native.headers } : {}) }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const said = jsonOf(answer);
    const ref = said && textIn(said, "request_id");
    if (!said || !ref || answer.status > 299) return undefined;
    return { state: "QUEUED", ref, memo: { status: textIn(said, "status_url"), response: textIn(said, "response_url"), cancel: textIn(said, "cancel_url") } };
  },

  poll: ({ memo }) => ({ method: "GET", path: textIn(memo, memo["ended"] === true ? "response" : "status") }),

  readPoll(answer, { memo }) {
    return memo["ended"] === true ? readResult(answer, memo) : readStatus(answer, memo);
  },

  cancel: ({ memo }) => ({ method: "PUT", path: textIn(memo, "cancel") }),

  callback: {
    hint(notice) {
      const said = jsonOf(notice);
      return said && textIn(said, "request_id") !== "" ? { ref: textIn(said, "request_id") } : undefined;
    },
    memo: (order, ref) => {
      // Its addresses leave out what stands behind the app's name.
      const base = `${wordsOf(order).path.split("/").slice(0, 3).join("/")}/requests/${encodeURIComponent(ref)}`;
      return { status: `${base}/status`, response: base, cancel: `${base}/cancel` };
    },
    signed: falSigned,
  },

  pace: () => ({ firstMs: 2_000, everyMs: 2_000, giveUpMs: GIVE_UP_MS }),
};

/** 202 while it waits or works, 200 when it is over; then the result is asked for, since an end can hide a failure. */
function readStatus(answer: Parameters<NonNullable<MediaAdapter["readPoll"]>>[0], memo: JsonObject): MediaReading | undefined {
  const said = jsonOf(answer);
  const word = said && textIn(said, "status");
  if (!said || answer.status > 299) return undefined;
  if (word === "IN_QUEUE") return { state: "QUEUED" };
  if (word === "IN_PROGRESS") return { state: "IN_PROGRESS" };
  if (word !== "COMPLETED") return undefined;
  if (textIn(said, "error_type") === CANCELLED) return { state: "CANCELLED" };
  // Why it failed stands in the result.
  const error = textIn(said, "error");
  return { state: "IN_PROGRESS", again: true, memo: { ...memo, ended: true, ...(error === "" ? {} : { error }) } };
}

function readResult(answer: Parameters<NonNullable<MediaAdapter["readPoll"]>>[0], memo: JsonObject): MediaReading | undefined {
  const said = jsonOf(answer);
  if (!said) return undefined;
  if (answer.status > 299) {
    if (textIn(said, "detail").startsWith("Request is still in progress")) return { state: "IN_PROGRESS", memo: { ...memo, ended: false } };
    const fault = falFault(answer.body.toString("utf8"), answer.status);
    if (!fault && textIn(memo, "error") !== "") return { state: "FAILURE", fault: { kind: "server", text: textIn(memo, "error") } };
    if (!fault || fault.kind === "auth" || fault.kind === "no_balance" || fault.kind === "rate_limited") return undefined;
    return { state: "FAILURE", fault };
  }
  const units = Number(answer.header("x-fal-billable-units") ?? Number.NaN);
  return { state: "SUCCESS", outputs: falOutputs(said), answer: said, ...(Number.isFinite(units) && units > 0 ? { usage: { billableUnits: units } } : {}) };
}

/** Models that read a text out. */
const SPOKEN = /\/speech|\/tts/;
/** Models that make one picture a call, and name no number (types of `@fal-ai/client`). */
const ONE_PICTURE = /\/recraft\/|\/luma-photon|\/seededit|\/ideogram\/upscale/;
/** Models that work on what is given, and do without a prompt. */
const PROMPT_OPTIONAL = /upscale|remove-background|background\/remove|vectorize|reframe|pikaffects/;

function wordsOf(order: MediaOrder): { path: string; json: JsonObject; dropped: string[] } {
  const { input, model } = order;
  if ("native" in input) return { path: input.native.path ?? `/${model}`, json: input.native.json ?? {}, dropped: [] };
  if (/dream-machine\/[\w-]+\/reframe$/.test(model) && input.wish.aspectRatio === undefined) throw new GatewayError("invalidRequest", { publicText: '"aspect_ratio" is missing: the shape to make.', param: "aspect_ratio" });
  const several = /\/edit$|multi|reference|\/omni/.test(model) && !model.includes("ideogram/");
  const { body, dropped } = encodeWish(input.wish, {
    // A text that is read out is not described.
    prompt: PROMPT_OPTIONAL.test(model) ? { ifSaid: "prompt" } : SPOKEN.test(model) ? "text" : "prompt",
    negativePrompt: "negative_prompt",
    seed: "seed",
    count: (wanted, target) => !ONE_PICTURE.test(model) && ((target["num_images"] = wanted), true),
    aspectRatio: "aspect_ratio",
    resolution: "resolution",
    // Luma's and Google's models there name their lengths `5s`, others `5`.
    duration: (seconds, target) => void (target["duration"] = /luma-dream-machine|\/veo/.test(model) ? `${seconds}s` : String(seconds)),
    size: (size, target) => void (target["image_size"] = size),
    outputFormat: "output_format",
    strength: "strength",
    guidance: "guidance_scale",
    style: "style",
    enhancePrompt: "enhance_prompt",
    sound: "generate_audio",
    // OpenAI's models alone have grades of it there.
    quality: (word, target) => (model.startsWith("openai/") || model.includes("gpt-image") ? void (target["quality"] = word) : false),
    images(given, target) {
      const pictures = given.filter(({ role }) => role !== "last_frame" && role !== "mask");
      const last = given.find(({ role }) => role === "last_frame");
      const mask = given.find(({ role }) => role === "mask");
      if (last) target["end_image_url"] = last.url;
      // A picture changed as a whole where only a part was meant is no lesser version of what was asked.
      if (mask && !MASKED.test(model)) throw new GatewayError("invalidRequest", { publicText: "This model takes no mask.", param: "mask" });
      if (mask) target["mask_url"] = mask.url;
      if (several) target["image_urls"] = pictures.map(({ url }) => url);
      else if (pictures[0]) target["image_url"] = pictures[0].url;
      return several || pictures.length <= 1;
    },
    videos(given, target) {
      if (given[0]) target["video_url"] = given[0].url;
      return given.length <= 1;
    },
    voice: (voice, target) => void (model.includes("minimax") ? (target["voice_setting"] = { voice_id: voice }) : (target["voice"] = voice)),
    speed: (speed, target) => void (model.includes("minimax") ? (target["voice_setting"] = { ...(target["voice_setting"] as JsonObject | undefined), speed }) : (target["speed"] = speed)),
    language: (language, target) => void (target[model.includes("minimax") ? "language_boost" : "language_code"] = language),
    // What is made is as high as the given film times the factor.
    others(others, target) {
      const { output_height: _height, google_search: search, thinking, ...own } = others;
      Object.assign(target, own);
      const google = /nano-banana-(?:2|pro)/.test(model);
      if (google && search !== undefined) target["enable_web_search"] = isOn(search);
      const thinks = thinking !== undefined && model.includes("nano-banana-2");
      if (thinks) target["thinking_level"] = thinking;
      return [...(isOn(search) && !google ? ["google_search"] : []), ...(thinking !== undefined && !thinks ? ["thinking"] : [])];
    },
  }, /minimax\/speech/.test(model) ? { output_format: "url" } : {});
  // Ideogram's own words for its speeds are not fal's.
  const { rendering_speed: pace } = body;
  if (pace === "DEFAULT" || pace === "FLASH") body["rendering_speed"] = pace === "FLASH" ? "TURBO" : "BALANCED";
  return { path: `/${model}`, json: body, dropped };
}
