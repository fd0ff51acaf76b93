import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { readGeminiUsage } from "../../dialects/gemini/usage.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaOrder, MediaOutput, MediaReading, VendorAnswer, VendorCall } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { nearestShape, shapeOf } from "../_kit/media/shape.ts";
import { inlineOf } from "../_kit/media/inline.ts";
import { isOn } from "../_kit/media/switch.ts";
import { blobsOf, refusalOf } from "./media-answer.ts";
import { table } from "../../table.ts";

/** Of Gemini's models and of Imagen (image generation guides). */
const RATIOS = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
const IMAGEN_RATIOS = ["1:1", "3:4", "4:3", "9:16", "16:9"];
/** `imageSize`; the smallest is written in pixels. */
const SIZES: Readonly<Record<string, string>> = table({ "0.5k": "512", "512": "512", "1k": "1K", "2k": "2K", "4k": "4K" });
const IMAGEN_SIZES = new Set(["1k", "2k"]);
const IMAGEN_COUNT_MAX = 4;

/** Whether the model is one of Imagen's, which have words of their own. */
export const isImagen = (model: string): boolean => model.startsWith("imagen-");

/** The call of an order of pictures by one of Gemini's image models, or by Imagen. */
export function pictureCall({ input, model }: MediaOrder): { call: VendorCall; dropped: string[] } {
  const verb = isImagen(model) ? "predict" : "generateContent";
  const path = `/v1beta/models/${encodeURIComponent(model)}:${verb}`;
  if ("native" in input) return { call: { method: "POST", path, json: input.native.json ?? {} }, dropped: [] };
  const { json, dropped } = isImagen(model) ? imagen(input.wish) : generated(input.wish, model);
  return { call: { method: "POST", path, json }, dropped };
}

function generated(wish: MediaWish, model: string): { json: JsonObject; dropped: string[] } {
  const shape = shapeOf(wish);
  const near = shape === undefined ? undefined : nearestShape(shape, RATIOS);
  const parts: JsonObject[] = [];
  const further: JsonObject = {};
  const { body: imageConfig, dropped } = encodeWish(wish, {
    prompt: (text) => void parts.unshift({ text }),
    aspectRatio: (ratio) => ratio === "match_input_image" || near?.exact === true,
    size: () => near?.exact === true,
    // The second generation makes one size.
    resolution(word, target) {
      const size = SIZES[word.toLowerCase()];
      if (!model.startsWith("gemini-3")) return size === "1K";
      return size === undefined ? false : void (target["imageSize"] = size);
    },
    images(given) {
      parts.push(...given.filter(({ role }) => role !== "mask").map(({ url }) => asPart(url)));
      return given.every(({ role }) => role !== "mask");
    },
    others: (others) => Object.entries(others).flatMap(([name, value]) => (saidOtherwise(name, value, model, further) ? [] : [name])),
  }, near ? { aspectRatio: near.ratio } : {});
  const { thinkingConfig, ...rest } = further;
  return { json: { contents: [{ role: "user", parts }], ...rest, generationConfig: { responseModalities: ["IMAGE"], ...(thinkingConfig === undefined ? {} : { thinkingConfig }), ...(Object.keys(imageConfig).length > 0 ? { imageConfig } : {}) } }, dropped };
}

/** Search and thinking as the documented `/task/submit` names them (https://ai.google.dev/gemini-api/docs/image-generation: both from the third generation on, a level of thinking for 3.1 Flash alone). False where it cannot be said. */
function saidOtherwise(name: string, value: unknown, model: string, into: JsonObject): boolean {
  if (name === "google_search") {
    if (!isOn(value)) return true;
    if (model.startsWith("gemini-3")) into["tools"] = [{ googleSearch: {} }];
    return model.startsWith("gemini-3");
  }
  if (name !== "thinking" || typeof value !== "string" || !model.startsWith("gemini-3.1-flash-image")) return false;
  into["thinkingConfig"] = { thinkingLevel: value.toUpperCase() };
  return true;
}

function asPart(url: string): JsonObject {
  const { bytesBase64Encoded: data, mimeType } = inlineOf(url);
  return { inlineData: { mimeType, data } };
}

function imagen(wish: MediaWish): { json: JsonObject; dropped: string[] } {
  if ((wish.images ?? []).length > 0) throw new GatewayError("invalidRequest", { publicText: "This model makes pictures but does not edit any.", param: "images" });
  if ((wish.count ?? 1) > IMAGEN_COUNT_MAX) throw new GatewayError("invalidRequest", { publicText: `This model makes ${IMAGEN_COUNT_MAX} pictures at most.`, param: "n" });
  const shape = shapeOf(wish);
  const near = shape === undefined ? undefined : nearestShape(shape, IMAGEN_RATIOS);
  const { body: parameters, dropped } = encodeWish(wish, {
    prompt: () => true,
    count: (count, target) => void (target["sampleCount"] = count),
    aspectRatio: () => near?.exact === true,
    size: () => near?.exact === true,
    resolution: (word, target) => (IMAGEN_SIZES.has(word.toLowerCase()) ? void (target["sampleImageSize"] = word.toUpperCase()) : false),
    outputFormat: (format, target) => (/^(?:png|jpe?g)$/.test(format) ? void (target["outputOptions"] = { mimeType: format === "png" ? "image/png" : "image/jpeg" }) : false),
  }, { includeRaiReason: true, ...(near ? { aspectRatio: near.ratio } : {}) });
  return { json: { instances: [{ prompt: wish.prompt ?? "" }], parameters }, dropped };
}

/** What an answer with pictures says; a refusal may be a good status without any. */
export function readPictures(answer: VendorAnswer, model: string): MediaReading | undefined {
  const said = answer.status === 200 ? jsonOf(answer) : undefined;
  if (!said) return undefined;
  return isImagen(model) ? readPredictions(said) : readGenerated(said);
}

function readGenerated(said: JsonObject): MediaReading | undefined {
  const outputs = blobsOf(said).filter(({ contentType }) => contentType.startsWith("image/")).map(({ base64, contentType }): MediaOutput => ({ kind: "image", bytes: Buffer.from(base64, "base64"), mime: contentType }));
  if (outputs.length > 0) return { state: "SUCCESS", outputs, usage: { ...readGeminiUsage(said["usageMetadata"])?.usage, images: outputs.length } };
  if (said["candidates"] === undefined && said["promptFeedback"] === undefined) return undefined;
  try {
    const { body, policy } = refusalOf(said, "picture");
    return { state: "FAILURE", fault: { kind: policy ? "caller" : "server", text: textIn(objectOf(objectOf(JSON.parse(body))["error"]), "message"), ...(policy ? { policy } : {}) } };
  } catch {
    // It spoke and drew nothing.
    return { state: "FAILURE", fault: { kind: "server", text: "The model made no picture." } };
  }
}

function readPredictions(said: JsonObject): MediaReading {
  const predictions = objectsIn(said, "predictions");
  const outputs = predictions.flatMap((one): MediaOutput[] => {
    const base64 = textIn(one, "bytesBase64Encoded");
    return base64 === "" ? [] : [{ kind: "image", bytes: Buffer.from(base64, "base64"), mime: textIn(one, "mimeType") || "image/png" }];
  });
  if (outputs.length > 0) return { state: "SUCCESS", outputs, usage: { images: outputs.length } };
  const reason = predictions.map((one) => textIn(one, "raiFilteredReason")).find((text) => text !== "");
  return { state: "FAILURE", fault: { kind: "caller", policy: true, text: reason ?? "The model's content policy refused the prompt." } };
}
