import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, textIn } from "../_kit/media/fields.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { draws, pictureCall, readPictures } from "./xai-pictures.ts";
import { versioned } from "../_kit/openai-api.ts";
import { table } from "../../table.ts";

/** Words of a deferred request (docs.x.ai, "Video generation"). One that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ pending: "IN_PROGRESS", done: "SUCCESS", failed: "FAILURE", expired: "FAILURE" });
const RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3"];
const REFERENCES_MAX = 7;
const GIVE_UP_MS = 1_800_000;

/** Grok's films, and its pictures, which come with the answer: https://docs.x.ai/developers/model-capabilities/video/generation. It has no list of them, cannot stop one, and tells nobody. */
export const xaiMedia: MediaAdapter = {
  baseUrl: (baseUrl) => versioned(baseUrl, "/v1"),

  atOnce: draws,

  submit({ input, model }) {
    if (draws(model)) return pictureCall({ input, model });
    if ("native" in input) return { call: { method: "POST", path: input.native.path ?? "/videos/generations", json: { ...input.native.json, model } } };
    const { body, dropped } = wordsOf(input.wish);
    return { call: { method: "POST", path: "/videos/generations", json: { model, ...body } }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer, { model }) {
    const pictures = draws(model) ? readPictures(answer) : undefined;
    if (pictures) return pictures;
    const said = jsonOf(answer);
    if (!said) return undefined;
    if (answer.status < 300 && textIn(said, "request_id") !== "") return { state: "QUEUED", ref: textIn(said, "request_id") };
    // Moderation has no code of its own.
    const text = textIn(said, "error");
    return answer.status === 400 && /moderation/i.test(text) ? { state: "FAILURE", fault: { kind: "caller", text, policy: true } } : undefined;
  },

  poll: ({ ref }) => ({ method: "GET", path: `/videos/${encodeURIComponent(ref)}` }),

  readPoll(answer) {
    const said = answer.status < 300 ? jsonOf(answer) : undefined;
    return said && readXaiVideo(said);
  },

  pace: () => ({ firstMs: 5_000, everyMs: 5_000, giveUpMs: GIVE_UP_MS }),
};

/** What a deferred request says; undefined for what is none. A film that moderation took away is done, without an address. */
export function readXaiVideo(said: JsonObject): MediaReading | undefined {
  const word = textIn(said, "status");
  if (word === "") return undefined;
  const film = objectOf(said["video"]);
  if (film["respect_moderation"] === false) return { state: "FAILURE", answer: said, fault: { kind: "caller", text: "The film was held back by the vendor's moderation.", policy: true } };
  const state = STATES[word] ?? "IN_PROGRESS";
  const [progress, seconds] = [numberIn(said, "progress"), numberIn(film, "duration")];
  const reading: MediaReading = { state, answer: said, ...(progress === undefined || state !== "IN_PROGRESS" ? {} : { progress }) };
  if (state === "SUCCESS") return { ...reading, outputs: textIn(film, "url") === "" ? [] : [{ kind: "video", url: textIn(film, "url"), ...(seconds === undefined ? {} : { duration: seconds }) }] };
  return state === "FAILURE" ? { ...reading, fault: { kind: "server", text: textIn(objectOf(said["error"]), "message") || "xAI could not make it." } } : reading;
}

function wordsOf(wish: MediaWish): { body: JsonObject; dropped: string[] } {
  if (wish.kind !== "video") throw new GatewayError("invalidRequest", { publicText: "This vendor makes films here." });
  const shape = shapeOf(wish);
  const near = shape === undefined ? undefined : nearestShape(shape, RATIOS);
  return encodeWish(wish, {
    prompt: "prompt",
    duration: "duration",
    resolution: (word, target) => (/^(480|720|1080)p$/i.test(word) ? void (target["resolution"] = word.toLowerCase()) : false),
    aspectRatio: () => near?.exact === true,
    size: () => near?.exact === true,
    // One begins the film; of several it only takes what they show.
    images(given, target) {
      const pictures = given.filter(({ role }) => role !== "mask").map(({ url }) => ({ url }));
      if (pictures.length === 1) target["image"] = pictures[0];
      else if (pictures.length > 1) target["reference_images"] = pictures.slice(0, REFERENCES_MAX);
      return pictures.length === given.length && pictures.length <= REFERENCES_MAX && !given.some(({ role }) => role === "last_frame");
    },
  }, near ? { aspect_ratio: near.ratio } : {});
}
