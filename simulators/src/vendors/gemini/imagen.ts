/** Imagen's `:predict`, on the Gemini API (closed there in August 2026) and on Vertex AI (SDK: GenerateImagesConfig, GenerateImagesResponse; Vertex AI, "Imagen API"). */
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { picture } from "../../kit/media/picture.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { GEMINI_HEADERS, geminiRefusal } from "./errors.ts";
import { unknownModel } from "./models.ts";

/** Sides by aspect ratio at 1K (Vertex AI, "Imagen API", output sizes). */
const SIDES: Record<string, [number, number]> = { "1:1": [1024, 1024], "3:4": [896, 1280], "4:3": [1280, 896], "9:16": [768, 1408], "16:9": [1408, 768] };
const SAMPLES_MAX = 4;
const PEOPLE = ["dont_allow", "allow_adult", "allow_all"];
/** How a picture that was made and then held back is explained. */
const REASON = "Unable to show generated images. All images were filtered out because they violated Vertex AI's usage guidelines. You will not be charged for blocked images. Support codes: 58061214";

/** An Imagen request, understood. */
interface Wish {
  prompt: string;
  count: number;
  width: number;
  height: number;
  format: "png" | "jpeg";
  reason: boolean;
}

/** Takes the body and the model; gives the wish, or what is wrong with it. */
function read(body: JsonObject, model: string): Wish | string {
  const parameters = asObject(body["parameters"]);
  const prompt = asText(asObject(asList(body["instances"])[0])["prompt"]);
  if (asList(body["instances"]).length !== 1) return "The number of instances must be 1.";
  if (prompt === "") return "Image generation failed with the following error: The prompt is empty.";
  const count = parameters["sampleCount"] === undefined ? 1 : asNumber(parameters["sampleCount"]);
  if (count === undefined || !Number.isInteger(count) || count < 1 || count > SAMPLES_MAX) return `sampleCount must be between 1 and ${SAMPLES_MAX}.`;
  const ratio = asText(parameters["aspectRatio"]) || "1:1";
  const sides = SIDES[ratio];
  if (!sides) return `Invalid aspect ratio '${ratio}'.`;
  const size = asText(parameters["sampleImageSize"]) || "1K";
  if (size !== "1K" && (size !== "2K" || model.includes("-fast-"))) return `sampleImageSize '${size}' is not supported by this model.`;
  if (parameters["personGeneration"] !== undefined && !PEOPLE.includes(asText(parameters["personGeneration"]).toLowerCase())) return "personGeneration must be one of dont_allow, allow_adult, allow_all.";
  const options = asObject(parameters["outputOptions"]);
  const type = asText(options["mimeType"]) || "image/png";
  if (type !== "image/png" && type !== "image/jpeg") return `Unsupported output mime type '${type}'.`;
  const quality = asNumber(options["compressionQuality"]) ?? 75;
  if (quality < 0 || quality > 100) return "compressionQuality must be between 0 and 100.";
  const scale = size === "2K" ? 2 : 1;
  return { prompt, count, width: sides[0] * scale, height: sides[1] * scale, format: type === "image/jpeg" ? "jpeg" : "png", reason: parameters["includeRaiReason"] === true };
}

/** Takes a `:predict` request, its model and the API version; gives Imagen's answer. */
export async function predict(request: Received, model: string, version: string): Promise<Answer> {
  if (request.json === undefined) return geminiRefusal(400, "Invalid JSON payload received.");
  if (!/^imagen-[34]/.test(model) || /not-exist|nonexist|unknown/.test(model)) return unknownModel(model, version, "predict");
  const wish = read(asObject(request.json), model);
  if (typeof wish === "string") return geminiRefusal(400, wish);
  const { prompt, width, height, format } = wish;
  const predictions: JsonObject[] = [];
  for (let index = 0; index < wish.count; index += 1) {
    // What is held back is left out, or stands there with its reason when that was asked for.
    const held = /forbidden picture/i.test(prompt) || (index === 0 && /first refused/i.test(prompt));
    if (held && wish.reason) predictions.push({ raiFilteredReason: REASON });
    if (held) continue;
    const bytes = await picture({ width, height, format, seed: `${prompt} ${index}` });
    predictions.push({ mimeType: `image/${format}`, bytesBase64Encoded: Buffer.from(bytes).toString("base64") });
  }
  const shown = predictions.length > 0 ? { predictions } : {};
  return { kind: "whole", status: 200, headers: { ...GEMINI_HEADERS }, body: `${JSON.stringify(shown, null, 2)}\n`, model };
}
