import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { objectOf } from "../../dialects/canonical/fields.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { trimSlashes } from "../_kit/adapter.ts";
import type { JsonObject, MediaAdapter, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, textIn } from "../_kit/media/fields.ts";
import { linesOf, shapeOf } from "../_kit/media/shape.ts";
import { topazFault } from "./errors.ts";
import { table } from "../../table.ts";

/** Words of a request. `requested` waits for our word and `accepted` for the source, neither of which the short way needs. One that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({
  requested: "QUEUED", accepted: "QUEUED", initializing: "QUEUED", preprocessing: "IN_PROGRESS", processing: "IN_PROGRESS", postprocessing: "IN_PROGRESS", complete: "SUCCESS", failed: "FAILURE", canceling: "IN_PROGRESS", canceled: "CANCELLED",
});
/** The names that fal gives Topaz' models, and what Topaz calls them. */
const MODELS: Readonly<Record<string, string>> = table({
  "Proteus": "prob-4", "Artemis HQ": "ahq-12", "Artemis MQ": "amq-13", "Artemis LQ": "alq-13", "Nyx": "nyx-3", "Nyx Fast": "nxf-1", "Nyx XL": "nxl-1", "Gaia HQ": "ghq-5", "Gaia CG": "gcg-5",
  "Starlight Mini": "slm", "Starlight HQ": "slhq", "Starlight Precise 2.5": "slp-2.5", "Starlight Fast 1": "slf-1", "Starlight Fast 2": "slf-2",
});
/** Makes the frames between. */
const INTERPOLATION = "chf-3";
const LINES = 2160;
const SHAPE = 16 / 9;
/** Hours are usual for long films. */
const GIVE_UP_MS = 14_400_000;
const CONTAINERS: readonly string[] = ["mp4", "mov", "mkv"];

/** Upscaling by the short way, with the source fetched by the vendor: https://developer.topazlabs.com/video-api. */
export const topazMedia: MediaAdapter = {
  baseUrl: trimSlashes,

  submit({ input, model, callbackUrl }) {
    const native = "native" in input;
    const { json, dropped } = native ? { json: { ...input.native.json }, dropped: [] } : wordsOf(input.wish, model);
    delete json["notifications"];
    if (callbackUrl !== undefined) json["notifications"] = { webhookUrl: callbackUrl };
    return { call: { method: "POST", path: (native ? input.native.path : undefined) ?? "/video/express", json }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const said = jsonOf(answer);
    return said && answer.status < 300 && textIn(said, "requestId") !== "" ? { state: "QUEUED", ref: textIn(said, "requestId") } : undefined;
  },

  poll: ({ ref }) => ({ method: "GET", path: `/video/${encodeURIComponent(ref)}/status` }),

  readPoll(answer) {
    const said = jsonOf(answer);
    return said && answer.status === 200 ? readTopazRequest(said) : undefined;
  },

  cancel: ({ ref }) => ({ method: "DELETE", path: `/video/${encodeURIComponent(ref)}` }),

  callback: {
    hint(notice) {
      const said = jsonOf(notice);
      return said && textIn(said, "requestId") !== "" ? { ref: textIn(said, "requestId") } : undefined;
    },
  },

  pace: () => ({ firstMs: 5_000, everyMs: 8_000, giveUpMs: GIVE_UP_MS }),
};

/** What the status of a request says; undefined for what is none. Billed is the lower bound of the estimate. */
export function readTopazRequest(said: JsonObject): MediaReading | undefined {
  const word = textIn(said, "status");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const progress = numberIn(said, "progress");
  const reading: MediaReading = { state, answer: said, ...(progress === undefined ? {} : { progress }) };
  if (state === "SUCCESS") {
    const download = objectOf(said["download"]);
    const [url, expiresAt] = [textIn(download, "url"), numberIn(download, "expiresAt")];
    const cost: unknown = objectOf(said["estimates"])["cost"];
    const credits: unknown = Array.isArray(cost) ? cost[0] : undefined;
    return { ...reading, outputs: url === "" ? [] : [{ kind: "video", url, ...(expiresAt === undefined ? {} : { expiresAt }) }], ...(typeof credits === "number" ? { usage: { credits } } : {}) };
  }
  return state === "FAILURE" ? { ...reading, fault: topazFault(500, JSON.stringify(said)) } : reading;
}

function wordsOf(wish: MediaWish, model: string): { json: JsonObject; dropped: string[] } {
  const [film] = wish.videos ?? [];
  if (wish.kind !== "video" || !film) throw new GatewayError("invalidRequest", { publicText: "A film is missing.", param: "videos" });
  if (!/^https:/i.test(film.url)) throw new GatewayError("invalidRequest", { publicText: "The film must be given by an https address.", param: "videos" });
  const others = wish.others ?? {};
  const { model: filter, output_height: height, target_fps: rate } = others;
  const lines = typeof height === "number" ? height : (linesOf(wish.resolution) ?? wish.size?.height ?? LINES);
  const fps = typeof rate === "number" ? rate : wish.fps;
  const ending = /\.(\w+)(?:\?|#|$)/.exec(film.url)?.[1]?.toLowerCase() ?? "";
  const { dropped } = encodeWish(wish, { videos: (given) => given.length === 1, resolution: (word) => linesOf(word) !== undefined, size: () => true, aspectRatio: () => shapeOf(wish) !== undefined, fps: () => true, others: () => undefined });
  dropped.push(...Object.keys(others).filter((name) => !["model", "output_height", "upscale_factor", "target_fps"].includes(name) || (name === "model" && !(String(filter) in MODELS))));
  return {
    json: {
      source: { container: CONTAINERS.includes(ending) ? ending : "mp4", external: { provider: "s3", presignedUrl: film.url } },
      filters: [{ model: MODELS[String(filter)] ?? model }, ...(fps === undefined ? [] : [{ model: INTERPOLATION, fps }])],
      output: { resolution: sides(shapeOf(wish) ?? SHAPE, lines) },
    },
    dropped,
  };
}

/** Even sides of that many lines: of an upright film the shorter side has them too. */
function sides(shape: number, lines: number): { width: number; height: number } {
  const even = (side: number): number => Math.round(side / 2) * 2;
  return shape >= 1 ? { width: even(lines * shape), height: even(lines) } : { width: even(lines), height: even(lines / shape) };
}
