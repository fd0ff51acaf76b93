import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOutput, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, objectsIn, textIn } from "../_kit/media/fields.ts";

/** Suno-API's words. UNKNOWN counts as ended there; a word that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = { NOT_START: "QUEUED", SUBMITTED: "QUEUED", QUEUED: "QUEUED", SUCCESS: "SUCCESS", FAILURE: "FAILURE", UNKNOWN: "FAILURE" };
/** The type that a clip's error has when Suno's moderation speaks. */
const MODERATION = /moderation/i;
/** Suno-API waits ten minutes for a song itself. */
const GIVE_UP_MS = 1_800_000;

/** Songs and lyrics: https://github.com/Suno-API/Suno-API. */
export const sunoMedia: MediaAdapter = {
  submit(order) {
    const { path, json, dropped } = wordsOf(order.input, order.model);
    const body: JsonObject = { ...json };
    delete body["notify_hook"];
    if (order.callbackUrl !== undefined) body["notify_hook"] = order.callbackUrl;
    if (order.parent && body["task_id"] !== undefined) body["task_id"] = order.parent.ref;
    return { call: { method: "POST", path, json: body }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const said = jsonOf(answer);
    return said?.["code"] === "success" && textIn(said, "data") !== "" ? { state: "QUEUED", ref: textIn(said, "data") } : undefined;
  },

  poll: (job) => ({ method: "GET", path: `/suno/fetch/${encodeURIComponent(job.ref)}` }),

  readPoll(answer) {
    const said = jsonOf(answer);
    const task = said?.["code"] === "success" ? said["data"] : undefined;
    return typeof task === "object" && task !== null ? readSunoTask(task as JsonObject) : undefined;
  },

  callback: {
    hint(notice) {
      const task = jsonOf(notice);
      return task && textIn(task, "task_id") !== "" ? { ref: textIn(task, "task_id") } : undefined;
    },
  },

  pace: (model) => ({ firstMs: model === "lyrics" ? 2_000 : 10_000, everyMs: 5_000, giveUpMs: GIVE_UP_MS }),
};

function wordsOf(input: Parameters<MediaAdapter["submit"]>[0]["input"], model: string): { path: string; json: JsonObject; dropped: string[] } {
  if ("native" in input) return { path: input.native.path ?? `/suno/submit/${model}`, json: input.native.json ?? {}, dropped: [] };
  const { wish } = input;
  if (wish.kind !== "music" && !(wish.kind === "text" && model === "lyrics")) throw new GatewayError("invalidRequest", { publicText: "Suno makes songs and lyrics." });
  if (!wish.prompt) throw new GatewayError("invalidRequest", { publicText: '"prompt" is missing.', param: "prompt" });
  if (model === "lyrics") return { path: "/suno/submit/lyrics", ...spoken(encodeWish(wish, { prompt: "prompt" })) };
  // A wish describes; lyrics of the caller's own are said in Suno's words.
  return { path: "/suno/submit/music", ...spoken(encodeWish(wish, { prompt: "gpt_description_prompt", style: "tags", mode: "mv", others: (others, body) => void Object.assign(body, others) })) };
}

const spoken = ({ body, dropped }: { body: JsonObject; dropped: string[] }): { json: JsonObject; dropped: string[] } => ({ json: body, dropped });

/** What a task of Suno-API says: songs that can be heard already stand in it while it goes on. */
export function readSunoTask(task: JsonObject): MediaReading | undefined {
  const word = textIn(task, "status");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const reading: MediaReading = { state, answer: task["data"] ?? null };
  if (state === "SUCCESS") return { ...reading, outputs: Array.isArray(task["data"]) ? clips(task) : lyrics(task) };
  if (state !== "FAILURE") return reading;
  const policy = objectsIn(task, "data").some((clip) => MODERATION.test(textIn((clip["metadata"] ?? {}) as JsonObject, "error_type")));
  return { ...reading, fault: { kind: policy ? "caller" : "server", text: textIn(task, "fail_reason") || "Suno could not make it.", ...(policy ? { policy } : {}) } };
}

function clips(task: JsonObject): MediaOutput[] {
  return objectsIn(task, "data").flatMap((clip): MediaOutput[] => {
    const duration = numberIn((clip["metadata"] ?? {}) as JsonObject, "duration");
    const sound = textIn(clip, "audio_url");
    if (sound === "") return [];
    const film = textIn(clip, "video_url");
    const cover = textIn(clip, "image_large_url") || textIn(clip, "image_url");
    return [
      { kind: "audio", url: sound, mime: "audio/mpeg", ...(duration === undefined ? {} : { duration }) },
      ...(film === "" ? [] : [{ kind: "video" as const, url: film, role: "film" }]),
      ...(cover === "" ? [] : [{ kind: "image" as const, url: cover, role: "cover" }]),
    ];
  });
}

function lyrics(task: JsonObject): MediaOutput[] {
  const text = textIn((task["data"] ?? {}) as JsonObject, "text");
  return text === "" ? [] : [{ kind: "text", text }];
}
