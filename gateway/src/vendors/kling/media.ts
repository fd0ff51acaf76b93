import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { trimSlashes } from "../_kit/adapter.ts";
import type { JsonObject, MediaAdapter, MediaOrder, MediaOutput, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { klingFault } from "./errors.ts";
import { table } from "../../table.ts";

const TEXT_FILM = "/v1/videos/text2video";
const PICTURE_FILM = "/v1/videos/image2video";
const PICTURES = "/v1/images/generations";
const TRY_ON = "/v1/images/kolors-virtual-try-on";
/** Words of a task. One that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ submitted: "QUEUED", processing: "IN_PROGRESS", succeed: "SUCCESS", failed: "FAILURE" });
/** How a content block reads; it has no code at the end of a task. */
const POLICY = /risk control|sensitive|content (?:policy|security)|safety/i;
/** A task that was just made was told to have failed with this (seen in public in 2024): it says nothing. */
const UNKNOWN_YET = /^task not found$/i;
const ID_TAKEN = /external_task_id.*(?:exist|duplicate|repeat)/i;
const GIVE_UP_MS = 1_800_000;
const FILM_RATIOS = ["16:9", "9:16", "1:1"];
const PICTURE_RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9"];

/** Kling's films, pictures and virtual try-on: https://app.klingai.com/global/dev/document-api. Nothing of it can be stopped. */
export const klingMedia: MediaAdapter = {
  baseUrl: trimSlashes,
  /** Films and pictures are removed after 30 days (the document above). */
  outputHours: () => 720,

  submit(order) {
    const { path, json, dropped } = wordsOf(order);
    const body: JsonObject = { ...json, model_name: order.model, external_task_id: order.taskId };
    // Notices come to us; whom the caller wants told, we tell.
    delete body["callback_url"];
    if (order.callbackUrl !== undefined) body["callback_url"] = order.callbackUrl;
    return { call: { method: "POST", path, json: body }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  /** The body decides, not the status. */
  readSubmit(answer, order) {
    const said = jsonOf(answer);
    if (!said || typeof said["code"] !== "number") return undefined;
    const data = objectOf(said["data"]);
    const memo = { path: wordsOf(order).path };
    if (said["code"] === 0) return textIn(data, "task_id") === "" ? undefined : { state: "QUEUED", ref: textIn(data, "task_id"), memo, answer: data };
    const fault = klingFault(answer.status, answer.body.toString("utf8"));
    // It was taken the first time, and answers to our name of it.
    if (fault.kind === "caller" && ID_TAKEN.test(fault.text)) return { state: "QUEUED", ref: order.taskId, memo };
    return { state: "FAILURE", fault };
  },

  poll: ({ ref, memo }) => ({ method: "GET", path: `${textIn(memo, "path")}/${encodeURIComponent(ref)}` }),

  readPoll(answer) {
    const said = jsonOf(answer);
    return said?.["code"] === 0 ? readKlingTask(objectOf(said["data"])) : undefined;
  },

  find: {
    call: (order) => ({ method: "GET", path: `${wordsOf(order).path}/${encodeURIComponent(order.taskId)}` }),
    /** Films are known by our name for them. Whether pictures are is not documented, so that not finding one says nothing. */
    read(answer, order) {
      const said = jsonOf(answer);
      const { path } = wordsOf(order);
      if (said?.["code"] === 0) return textIn(objectOf(said["data"]), "task_id") === "" ? undefined : { ref: textIn(objectOf(said["data"]), "task_id"), memo: { path } };
      return said?.["code"] === 1203 && path.startsWith("/v1/videos/") ? "none" : undefined;
    },
  },

  callback: {
    hint(notice) {
      const said = jsonOf(notice);
      return said && textIn(said, "task_id") !== "" ? { ref: textIn(said, "task_id") } : undefined;
    },
    memo: (order) => ({ path: wordsOf(order).path }),
  },

  pace: (model) => ({ firstMs: 10_000, everyMs: model.startsWith("kolors") ? 5_000 : 7_000, giveUpMs: GIVE_UP_MS }),
};

/** What a task says; undefined for what is none. */
export function readKlingTask(data: JsonObject): MediaReading | undefined {
  const word = textIn(data, "task_status");
  const message = textIn(data, "task_status_msg");
  if (word === "" || (word === "failed" && UNKNOWN_YET.test(message))) return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const reading: MediaReading = { state, answer: data };
  if (state === "SUCCESS") return { ...reading, outputs: outputsOf(objectOf(data["task_result"])) };
  if (state !== "FAILURE") return reading;
  const policy = POLICY.test(message);
  return { ...reading, fault: { kind: policy ? "caller" : "server", text: message || "Kling could not make it.", ...(policy ? { policy } : {}) } };
}

function outputsOf(result: JsonObject): MediaOutput[] {
  const films = objectsIn(result, "videos").flatMap((film): MediaOutput[] => {
    const seconds = Number.parseFloat(textIn(film, "duration"));
    const length = seconds > 0 ? { duration: seconds } : {};
    const marked = textIn(film, "watermark_url");
    if (textIn(film, "url") === "") return [];
    return [{ kind: "video", url: textIn(film, "url"), ...length }, ...(marked === "" ? [] : [{ kind: "video" as const, url: marked, role: "watermarked", ...length }])];
  });
  return [...films, ...objectsIn(result, "images").flatMap((one): MediaOutput[] => (textIn(one, "url") === "" ? [] : [{ kind: "image", url: textIn(one, "url") }]))];
}

interface Words {
  path: string;
  json: JsonObject;
  dropped: string[];
}

function wordsOf({ input, model }: Pick<MediaOrder, "input" | "model">): Words {
  if ("native" in input) return { path: input.native.path ?? TEXT_FILM, json: input.native.json ?? {}, dropped: [] };
  const { wish } = input;
  if (wish.kind === "video") return film(wish, model);
  if (wish.kind !== "image") throw new GatewayError("invalidRequest", { publicText: "Kling makes films and pictures." });
  return model.startsWith("kolors") ? tryOn(wish) : picture(wish);
}

/** Pictures are addresses, or base64 without the head of a `data:` URI. */
const bare = (url: string): string => url.replace(/^data:[^,]*;base64,/, "");

/** A ratio that is not to be had becomes the nearest, and is told. */
const ratio = (wish: MediaWish, ratios: readonly string[]) => (_: unknown, body: JsonObject): boolean => {
  const shape = shapeOf(wish);
  if (shape === undefined) return wish.aspectRatio === "auto";
  const near = nearestShape(shape, ratios);
  body["aspect_ratio"] = near.ratio;
  return near.exact;
};

function film(wish: MediaWish, model: string): Words {
  const given = (wish.images ?? []).filter(({ role }) => role !== "mask");
  const last = given.find(({ role }) => role === "last_frame");
  const first = given.find((one) => one !== last);
  const second = model.startsWith("kling-v2");
  const { body, dropped } = encodeWish(wish, {
    prompt: given.length > 0 ? { ifSaid: "prompt" } : "prompt",
    negativePrompt: "negative_prompt",
    guidance: (scale, target) => (!second && scale >= 0 && scale <= 1 ? void (target["cfg_scale"] = scale) : false),
    mode: "mode",
    duration: (seconds, target) => void (target["duration"] = String(seconds)),
    sound: (wanted, target) => (/^kling-v(2-6|3)/.test(model) ? void (target["sound"] = wanted ? "on" : "off") : !wanted),
    watermark: (wanted, target) => void (target["watermark_info"] = { enabled: wanted }),
    // A film of a picture has the picture's shape.
    ...(given.length > 0 ? {} : { aspectRatio: ratio(wish, FILM_RATIOS), size: ratio(wish, FILM_RATIOS) }),
    images(all, target) {
      if (first) target["image"] = bare(first.url);
      if (last) target["image_tail"] = bare(last.url);
      return all.every((one) => one === first || one === last);
    },
  });
  return { path: given.length > 0 ? PICTURE_FILM : TEXT_FILM, json: body, dropped };
}

function picture(wish: MediaWish): Words {
  const { body, dropped } = encodeWish(wish, {
    prompt: "prompt",
    negativePrompt: "negative_prompt",
    count: "n",
    resolution: (word, target) => (/^[12]k$/i.test(word) ? void (target["resolution"] = word.toLowerCase()) : false),
    aspectRatio: ratio(wish, PICTURE_RATIOS),
    size: ratio(wish, PICTURE_RATIOS),
    strength: (change, target) => (wish.images?.length ? void (target["image_fidelity"] = Number((1 - change).toFixed(4))) : false),
    images(given, target) {
      const [one] = given;
      if (one && one.role !== "mask") target["image"] = bare(one.url);
      return given.length === 1 && one?.role !== "mask";
    },
  });
  return { path: PICTURES, json: body, dropped };
}

/** A garment on a person: the first picture is the person unless roles say otherwise. */
function tryOn(wish: MediaWish): Words {
  const given = wish.images ?? [];
  const person = given.find(({ role }) => role === "person") ?? given.find(({ role }) => role !== "garment");
  const garment = given.find(({ role }) => role === "garment") ?? given.find((one) => one !== person);
  if (!person || !garment) throw new GatewayError("invalidRequest", { publicText: "Two pictures are needed: the person and the garment.", param: "images" });
  const { dropped } = encodeWish(wish, { prompt: { ifSaid: () => undefined }, images: () => given.length === 2 });
  return { path: TRY_ON, json: { human_image: bare(person.url), cloth_image: bare(garment.url) }, dropped };
}
