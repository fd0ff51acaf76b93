import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { Found, JsonObject, MediaOrder, MediaOutput, MediaReading, SentAt, VendorAnswer, VendorCall } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, objectsIn, textIn } from "../_kit/media/fields.ts";
import { fileOf } from "../_kit/media/form.ts";
import { linesOf, nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { refused } from "./policy.ts";
import { table } from "../../table.ts";

/** States of a video (SDK `openai`, Video). One that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ queued: "QUEUED", in_progress: "IN_PROGRESS", completed: "SUCCESS", failed: "FAILURE" });
/** `size`; the larger two are the pro model's. */
const SIDES = ["720:1280", "1280:720", "1024:1792", "1792:1024"];
/** Further files of a video that is done, by `variant`. */
const VARIANTS = ["thumbnail", "spritesheet"] as const;
/** A page of the list, and how far the vendor's clock may be from ours. */
const LISTED = 100;
const CLOCKS_APART_MS = 120_000;

/** The call of an order at OpenAI's Videos API: https://platform.openai.com/docs/api-reference/videos (types of the `openai` SDK). */
export function filmCall(order: MediaOrder): { call: VendorCall; dropped: string[] } {
  const { input, model, action, parent } = order;
  // A remix is of the same model, size and length as its video.
  if (action === "remix" && parent) return { call: { method: "POST", path: `/videos/${encodeURIComponent(parent.ref)}/remix`, json: { prompt: promptOf(order) } }, dropped: [] };
  if ("native" in input) {
    const { form, json } = input.native;
    const call = form ? { form: [...form.filter(({ name }) => name !== "model"), { name: "model", value: model }] } : { json: { ...json, model } };
    return { call: { method: "POST", path: "/videos", ...call }, dropped: [] };
  }
  const { body, dropped } = bodyOf(input.wish, model);
  const [picture] = input.wish.images ?? [];
  if (!picture) return { call: { method: "POST", path: "/videos", json: body }, dropped };
  return { call: { method: "POST", path: "/videos", form: [...Object.entries(body).map(([name, value]) => ({ name, value: String(value) })), fileOf("input_reference", picture.url)] }, dropped };
}

function promptOf({ input }: MediaOrder): string {
  return "native" in input ? textIn(input.native.json ?? {}, "prompt") : (input.wish.prompt ?? "");
}

function bodyOf(wish: MediaWish, model: string): { body: JsonObject; dropped: string[] } {
  const shape = shapeOf(wish);
  const near = shape === undefined ? undefined : nearestShape(shape, model.startsWith("sora-2-pro") ? SIDES : SIDES.slice(0, 2), wish.size ? Math.min(wish.size.width, wish.size.height) : linesOf(wish.resolution));
  const [width = 0, height = 0] = (near?.ratio ?? SIDES[0] ?? "").split(":").map(Number);
  return encodeWish(wish, {
    prompt: "prompt",
    duration: (seconds, target) => void (target["seconds"] = String(seconds)),
    size: (size) => size.width === width && size.height === height,
    aspectRatio: () => near?.exact === true,
    resolution: (word) => linesOf(word) === Math.min(width, height),
    // Sora's films have sound.
    sound: (wanted) => wanted,
    images: (given) => given.length === 1 && given[0]?.role !== "last_frame",
  }, { model, ...(near ? { size: `${width}x${height}` } : {}) });
}

/** What the answer to an order says; undefined where it says nothing of a video. */
export function readFilmOrder(answer: VendorAnswer): MediaReading | undefined {
  if (answer.status > 299) return refused(answer);
  const said = jsonOf(answer);
  return said && readFilm(said);
}

/** What a video says; undefined for what is none. */
export function readFilm(said: JsonObject): MediaReading | undefined {
  const [id, word] = [textIn(said, "id"), textIn(said, "status")];
  if (id === "" || word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const progress = numberIn(said, "progress");
  const reading: MediaReading = { state, ref: id, answer: said, ...(progress === undefined ? {} : { progress }) };
  if (state === "SUCCESS") {
    const duration = Number(said["seconds"]);
    const [, width, height] = /^(\d+)x(\d+)$/.exec(textIn(said, "size")) ?? [];
    const path = `/videos/${encodeURIComponent(id)}/content`;
    const film: MediaOutput = { kind: "video", url: path, mime: "video/mp4", ...(width && height ? { width: Number(width), height: Number(height) } : {}), ...(duration > 0 ? { duration } : {}) };
    return { ...reading, outputs: [film, ...VARIANTS.map((variant): MediaOutput => ({ kind: "image", url: `${path}?variant=${variant}`, role: variant }))], ...(duration > 0 ? { usage: { videoSeconds: duration } } : {}) };
  }
  if (state !== "FAILURE") return reading;
  const error = objectOf(said["error"]);
  const policy = /moderation|content_policy|safety/.test(textIn(error, "code"));
  return { ...reading, fault: { kind: policy ? "caller" : "server", text: textIn(error, "message") || "OpenAI could not make it.", ...(policy ? { policy } : {}) } };
}

/** Where orders are looked for whose answer was lost: the list repeats prompt, length and size. */
export const filmList: VendorCall = { method: "GET", path: `/videos?limit=${LISTED}&order=desc` };

/** The video of an order in the list: one like it and no other's. Of several that are alike nothing is said. */
export function findFilm(answer: VendorAnswer, order: MediaOrder, lost: SentAt): Found {
  const said = answer.status === 200 ? jsonOf(answer) : undefined;
  if (!said || !Array.isArray(said["data"])) return undefined;
  const listed = objectsIn(said, "data");
  const { json, form = [] } = filmCall(order).call;
  const sent: JsonObject = json === undefined ? Object.fromEntries(form.flatMap((part) => ("value" in part ? [[part.name, part.value]] : []))) : objectOf(json);
  const since = (one: JsonObject): boolean => Number(one["created_at"]) * 1000 >= lost.at - CLOCKS_APART_MS;
  const alike = listed.filter((one) => since(one) && ["prompt", "model", "seconds", "size"].every((name) => sent[name] === undefined || sent[name] === one[name]) && !lost.taken(textIn(one, "id")));
  if (alike.length > 0) return alike.length === 1 ? { ref: textIn(alike[0] as JsonObject, "id") } : undefined;
  return listed.length < LISTED || listed.some((one) => !since(one)) ? "none" : undefined;
}
