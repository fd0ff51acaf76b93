import { objectOf, parseJson } from "../../dialects/canonical/fields.ts";
import type { ImagesAnswer, ImagesRequest, MediaCall, MediaRefusal, VendorAnswer } from "../../dialects/canonical/media-call.ts";
import { readGeminiUsage } from "../../dialects/gemini/usage.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { nearestRatio } from "../_kit/pictures.ts";
import { blobsOf, refusalOf } from "./media-answer.ts";

/** Aspect ratios of Gemini's image models and of Imagen (image generation guides). */
const RATIOS = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
const IMAGEN_RATIOS = ["1:1", "3:4", "4:3", "9:16", "16:9"];
/** Imagen's `sampleCount`. */
const IMAGEN_N_MAX = 4;
/** Pixels of the longer side above which the next size is meant. */
const SIDE = { one: 1_792, two: 3_072 };

/** Pictures by Gemini's image models, or by Imagen, which has an address and words of its own. */
export const geminiImages = (request: ImagesRequest, model: string): MediaCall<ImagesAnswer> => {
  if (request.links.length > 0) throw new GatewayError("invalidRequest", { publicText: "Send the pictures to edit as files (multipart/form-data).", param: "image" });
  return model.startsWith("imagen-") ? imagen(request) : generate(request, model);
};

function generate(request: ImagesRequest, model: string): MediaCall<ImagesAnswer> {
  if (request.n > 1) throw new GatewayError("invalidRequest", { publicText: '"n" may only be 1: this model makes one picture at a time.', param: "n" });
  if (request.mask) throw new GatewayError("invalidRequest", { publicText: '"mask" cannot be used with this model: say in the prompt what is to be changed.', param: "mask" });
  const longer = Math.max(request.size?.width ?? 0, request.size?.height ?? 0);
  const sizes = model.startsWith("gemini-3") && longer > SIDE.one;
  const imageConfig = request.size && { aspectRatio: nearestRatio(request.size, RATIOS), ...(sizes ? { imageSize: longer > SIDE.two ? "4K" : "2K" } : {}) };
  const pictures = request.pictures.map((picture) => ({ inlineData: { mimeType: picture.contentType, data: picture.base64() } }));
  return {
    endpoint: { name: "generateContent", upstreamPath: "/v1beta/models/{model}:generateContent", billable: true },
    query: "",
    body: { contents: [{ role: "user", parts: [{ text: request.prompt }, ...pictures] }], generationConfig: { responseModalities: ["IMAGE"], ...(imageConfig ? { imageConfig } : {}) } },
    dropped: request.extras,
    read: readGenerated,
  };
}

function readGenerated({ body }: VendorAnswer): ImagesAnswer | MediaRefusal {
  const answer = objectOf(parseJson(body.toString("utf8")));
  const pictures = blobsOf(answer).filter((blob) => blob.contentType.startsWith("image/"));
  if (pictures.length === 0) return refusalOf(answer, "picture");
  return { kind: "images", pictures, usage: { ...readGeminiUsage(answer["usageMetadata"])?.usage, images: pictures.length } };
}

function imagen(request: ImagesRequest): MediaCall<ImagesAnswer> {
  if (request.pictures.length > 0) throw new GatewayError("invalidRequest", { publicText: "This model makes pictures but does not edit any.", param: "image" });
  if (request.n > IMAGEN_N_MAX) throw new GatewayError("invalidRequest", { publicText: `"n" may be ${IMAGEN_N_MAX} at most with this model.`, param: "n" });
  return {
    endpoint: { name: "predict", upstreamPath: "/v1beta/models/{model}:predict", billable: true },
    query: "",
    body: { instances: [{ prompt: request.prompt }], parameters: { sampleCount: request.n, ...(request.size ? { aspectRatio: nearestRatio(request.size, IMAGEN_RATIOS) } : {}) } },
    dropped: request.extras,
    read: readPredicted,
  };
}

/** An answer without predictions is how Imagen refuses a prompt. */
function readPredicted({ body }: VendorAnswer): ImagesAnswer | MediaRefusal {
  const { predictions = [] } = objectOf(parseJson(body.toString("utf8")));
  const list: unknown[] = Array.isArray(predictions) ? predictions : [];
  const pictures = list.flatMap((one) => {
    const { bytesBase64Encoded: base64, mimeType } = objectOf(one);
    return typeof base64 === "string" && base64 !== "" ? [{ base64, contentType: typeof mimeType === "string" ? mimeType : "image/png" }] : [];
  });
  if (pictures.length > 0) return { kind: "images", pictures, usage: { images: pictures.length } };
  const reason = list.map((one) => objectOf(one)["raiFilteredReason"]).find((text) => typeof text === "string");
  const message = typeof reason === "string" ? reason : "The model's content policy refused the prompt.";
  return { kind: "refused", status: 400, body: JSON.stringify({ error: { code: 400, message, status: "INVALID_ARGUMENT" } }), policy: true };
}
