import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOrder, MediaOutput, MediaOutputKind, MediaReading } from "../_kit/media/adapter.ts";
import { WORDS } from "./words.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, textIn } from "../_kit/media/fields.ts";
import { objectOf } from "../../dialects/canonical/fields.ts";
import { isOn } from "../_kit/media/switch.ts";
import { versioned } from "../_kit/openai-api.ts";
import { replicateSigned } from "./notices.ts";
import { table } from "../../table.ts";

/** The vendor's words (https://replicate.com/docs/reference/http#predictions.get). */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ starting: "QUEUED", processing: "IN_PROGRESS", succeeded: "SUCCESS", failed: "FAILURE", canceled: "CANCELLED", aborted: "CANCELLED" });
/** A content block is only a text there. */
const POLICY = /\bnsfw\b|flagged as sensitive|\(E005\)/i;
/** Its own hard limit is half an hour; a cold start comes before. */
const GIVE_UP_MS = 3_600_000;
const KINDS: readonly [ending: RegExp, kind: MediaOutputKind][] = [[/\.(mp4|webm|mov)(\?|$)/i, "video"], [/\.(mp3|wav|ogg|flac|m4a)(\?|$)/i, "audio"]];

/** Predictions: https://replicate.com/docs/reference/http. */
export const replicateMedia: MediaAdapter = {
  baseUrl: (baseUrl) => versioned(baseUrl, "/v1"),
  /** Files of predictions made through the API are removed after an hour: https://replicate.com/docs/topics/predictions/data-retention. */
  outputHours: () => 1,

  submit(order) {
    const { path, body, dropped } = wordsOf(order);
    const json: JsonObject = { ...body };
    delete json["webhook"];
    delete json["webhook_events_filter"];
    if (order.callbackUrl !== undefined) Object.assign(json, { webhook: order.callbackUrl, webhook_events_filter: ["completed"] });
    return { call: { method: "POST", path, json }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const said = jsonOf(answer);
    return said && answer.status < 300 && textIn(said, "id") !== "" ? readPrediction(said) : undefined;
  },

  poll: ({ ref }) => ({ method: "GET", path: `/predictions/${encodeURIComponent(ref)}` }),

  readPoll(answer) {
    const said = jsonOf(answer);
    return said && answer.status === 200 ? readPrediction(said) : undefined;
  },

  cancel: ({ ref }) => ({ method: "POST", path: `/predictions/${encodeURIComponent(ref)}/cancel` }),

  callback: {
    hint(notice) {
      const said = jsonOf(notice);
      return said && textIn(said, "id") !== "" ? { ref: textIn(said, "id") } : undefined;
    },
    signed: replicateSigned,
  },

  pace: () => ({ firstMs: 2_000, everyMs: 2_000, giveUpMs: GIVE_UP_MS }),
};

/** What a prediction says; undefined for a word that is none. Its output is removed after an hour: then it says nothing any more. */
export function readPrediction(said: JsonObject): MediaReading | undefined {
  const state = STATES[textIn(said, "status")];
  if (state === undefined) return undefined;
  const reading: MediaReading = { state, ref: textIn(said, "id"), answer: said };
  if (state === "SUCCESS") {
    const seconds = numberIn(objectOf(said["metrics"]), "predict_time");
    return { ...reading, outputs: outputsOf(said["output"]), ...(seconds === undefined ? {} : { usage: { gpuSeconds: seconds } }) };
  }
  if (state !== "FAILURE") return reading;
  const text = textIn(said, "error") || "Replicate could not make it.";
  const policy = POLICY.test(text);
  return { ...reading, fault: { kind: policy ? "caller" : "server", text, ...(policy ? { policy } : {}) } };
}

/** An address, a list of them, or an object of either; a text that is no address is a text. */
function outputsOf(output: unknown): MediaOutput[] {
  if (typeof output === "string") return [/^(https?:|data:)/.test(output) ? { kind: KINDS.find(([ending]) => ending.test(output))?.[1] ?? "image", url: output } : { kind: "text", text: output }];
  if (Array.isArray(output)) {
    const texts = output.filter((one) => typeof one === "string");
    // Words of a language model come one by one.
    if (texts.length > 0 && texts.every((one) => !/^(https?:|data:)/.test(one))) return [{ kind: "text", text: texts.join("") }];
    return output.flatMap(outputsOf);
  }
  return typeof output === "object" && output !== null ? Object.values(output).flatMap(outputsOf) : [];
}

/** Tools that work on what is given, and do without a prompt. */
const PROMPT_OPTIONAL = /remove-background|vectorize|upscale|redux/;
/** Models that make several at once, and how many (each model's schema at replicate.com). */
const SEVERAL = /\/(?:flux-(?:dev|schnell|kontext-dev|fill-dev|redux-dev)|sdxl)$/;
const SEVERAL_MAX = 4;

function wordsOf(order: MediaOrder): { path: string; body: JsonObject; dropped: string[] } {
  const { input } = order;
  const [model = order.model, version] = order.model.split(":");
  if ("native" in input) return { path: input.native.path ?? `/models/${model}/predictions`, body: input.native.json ?? {}, dropped: [] };
  if (/recraft-v\d/.test(model) && (input.wish.images ?? []).length > 0) throw new GatewayError("invalidRequest", { publicText: "This model makes pictures but does not edit any.", param: "images" });
  const several = /nano-banana|seedream|gpt-image/.test(model);
  const { body, dropped } = encodeWish(input.wish, {
    prompt: PROMPT_OPTIONAL.test(model) ? { ifSaid: "prompt" } : "prompt",
    negativePrompt: "negative_prompt",
    seed: "seed",
    aspectRatio: "aspect_ratio",
    resolution: "resolution",
    duration: "duration",
    count: (wanted, target) => (SEVERAL.test(model) ? wanted <= SEVERAL_MAX && ((target["num_outputs"] = wanted), true) : wanted === 1),
    outputFormat: (format, target) => void (target["output_format"] = format === "jpeg" ? "jpg" : format),
    guidance: "guidance",
    enhancePrompt: "prompt_upsampling",
    sound: "generate_audio",
    images(given, target) {
      const pictures = given.filter(({ role }) => role !== "last_frame" && role !== "mask");
      const last = given.find(({ role }) => role === "last_frame");
      if (last) target["last_frame"] = last.url;
      if (several) target["image_input"] = pictures.map(({ url }) => url);
      else if (pictures[0]) target[input.wish.kind === "video" ? "image" : "input_image"] = pictures[0].url;
      return given.every(({ role }) => role !== "mask") && (several || pictures.length <= 1);
    },
    videos(given, target) {
      if (given[0]) target["video"] = given[0].url;
      return given.length <= 1;
    },
    others(others, target) {
      const { google_search: search, thinking, ...own } = others;
      Object.assign(target, own);
      return [...(isOn(search) ? ["google_search"] : []), ...(thinking === undefined ? [] : ["thinking"])];
    },
    ...WORDS[model],
  });
  return version === undefined ? { path: `/models/${model}/predictions`, body: { input: body }, dropped } : { path: "/predictions", body: { version, input: body }, dropped };
}
