import { isDeepStrictEqual } from "node:util";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOrder, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { gone, present } from "../_kit/media/gone.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { table } from "../../table.ts";

/** States of a generation (SDK `lumaai`, Generation). One that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ queued: "QUEUED", dreaming: "IN_PROGRESS", completed: "SUCCESS", failed: "FAILURE" });
/** A content block has no code, only a text. */
export const MODERATION = /\bmoderation\b|\bprompt not allowed\b/i;
const RATIOS = ["16:9", "1:1", "9:16", "4:3", "3:4", "21:9", "9:21"];
const GIVE_UP_MS = 1_200_000;
/** A page of the list, and how far the vendor's clock may be from ours. */
const LISTED = 100;
const CLOCKS_APART_MS = 120_000;

/** Luma's generations: https://docs.lumalabs.ai/reference. */
export const lumaMedia: MediaAdapter = {
  submit(order) {
    const { path, json, dropped } = wordsOf(order);
    return { call: { method: "POST", path, json }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const said = jsonOf(answer);
    return said && answer.status < 300 && textIn(said, "id") !== "" ? readGeneration(said) : undefined;
  },

  poll: ({ ref }) => ({ method: "GET", path: `/generations/${encodeURIComponent(ref)}` }),

  readPoll(answer, { memo }) {
    const said = jsonOf(answer);
    if (answer.status === 404 && said && textIn(said, "detail") !== "") return gone(memo);
    const reading = said && answer.status === 200 ? readGeneration(said) : undefined;
    return reading && { ...reading, ...present(memo) };
  },

  cancel: ({ ref }) => ({ method: "DELETE", path: `/generations/${encodeURIComponent(ref)}` }),

  find: {
    call: () => ({ method: "GET", path: `/generations?limit=${LISTED}&offset=0` }),
    /** The list repeats each request, and ours holds an address that no other has (`callback_url`). Where it is not repeated nothing tells two equal orders apart. */
    read(answer, order, lost) {
      const said = answer.status === 200 ? jsonOf(answer) : undefined;
      if (!said || !Array.isArray(said["generations"])) return undefined;
      const listed = objectsIn(said, "generations");
      const { callback_url: ours, ...sent } = wordsOf(order).json;
      const since = (one: JsonObject): boolean => Date.parse(textIn(one, "created_at")) >= lost.at - CLOCKS_APART_MS;
      const alike = listed.filter((one) => since(one) && isSame(objectOf(one["request"]), sent) && !lost.taken(textIn(one, "id")));
      const found = alike.find((one) => ours !== undefined && objectOf(one["request"])["callback_url"] === ours);
      if (found) return { ref: textIn(found, "id") };
      if (alike.some((one) => objectOf(one["request"])["callback_url"] === undefined)) return undefined;
      // The page reaches back behind the order, so that it would stand there.
      return listed.length < LISTED || listed.some((one) => !since(one)) ? "none" : undefined;
    },
  },

  callback: {
    hint(notice) {
      const said = jsonOf(notice);
      return said && textIn(said, "id") !== "" ? { ref: textIn(said, "id") } : undefined;
    },
  },

  pace: (model) => ({ firstMs: model.startsWith("photon") ? 3_000 : 5_000, everyMs: 4_000, giveUpMs: GIVE_UP_MS }),
};

/** Whether a request in the list is the one that was sent: the vendor adds members, and fills in what was left out. */
const isSame = (listed: JsonObject, sent: JsonObject): boolean => Object.entries(sent).every(([name, value]) => isDeepStrictEqual(listed[name], value));

/** What a generation says; undefined for what is none. */
export function readGeneration(said: JsonObject): MediaReading | undefined {
  const word = textIn(said, "state");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const reading: MediaReading = { state, ref: textIn(said, "id"), answer: said };
  if (state === "SUCCESS") {
    const assets = objectOf(said["assets"]);
    return { ...reading, outputs: (["video", "image"] as const).flatMap((kind) => (textIn(assets, kind) === "" ? [] : [{ kind, url: textIn(assets, kind) }])) };
  }
  if (state !== "FAILURE") return reading;
  const text = textIn(said, "failure_reason") || "Luma could not make it.";
  const policy = MODERATION.test(text);
  return { ...reading, fault: { kind: policy ? "caller" : "server", text, ...(policy ? { policy } : {}) } };
}

interface Words {
  path: string;
  json: JsonObject;
  dropped: string[];
}

function wordsOf(order: MediaOrder): Words {
  const { input, model, callbackUrl, parent } = order;
  const words = "native" in input ? { path: input.native.path ?? "/generations/video", json: { ...goneOnFrom(input.native.json ?? {}, parent?.ref), model }, dropped: [] } : said(input.wish, model);
  // Notices come to us; whom the caller wants told, we tell.
  const json: JsonObject = { ...words.json };
  delete json["callback_url"];
  return { ...words, json: callbackUrl === undefined ? json : { ...json, callback_url: callbackUrl } };
}

/** A frame that is an earlier generation is named by the caller's id of it, which is ours: the vendor has its own. */
function goneOnFrom(json: JsonObject, ref: string | undefined): JsonObject {
  const frames = Object.entries(objectOf(json["keyframes"]));
  if (ref === undefined || frames.length === 0) return json;
  return { ...json, keyframes: Object.fromEntries(frames.map(([name, frame]) => [name, objectOf(frame)["type"] === "generation" ? { type: "generation", id: ref } : frame])) };
}

function said(wish: MediaWish, model: string): Words {
  if (wish.kind === "image") return picture(wish, model);
  if (wish.kind !== "video") throw new GatewayError("invalidRequest", { publicText: "Luma makes films and pictures." });
  const [film] = wish.videos ?? [];
  return film ? changed(wish, model, film.url) : made(wish, model);
}

/** A ratio that is not to be had becomes the nearest, and is told. */
function ratio(wish: MediaWish): (_: unknown, body: JsonObject) => boolean {
  return (_, body) => {
    const shape = shapeOf(wish);
    if (shape === undefined) return wish.aspectRatio === "auto";
    const near = nearestShape(shape, RATIOS);
    body["aspect_ratio"] = near.ratio;
    return near.exact;
  };
}

function made(wish: MediaWish, model: string): Words {
  const { body, dropped } = encodeWish(wish, {
    prompt: (wish.images ?? []).length > 0 ? { ifSaid: "prompt" } : "prompt",
    aspectRatio: ratio(wish),
    size: ratio(wish),
    resolution: (word, target) => void (target["resolution"] = word.toLowerCase()),
    duration: (seconds, target) => void (target["duration"] = `${seconds}s`),
    images(given, target) {
      const first = given.find(({ role }) => role === "first_frame" || role === "input");
      const last = given.find(({ role }) => role === "last_frame");
      const frame = (url: string): JsonObject => ({ type: "image", url });
      target["keyframes"] = { ...(first ? { frame0: frame(first.url) } : {}), ...(last ? { frame1: frame(last.url) } : {}) };
      return given.every((one) => one === first || one === last);
    },
    others: loops,
  }, { generation_type: "video", model });
  return { path: "/generations/video", json: body, dropped };
}

function loops(others: Readonly<Record<string, unknown>>, body: JsonObject): string[] {
  if (typeof others["loop"] === "boolean") body["loop"] = others["loop"];
  return Object.keys(others).filter((name) => name !== "loop");
}

/** Another look for a film that is given: as free as `mode` says. */
function changed(wish: MediaWish, model: string, url: string): Words {
  const { body, dropped } = encodeWish(wish, {
    prompt: { ifSaid: "prompt" },
    videos: (given) => given.length === 1,
    mode: (mode, target) => (/^(adhere|flex|reimagine)_[123]$/.test(mode) ? void (target["mode"] = mode) : false),
    images(given, target) {
      if (given[0]) target["first_frame"] = { url: given[0].url };
      return given.length <= 1;
    },
  }, { generation_type: "modify_video", model, media: { url }, mode: "flex_1" });
  return { path: "/generations/video/modify", json: body, dropped };
}

function picture(wish: MediaWish, model: string): Words {
  const { body, dropped } = encodeWish(wish, {
    prompt: "prompt",
    aspectRatio: ratio(wish),
    size: ratio(wish),
    outputFormat: (format, target) => (format === "png" || format === "jpg" || format === "jpeg" ? void (target["format"] = format === "png" ? "png" : "jpg") : false),
    images(given, target) {
      const of = (role: string): JsonObject[] => given.filter((one) => one.role === role).map(({ url }) => ({ url }));
      const [input] = of("input");
      if (input) target["modify_image_ref"] = input;
      if (of("reference").length > 0) target["image_ref"] = of("reference");
      if (of("style").length > 0) target["style_ref"] = of("style");
      if (of("character").length > 0) target["character_ref"] = { identity0: { images: of("character").map(({ url }) => url) } };
      return of("input").length <= 1 && given.every(({ role }) => ["input", "reference", "style", "character"].includes(role));
    },
  }, { generation_type: "image", model });
  return { path: "/generations/image", json: body, dropped };
}
