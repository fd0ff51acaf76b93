import { createHash } from "node:crypto";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOrder, MediaOutput, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, objectsIn, textIn } from "../_kit/media/fields.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { versioned } from "../_kit/openai-api.ts";
import { arkFault } from "./ark-errors.ts";
import { table } from "../../table.ts";

const TASKS = "/contents/generations/tasks";
/** Words of a task. One that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ queued: "QUEUED", running: "IN_PROGRESS", succeeded: "SUCCESS", failed: "FAILURE", cancelled: "CANCELLED", expired: "FAILURE" });
/** Addresses end after a day. */
const LINK_MS = 86_400_000;
const GIVE_UP_MS = 3_600_000;
const RATIOS = ["16:9", "4:3", "1:1", "3:4", "9:16", "21:9"];
/** A page of the list, and how far the vendor's clock may be from ours. */
const LISTED = 100;
const CLOCKS_APART_S = 120;
/** Seeds are whole numbers up to 2^32 - 1; -1 is any. */
const SEED_BYTES = 4;
/** Models whose seed is documented, and who read flags at the end of the prompt. */
const SEEDED = /seedance-1-/;

/** Seedance's films at Ark: https://www.volcengine.com/docs/82379/1520757. BytePlus has the same models under other names. */
export const seedance: MediaAdapter = {
  baseUrl: (baseUrl) => versioned(baseUrl, "/api/v3"),

  submit(order) {
    const { json, dropped } = wordsOf(order);
    const body: JsonObject = { ...json, model: named(order) };
    // Notices come to us; whom the caller wants told, we tell.
    delete body["callback_url"];
    if (order.callbackUrl !== undefined) body["callback_url"] = order.callbackUrl;
    if (ours(json, order.model)) body["seed"] = seedOf(order.taskId);
    return { call: { method: "POST", path: TASKS, json: body }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const said = jsonOf(answer);
    return said && answer.status < 300 && textIn(said, "id") !== "" ? { state: "QUEUED", ref: textIn(said, "id") } : undefined;
  },

  poll: ({ ref }) => ({ method: "GET", path: `${TASKS}/${encodeURIComponent(ref)}` }),

  readPoll(answer) {
    const said = jsonOf(answer);
    return said && answer.status === 200 ? readSeedanceTask(said) : undefined;
  },

  /** Only what waits can be stopped; what works is refused. */
  cancel: ({ ref }) => ({ method: "DELETE", path: `${TASKS}/${encodeURIComponent(ref)}` }),

  find: {
    call: (order) => ({ method: "GET", path: `${TASKS}?page_num=1&page_size=${LISTED}&filter.model=${encodeURIComponent(named(order))}` }),
    /** The list repeats neither prompt nor address, but the seed: one that the caller left to us is like no other's. */
    read(answer, order, sent) {
      const said = answer.status === 200 ? jsonOf(answer) : undefined;
      if (!said || !Array.isArray(said["items"]) || !ours(wordsOf(order).json, order.model)) return undefined;
      const items = objectsIn(said, "items");
      const since = (one: JsonObject): boolean => (numberIn(one, "created_at") ?? 0) >= sent.at / 1000 - CLOCKS_APART_S;
      const found = items.find((one) => since(one) && one["seed"] === seedOf(order.taskId) && !sent.taken(textIn(one, "id")));
      if (found) return { ref: textIn(found, "id") };
      // The page reaches back behind the order, so that it would stand there.
      return items.length < LISTED || items.some((one) => !since(one)) ? "none" : undefined;
    },
  },

  callback: {
    hint(notice) {
      const said = jsonOf(notice);
      return said && textIn(said, "id") !== "" ? { ref: textIn(said, "id") } : undefined;
    },
  },

  pace: () => ({ firstMs: 10_000, everyMs: 7_000, giveUpMs: GIVE_UP_MS }),
};

/** The name of a model there: BytePlus' have another beginning. */
export function named({ model, baseUrl }: MediaOrder): string {
  if (baseUrl === undefined || URL.parse(baseUrl)?.hostname.endsWith("bytepluses.com") !== true) return model;
  return model.replace(/^doubao-(?=seedance-2-)/, "dreamina-").replace(/^doubao-/, "");
}

/** Whether the seed is ours to choose: the caller names none, in the body or as a flag. */
const ours = (json: JsonObject, model: string): boolean =>
  SEEDED.test(model) && (json["seed"] === undefined || json["seed"] === null || json["seed"] === -1) && !objectsIn(json, "content").some((part) => /--seed\b/.test(textIn(part, "text")));

const seedOf = (taskId: string): number => createHash("sha256").update(taskId).digest().readUIntBE(0, SEED_BYTES);

/** What a task says; undefined for what is none. A task that failed is a 200. */
export function readSeedanceTask(said: JsonObject): MediaReading | undefined {
  const word = textIn(said, "status");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const reading: MediaReading = { state, answer: said };
  if (state === "SUCCESS") {
    const tokens = numberIn(objectOf(said["usage"]), "completion_tokens");
    return { ...reading, outputs: outputsOf(said), ...(tokens === undefined ? {} : { usage: { videoTokens: tokens } }) };
  }
  if (state !== "FAILURE") return reading;
  if (word === "expired") return { ...reading, fault: { kind: "server", text: "Ark gave the task up: it took too long." } };
  const error = objectOf(said["error"]);
  return { ...reading, fault: arkFault(textIn(error, "code"), textIn(error, "message")) };
}

function outputsOf(said: JsonObject): MediaOutput[] {
  const content = objectOf(said["content"]);
  const [film, last] = [textIn(content, "video_url"), textIn(content, "last_frame_url")];
  const [seconds, ended] = [numberIn(said, "duration"), numberIn(said, "updated_at")];
  const until = ended === undefined ? {} : { expiresAt: ended * 1000 + LINK_MS };
  return [
    ...(film === "" ? [] : [{ kind: "video" as const, url: film, ...(seconds !== undefined && seconds > 0 ? { duration: seconds } : {}), ...until }]),
    ...(last === "" ? [] : [{ kind: "image" as const, url: last, role: "last_frame", ...until }]),
  ];
}

function wordsOf({ input, model }: MediaOrder): { json: JsonObject; dropped: string[] } {
  if ("native" in input) return { json: input.native.json ?? {}, dropped: [] };
  const { wish } = input;
  if (wish.kind !== "video") throw new GatewayError("invalidRequest", { publicText: "Seedance makes films." });
  const content: JsonObject[] = [];
  const given = (wish.images ?? []).filter(({ role }) => role !== "mask");
  const frames = given.some(({ role }) => role === "first_frame" || role === "last_frame" || role === "input");
  const { body, dropped } = encodeWish(wish, {
    prompt: given.length > 0 ? { ifSaid: (text) => void content.push({ type: "text", text }) } : (text) => void content.push({ type: "text", text }),
    resolution: (word, target) => void (target["resolution"] = word.toLowerCase()),
    duration: "duration",
    seed: "seed",
    aspectRatio: ratio(wish),
    size: ratio(wish),
    watermark: "watermark",
    sound: (wanted, target) => (SEEDED.test(model) && !model.includes("seedance-1-5") ? !wanted : void (target["generate_audio"] = wanted)),
    images(all) {
      for (const { url, role } of given) {
        const word = role === "last_frame" ? "last_frame" : role === "first_frame" || role === "input" ? "first_frame" : "reference_image";
        // References and frames exclude each other.
        if (!frames || word !== "reference_image") content.push({ type: "image_url", image_url: { url }, role: word });
      }
      return content.filter(({ type }) => type === "image_url").length === all.length;
    },
    videos: (all) => (SEEDED.test(model) ? false : void content.push(...all.map(({ url }) => ({ type: "video_url", video_url: { url }, role: "reference_video" })))),
    audios: (all) => (SEEDED.test(model) ? false : void content.push(...all.map(({ url }) => ({ type: "audio_url", audio_url: { url }, role: "reference_audio" })))),
  });
  return { json: { ...body, content }, dropped };
}

/** A ratio that is not to be had becomes the nearest, and is told. */
const ratio = (wish: MediaWish) => (_: unknown, body: JsonObject): boolean => {
  const shape = shapeOf(wish);
  if (shape === undefined) {
    if (wish.aspectRatio === "adaptive" || wish.aspectRatio === "auto") body["ratio"] = "adaptive";
    return body["ratio"] !== undefined;
  }
  const near = nearestShape(shape, RATIOS);
  body["ratio"] = near.ratio;
  return near.exact;
};
