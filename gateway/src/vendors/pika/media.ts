import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { MediaAdapter, MediaReading, OutgoingPart } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, textIn } from "../_kit/media/fields.ts";
import { fileOf } from "../_kit/media/form.ts";
import { shapeOf } from "../_kit/media/shape.ts";
import { table } from "../../table.ts";

/** Words of a video. One that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ queued: "QUEUED", started: "IN_PROGRESS", finished: "SUCCESS", failed: "FAILURE" });
const GIVE_UP_MS = 1_200_000;
/** Widths by heights that it makes. */
const SHAPES = [0.4, 2.5] as const;

/** Pika's films: forms in, one poll for all. It sends no notices, has no list and cannot be stopped. */
export const pikaMedia: MediaAdapter = {
  wantsBytes: () => true,

  submit({ input, model }) {
    if ("native" in input) {
      const { path, json, form } = input.native;
      return { call: { method: "POST", path: path ?? `/generate/${model}/t2v`, form: form ?? Object.entries(json ?? {}).map(([name, value]) => ({ name, value: typeof value === "string" ? value : JSON.stringify(value) })) } };
    }
    const { path, form, dropped } = wordsOf(input.wish, model);
    return { call: { method: "POST", path, form }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const said = jsonOf(answer);
    return said && answer.status < 300 && textIn(said, "video_id") !== "" ? { state: "QUEUED", ref: textIn(said, "video_id") } : undefined;
  },

  poll: ({ ref }) => ({ method: "GET", path: `/videos/${encodeURIComponent(ref)}` }),

  readPoll(answer) {
    const said = jsonOf(answer);
    return said && answer.status === 200 ? readPikaVideo(said) : undefined;
  },

  pace: () => ({ firstMs: 5_000, everyMs: 4_000, giveUpMs: GIVE_UP_MS }),
};

/** What a video says; undefined for what is none. Why one failed is not told. */
export function readPikaVideo(said: Parameters<typeof textIn>[0]): MediaReading | undefined {
  const word = textIn(said, "status");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const progress = numberIn(said, "progress");
  const url = textIn(said, "url");
  return {
    state,
    answer: said,
    ...(progress === undefined ? {} : { progress }),
    ...(state === "SUCCESS" ? { outputs: url === "" ? [] : [{ kind: "video" as const, url }] } : {}),
    ...(state === "FAILURE" ? { fault: { kind: "server" as const, text: "Pika could not make it." } } : {}),
  };
}

function wordsOf(wish: MediaWish, model: string): { path: string; form: OutgoingPart[]; dropped: string[] } {
  if (wish.kind !== "video") throw new GatewayError("invalidRequest", { publicText: "Pika makes films." });
  if (wish.videos?.length) throw new GatewayError("invalidRequest", { publicText: "Films cannot be given here.", param: "videos" });
  const effect = wish.others?.["pikaffect"];
  const given = (wish.images ?? []).filter(({ role }) => role !== "mask");
  const frames = given.some(({ role }) => role === "last_frame");
  const references = given.length > 0 && given.every(({ role }) => role === "reference");
  if (typeof effect === "string" && given.length === 0) throw new GatewayError("invalidRequest", { publicText: "An effect needs a picture.", param: "image" });
  const name = typeof effect === "string" ? "image" : frames ? "keyFrames" : references ? "images" : "image";
  const path = typeof effect === "string" ? "/generate/pikaffects" : `/generate/${model}/${frames ? "pikaframes" : references ? "c2v" : given.length > 0 ? "i2v" : "t2v"}`;
  const files = name === "image" ? given.slice(0, 1) : given;
  const shaped = given.length === 0 || references;
  const { body, dropped } = encodeWish(wish, {
    prompt: given.length > 0 ? { ifSaid: "promptText" } : "promptText",
    negativePrompt: "negativePrompt",
    seed: "seed",
    resolution: (word, target) => (/^(720|1080)p$/i.test(word) ? void (target["resolution"] = word.toLowerCase()) : false),
    duration: (seconds, target) => (typeof effect === "string" ? false : void (target["duration"] = seconds)),
    aspectRatio: (_, target) => shaped && writeShape(wish, target),
    size: (_, target) => shaped && writeShape(wish, target),
    images: (all) => all.length === files.length,
    others: ["pikaffect"],
  });
  if (typeof effect === "string") body["pikaffect"] = effect;
  if (references) body["ingredientsMode"] = "creative";
  return { path, form: [...Object.entries(body).map(([part, value]) => ({ name: part, value: String(value) })), ...files.map(({ url }) => fileOf(name, url))], dropped };
}

function writeShape(wish: MediaWish, target: Record<string, unknown>): boolean {
  const shape = shapeOf(wish);
  if (shape === undefined) return wish.aspectRatio === "auto";
  target["aspectRatio"] = Number(Math.min(Math.max(shape, SHAPES[0]), SHAPES[1]).toFixed(4));
  return shape >= SHAPES[0] && shape <= SHAPES[1];
}
