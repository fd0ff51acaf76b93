import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOrder, MediaOutput, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, objectsIn, textIn } from "../_kit/media/fields.ts";
import { table } from "../../table.ts";

/** Suno-API's words. UNKNOWN counts as ended there; a word that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ NOT_START: "QUEUED", SUBMITTED: "QUEUED", QUEUED: "QUEUED", SUCCESS: "SUCCESS", FAILURE: "FAILURE", UNKNOWN: "FAILURE" });
/** The type that a clip's error has when Suno's moderation speaks. */
const MODERATION = /moderation/i;
/** Members of an order that name a clip; they are read where one is looked for. */
const OF_CLIPS = ["clip_id", "index", "continue_at", "is_infill"];
/** Suno-API waits ten minutes for a song itself. */
const GIVE_UP_MS = 1_800_000;

/** Songs and lyrics: https://github.com/Suno-API/Suno-API. */
export const sunoMedia: MediaAdapter = {
  submit(order) {
    const { path, json, dropped } = wordsOf(order);
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

interface Words {
  path: string;
  json: JsonObject;
  dropped: string[];
}

/** Versions of the model (`mv`): those of Suno-API, and of later ones the names that Suno's own site and the servers of this interface have for 4.5, 4.5+, 5 and 5.5. */
const VERSIONS: readonly string[] = ["chirp-v3-0", "chirp-v3-5", "chirp-v3-5-upload", "chirp-v4", "chirp-auk", "chirp-auk-turbo", "chirp-bluejay", "chirp-crow", "chirp-fenix"];

function checkVersion(version: unknown): void {
  if (version === undefined || version === null || version === "") return;
  if (typeof version !== "string" || !VERSIONS.includes(version)) throw wrong("mv", `"mv" must be one of ${VERSIONS.join(", ")}.`);
}

/** Paths by the model's name at this server; the last two are New API's, which Suno-API itself has not. */
const PATHS: Readonly<Record<string, string>> = table({ music: "/suno/submit/music", lyrics: "/suno/submit/lyrics", concat: "/suno/submit/concat", upload: "/suno/uploads/audio-url" });

function wordsOf({ input, model, parent }: MediaOrder): Words {
  const path = PATHS[model] ?? `/suno/submit/${model}`;
  if ("native" in input) {
    const { json = {} } = input.native;
    checkVersion(json["mv"]);
    return { path: input.native.path ?? path, json, dropped: [] };
  }
  const { wish } = input;
  if (model === "music") checkVersion(wish.mode);
  if (wish.kind !== "music" && !(wish.kind === "text" && model === "lyrics")) throw wrong("model", "Suno makes songs and lyrics.");
  if (model === "concat") return joined(wish, path, parent);
  if (model === "upload") {
    const [sound] = wish.audios ?? [];
    if (!sound || !/^https?:/i.test(sound.url)) throw wrong("audios", "The recording must be given by its address.");
    return { path, ...spoken(encodeWish(wish, { prompt: { ifSaid: () => undefined }, audios: (given) => given.length === 1 }, { url: sound.url })) };
  }
  if (model === "lyrics") return { path, ...spoken(encodeWish(wish, { prompt: "prompt" })) };
  // A wish describes; lyrics of the caller's own, and what goes on from a clip, are said in Suno's words.
  const { others = {} } = wish;
  if (!parent && OF_CLIPS.some((name) => others[name] !== undefined)) throw wrong("task_id", '"task_id" is missing: it names the song that this one goes on from.');
  const goesOn = parent ? { task_id: parent.ref, continue_clip_id: clipOf(others, parent), continue_at: others["continue_at"] ?? 0 } : {};
  return { path, ...spoken(encodeWish(wish, { prompt: parent ? "prompt" : "gpt_description_prompt", style: "tags", mode: "mv", others: parent ? OF_CLIPS : (more, body) => void Object.assign(body, more) }, goesOn)) };
}

function joined(wish: MediaWish, path: string, parent: MediaOrder["parent"]): Words {
  const { is_infill: infill } = wish.others ?? {};
  return { path, ...spoken(encodeWish(wish, { prompt: { ifSaid: () => undefined }, others: OF_CLIPS }, { clip_id: clipOf(wish.others ?? {}, parent), is_infill: infill === true })) };
}

/** The clip by its id, or the one of the followed task that `index` counts from 1. */
function clipOf({ clip_id: id, index = 1 }: Readonly<Record<string, unknown>>, parent: MediaOrder["parent"]): string {
  const clips: unknown = parent?.memo["clips"];
  // Another's clip is as little there as one that never was.
  if (typeof id === "string" && id !== "" && Array.isArray(clips)) {
    if (!clips.includes(id)) throw wrong("clip_id", '"clip_id" is no clip of that task.');
    return id;
  }
  const found: unknown = Array.isArray(clips) && typeof index === "number" ? clips[index - 1] : undefined;
  if (typeof found !== "string") throw wrong("task_id", '"clip_id", or "task_id" of a song that Suno has made, is missing.');
  return found;
}

const wrong = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });

const spoken = ({ body, dropped }: { body: JsonObject; dropped: string[] }): { json: JsonObject; dropped: string[] } => ({ json: body, dropped });

/** What a task of Suno-API says: songs that can be heard already stand in it while it goes on. */
export function readSunoTask(task: JsonObject): MediaReading | undefined {
  const word = textIn(task, "status");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const reading: MediaReading = { state, answer: task["data"] ?? null };
  if (state === "SUCCESS") return Array.isArray(task["data"]) ? { ...reading, outputs: clips(task), memo: { clips: objectsIn(task, "data").map((clip) => textIn(clip, "id")) } } : { ...reading, outputs: lyrics(task) };
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
    const [small, large] = [textIn(clip, "image_url"), textIn(clip, "image_large_url")];
    const cover = large || small;
    return [
      { kind: "audio", url: sound, mime: "audio/mpeg", ...(duration === undefined ? {} : { duration }) },
      ...(film === "" ? [] : [{ kind: "video" as const, url: film, role: "film" }]),
      ...(cover === "" ? [] : [{ kind: "image" as const, url: cover, role: "cover", ...(small !== "" && small !== cover ? { also: [small] } : {}) }]),
    ];
  });
}

function lyrics(task: JsonObject): MediaOutput[] {
  const text = textIn((task["data"] ?? {}) as JsonObject, "text");
  return text === "" ? [] : [{ kind: "text", text }];
}
