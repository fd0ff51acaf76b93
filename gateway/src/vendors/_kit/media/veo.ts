import { objectOf } from "../../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../../errors/gateway-error.ts";
import type { JsonObject, MediaOrder, MediaOutput, MediaReading, VendorAnswer, VendorCall } from "./adapter.ts";
import { encodeWish } from "./encode-wish.ts";
import { jsonOf, objectsIn, textIn } from "./fields.ts";
import { linesOf, nearestShape, shapeOf } from "./shape.ts";
import { inlineOf } from "./inline.ts";

const RATIOS = ["16:9", "9:16"];
const RESOLUTIONS: Readonly<Record<number, string>> = { 720: "720p", 1080: "1080p", 2160: "4k" };
/** How a refusal by Google's policy begins or reads; Veo has no code for it. */
const POLICY = /usage guidelines|violate|safety|prohibited|responsible ai/i;
/** google.rpc.Code. */
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
/** Where the Gemini API has its files. */
const FILE = /\/v1(?:beta)?\/files\/[\w-]+:download$/;

/** Veo's order: https://ai.google.dev/gemini-api/docs/video, `models/{model}:predictLongRunning`. */
export function filmCall({ input, model }: MediaOrder): { call: VendorCall; dropped: string[] } {
  const path = `/v1beta/models/${encodeURIComponent(model)}:predictLongRunning`;
  if ("native" in input) return { call: { method: "POST", path, json: input.native.json ?? {} }, dropped: [] };
  const { json, dropped } = filmWords(input.wish, model);
  return { call: { method: "POST", path, json }, dropped };
}

/** A wish in Veo's words. `vertex`: Vertex AI's, which has a seed and lets later generations be without sound; on the Gemini API they always have it. */
export function filmWords(wish: MediaWish, model: string, { vertex = false } = {}): { json: JsonObject; dropped: string[] } {
  const second = model.startsWith("veo-2");
  const shape = shapeOf(wish);
  const near = shape === undefined ? undefined : nearestShape(shape, RATIOS);
  const lines = linesOf(wish.resolution) ?? (wish.size && Math.min(wish.size.width, wish.size.height));
  const resolution = lines === undefined ? undefined : RESOLUTIONS[lines];
  const instance: JsonObject = {};
  const { body: parameters, dropped } = encodeWish(wish, {
    // "Optional if image or video is provided" (types of `@google/genai`).
    prompt: (wish.images ?? []).length > 0 ? { ifSaid: (text) => void (instance["prompt"] = text) } : (text) => void (instance["prompt"] = text),
    negativePrompt: "negativePrompt",
    duration: "durationSeconds",
    aspectRatio: () => near?.exact === true,
    size: () => near?.exact === true && resolution !== undefined,
    // The second generation has one resolution and no word for it.
    resolution: (_, target) => (resolution === undefined || (second && resolution !== "720p") ? false : second ? true : void (target["resolution"] = resolution)),
    enhancePrompt: (wanted, target) => (second ? void (target["enhancePrompt"] = wanted) : wanted),
    sound: (wanted, target) => (vertex && !second ? void (target["generateAudio"] = wanted) : wanted !== second),
    count: (count) => count === 1,
    ...(vertex ? { seed: "seed" } : {}),
    images(given) {
      const of = (role: string): JsonObject[] => given.filter((one) => one.role === role).map(({ url }) => inlineOf(url));
      const [first, last, references] = [[...of("first_frame"), ...of("input")], of("last_frame"), of("reference")];
      if (references.length > 0 && second) throw new GatewayError("invalidRequest", { publicText: "This model makes no films of pictures to go by.", param: "images" });
      if (last.length > 0 && first.length === 0) throw new GatewayError("invalidRequest", { publicText: "A last picture needs a first one.", param: "images" });
      if (first[0]) instance["image"] = first[0];
      if (last[0]) instance["lastFrame"] = last[0];
      if (references.length > 0) instance["referenceImages"] = references.map((image) => ({ image, referenceType: "asset" }));
      return first.length <= 1 && last.length <= 1 && given.length === first.length + last.length + references.length;
    },
  }, { ...(vertex && !second ? { generateAudio: true } : {}), ...(near ? { aspectRatio: near.ratio } : {}), ...(wish.resolution === undefined && resolution !== undefined && !second ? { resolution } : {}) });
  return { json: { instances: [instance], parameters }, dropped };
}

/** An order's answer: the operation, or why there is none. Undefined where the status must tell. */
export function readFilmOrder(answer: VendorAnswer): MediaReading | undefined {
  const said = jsonOf(answer);
  if (answer.status < 300) return said && textIn(said, "name") !== "" ? { state: "IN_PROGRESS", ref: textIn(said, "name") } : undefined;
  const error = objectOf(said?.["error"]);
  const text = textIn(error, "message");
  return answer.status === 400 && POLICY.test(text) ? { state: "FAILURE", fault: { kind: "caller", text, policy: true } } : undefined;
}

/** What came of an operation: the films, and the object that counts those that were held back. */
type Came = (response: JsonObject) => { outputs: MediaOutput[]; counted: JsonObject };

/** What an operation says; undefined for what is none. `came`: how the site tells what was made. */
export function readOperation(said: JsonObject, came: Came = samples): MediaReading | undefined {
  if (textIn(said, "name") === "") return undefined;
  if (said["done"] !== true) return { state: "IN_PROGRESS" };
  if (said["error"] !== undefined) return failed(objectOf(said["error"]));
  const { outputs, counted } = came(objectOf(said["response"]));
  if (outputs.length > 0) return { state: "SUCCESS", outputs };
  const reasons: unknown[] = Array.isArray(counted["raiMediaFilteredReasons"]) ? counted["raiMediaFilteredReasons"] : [];
  const text = typeof reasons[0] === "string" ? reasons[0] : "Google's content policy held the film back.";
  const held = (typeof counted["raiMediaFilteredCount"] === "number" && counted["raiMediaFilteredCount"] > 0) || reasons.length > 0;
  return { state: "FAILURE", fault: held ? { kind: "caller", text, policy: true } : { kind: "server", text: "Google made nothing." } };
}

function samples(answer: JsonObject): ReturnType<Came> {
  const counted = objectOf(answer["generateVideoResponse"]);
  const outputs = objectsIn(counted, "generatedSamples").flatMap((sample): MediaOutput[] => {
    const video = objectOf(sample["video"]);
    const [uri, bytes] = [textIn(video, "uri"), textIn(video, "encodedVideo")];
    if (bytes !== "") return [{ kind: "video", bytes: Buffer.from(bytes, "base64"), mime: "video/mp4" }];
    return uri === "" ? [] : [{ kind: "video", url: fileAt(uri), mime: "video/mp4" }];
  });
  return { outputs, counted };
}

/** The API's files open with the key alone: they are asked of the channel, whatever host they name. */
function fileAt(uri: string): string {
  const [path] = FILE.exec(URL.parse(uri)?.pathname ?? "") ?? [];
  return path === undefined ? uri : `${path}?alt=media`;
}

function failed(error: JsonObject): MediaReading {
  const text = textIn(error, "message") || "Google could not make it.";
  if (POLICY.test(text)) return { state: "FAILURE", fault: { kind: "caller", text, policy: true } };
  return { state: "FAILURE", fault: { kind: error["code"] === INVALID_ARGUMENT ? "caller" : error["code"] === RESOURCE_EXHAUSTED ? "rate_limited" : "server", text } };
}
