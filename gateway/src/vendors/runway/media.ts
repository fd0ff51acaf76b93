import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaAdapter, MediaOutputKind, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, numberIn, textIn } from "../_kit/media/fields.ts";
import { gone, present } from "../_kit/media/gone.ts";
import { linesOf, nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { table } from "../../table.ts";

/** Words of a task (https://docs.dev.runwayml.com/api: get task). THROTTLED: our account has as much at work as it may; it starts later. One that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ PENDING: "QUEUED", THROTTLED: "QUEUED", RUNNING: "IN_PROGRESS", SUCCEEDED: "SUCCESS", FAILED: "FAILURE", CANCELLED: "CANCELLED" });
/** Beyond half an hour of work a throttled task waits for its turn. */
const GIVE_UP_MS = 3_600_000;

const GEN4_RATIOS = ["1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672"];
const TEXT_RATIOS = ["1280:720", "720:1280"];
const VEO_RATIOS = ["1280:720", "720:1280", "1080:1920", "1920:1080"];
/** Gemini Omni Flash 1.1 there. */
const OMNI_RATIOS = ["1280:720", "720:1280", "640:360", "360:640", "1920:1080", "1080:1920", "3840:2160", "2160:3840"];
/** Shapes that Aleph widens a film to. */
const TARGET_RATIOS = ["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"];
const isOmni = (model: string): boolean => model.startsWith("gemini_omni_flash");
const PICTURE_RATIOS = ["1920:1080", "1080:1920", "1024:1024", "1360:768", "1080:1080", "1168:880", "1440:1080", "1080:1440", "1808:768", "2112:912", "1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720"];
/** Ratios by model (SDK `@runwayml/sdk`, create parameters); the first is meant where none is wished. */
function ratiosOf(model: string, route: string): readonly string[] {
  if (route === "text_to_image") return PICTURE_RATIOS;
  if (isOmni(model)) return OMNI_RATIOS;
  if (model === "gen3a_turbo") return ["1280:768", "768:1280"];
  if (model.startsWith("veo")) return VEO_RATIOS;
  return route === "text_to_video" ? TEXT_RATIOS : GEN4_RATIOS;
}

/** Who does without a prompt where something is given (the same). */
const PROMPT_OPTIONAL: Readonly<Record<string, RegExp>> = table({ image_to_video: /^(?:gen3a_turbo|gen4_turbo|veo|seedance|happyhorse|grok)/, video_to_video: /^(?:aleph2|seedance)/ });

/** Runway's tasks: https://docs.dev.runwayml.com/api. It sends no notices and has no list of tasks. */
export const runwayMedia: MediaAdapter = {
  /** Addresses end within 24 to 48 hours: https://docs.dev.runwayml.com/assets/outputs. */
  outputHours: () => 24,

  submit({ input, model }) {
    if ("native" in input) return { call: { method: "POST", path: input.native.path ?? "/v1/image_to_video", json: { ...input.native.json, model } } };
    const { route, body, dropped } = wordsOf(input.wish, model);
    return { call: { method: "POST", path: `/v1/${route}`, json: body }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer) {
    const said = jsonOf(answer);
    return said && answer.status < 300 && textIn(said, "id") !== "" ? { state: "QUEUED", ref: textIn(said, "id") } : undefined;
  },

  poll: ({ ref }) => ({ method: "GET", path: `/v1/tasks/${encodeURIComponent(ref)}` }),

  readPoll(answer, { memo }) {
    const said = jsonOf(answer);
    if (answer.status === 404 && said && textIn(said, "error") !== "") return gone(memo);
    const reading = said && answer.status === 200 ? readRunwayTask(said) : undefined;
    return reading && { ...reading, ...present(memo) };
  },

  cancel: ({ ref }) => ({ method: "DELETE", path: `/v1/tasks/${encodeURIComponent(ref)}` }),

  /** The vendor asks for five seconds between looks, and its own SDK takes six. */
  pace: () => ({ firstMs: 6_000, everyMs: 6_000, giveUpMs: GIVE_UP_MS }),
};

const KINDS: readonly [ending: RegExp, kind: MediaOutputKind][] = [[/\.(png|jpe?g|webp)(\?|$)/i, "image"], [/\.(mp3|wav|m4a|ogg|flac)(\?|$)/i, "audio"]];

/** What a task says; undefined for what is none. */
export function readRunwayTask(said: JsonObject): MediaReading | undefined {
  const word = textIn(said, "status");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const progress = numberIn(said, "progress");
  const credits = numberIn(objectOf(said["cost"]), "credits");
  const reading: MediaReading = { state, answer: said, ...(progress === undefined ? {} : { progress: progress * 100 }) };
  if (state === "SUCCESS") {
    const urls = Array.isArray(said["output"]) ? said["output"].filter((one) => typeof one === "string") : [];
    return { ...reading, outputs: urls.map((url) => ({ kind: KINDS.find(([ending]) => ending.test(url))?.[1] ?? "video", url })), ...(credits === undefined ? {} : { usage: { credits } }) };
  }
  if (state !== "FAILURE") return reading;
  return { ...reading, fault: faultOf(textIn(said, "failureCode"), textIn(said, "failure") || "Runway could not make it.") };
}

/** https://docs.dev.runwayml.com/errors/task-failures: SAFETY anywhere is the content policy; inputs that cannot be used are the caller's; all else may be tried again. */
function faultOf(code: string, text: string): NonNullable<MediaReading["fault"]> {
  if (code.split(".").includes("SAFETY")) return { kind: "caller", text, policy: true };
  if (code === "ASSET.INVALID" || (code.startsWith("INPUT_PREPROCESSING.") && !code.includes("INTERNAL"))) return { kind: "caller", text };
  return { kind: "server", text };
}

/** The mode of the documented `omni-flash` in which pictures guide a film and are no frames of it. */
const REFERENCES = "i2v(img_ref)";

function wordsOf(wish: MediaWish, model: string): { route: string; body: JsonObject; dropped: string[] } {
  const pictures = (wish.images ?? []).filter(({ role }) => role !== "mask");
  const [film] = wish.videos ?? [];
  if (wish.kind !== "image" && wish.kind !== "video") throw new GatewayError("invalidRequest", { publicText: "Runway makes films and pictures." });
  const byPictures = isOmni(model) && (wish.mode === REFERENCES || film !== undefined);
  const route = wish.kind === "image" ? "text_to_image" : film ? "video_to_video" : pictures.length > 0 && !byPictures ? "image_to_video" : "text_to_video";
  if (route === "text_to_video" && /^gen(3a|4)_turbo$/.test(model)) throw new GatewayError("invalidRequest", { publicText: "This model makes a film of a first picture: give one.", param: "images" });
  const shape = shapeOf(wish);
  const ratios = ratiosOf(model, route);
  // The lines are what the price was for, whatever shape they are in.
  const { ratio, exact } = nearestShape(shape ?? shapeOf({ aspectRatio: ratios[0] ?? "" }) ?? 1, ratios, linesOf(wish.resolution));
  const [width = 0, height = 0] = ratio.split(":").map(Number);
  const veo = model.startsWith("veo");
  const ends = veo || isOmni(model) || model === "gen3a_turbo";
  const first = pictures.find(({ role }) => role === "first_frame" || role === "input");
  const last = pictures.find(({ role }) => role === "last_frame");
  const { body, dropped } = encodeWish(wish, {
    prompt: PROMPT_OPTIONAL[route]?.test(model) ? { ifSaid: "promptText" } : "promptText",
    seed: "seed",
    ...(route === "video_to_video" ? {} : { duration: wish.kind === "image" ? () => false : "duration" }),
    negativePrompt: (text, target) => (veo ? void (target["negativePrompt"] = text) : false),
    aspectRatio(said, target) {
      if (model !== "aleph2") return shape !== undefined && exact && (route !== "video_to_video" || isOmni(model));
      if (!TARGET_RATIOS.includes(said)) return false;
      target["targetAspectRatio"] = said;
    },
    size: () => exact && route !== "video_to_video",
    resolution: (word) => linesOf(word) === Math.min(width, height),
    sound: (wanted, target) => (veo ? void (target["audio"] = wanted) : !wanted),
    watermark: (wanted, target) => (model === "gen3a_turbo" ? void (target["watermark"] = wanted) : !wanted),
    count: (count, target) => (wish.kind === "image" && !model.startsWith("gen4") ? void (target["outputCount"] = count) : count === 1),
    mode(said, target) {
      if (!isOmni(model)) return false;
      if (said === "v2v") target["mode"] = "edit";
    },
    videos(given, target) {
      target[model.includes("aleph") || isOmni(model) ? "videoUri" : "promptVideo"] = film?.url;
      return given.length === 1;
    },
    images(given, target) {
      if (route === "text_to_image") {
        target["referenceImages"] = pictures.slice(0, 3).map(({ url }) => ({ uri: url }));
        return pictures.length === given.length && pictures.length <= 3;
      }
      if (byPictures) return void (target["references"] = pictures.map(({ url }) => ({ uri: url })));
      if (route === "video_to_video") return false;
      if (!ends || !last) target["promptImage"] = (first ?? pictures[0])?.url;
      else target["promptImage"] = [...(first ? [{ uri: first.url, position: "first" }] : []), { uri: last.url, position: "last" }];
      return given.every((one) => one === (first ?? pictures[0]) || (ends && one === last));
    },
  }, { model });
  // A film of another one keeps its shape, unless another is wished.
  return { route, body: route === "video_to_video" && !(isOmni(model) && shape !== undefined) ? body : { ...body, ratio }, dropped };
}
