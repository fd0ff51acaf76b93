/** Reads and checks what a request to Veo asks for (Gemini API, "Veo API parameters"). */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { isOfKind, type InputKind } from "../../kit/media/input-file.ts";

/** A film, understood. */
export interface FilmWish {
  prompt: string;
  count: number;
  width: number;
  height: number;
  /** seconds */
  duration: number;
}

/** What each generation takes; the first that matches counts. */
const FAMILIES: { models: RegExp; resolutions: string[]; durations: number[]; references: boolean }[] = [
  { models: /^veo-3\.1-lite/, resolutions: ["720p", "1080p"], durations: [4, 6, 8], references: false },
  { models: /^veo-3\.1/, resolutions: ["720p", "1080p", "4k"], durations: [4, 6, 8], references: true },
  { models: /^veo-3\.0/, resolutions: ["720p", "1080p"], durations: [4, 6, 8], references: false },
  { models: /./, resolutions: ["720p"], durations: [5, 6, 8], references: false },
];
const LINES: Record<string, [number, number]> = { "720p": [1280, 720], "1080p": [1920, 1080], "4k": [3840, 2160] };
const DURATION = 8;
const SAMPLES_MAX = 4;
const REFERENCES_MAX = 3;
const PEOPLE = ["dont_allow", "allow_adult", "allow_all"];
/** Vertex has them, the Gemini API has not. */
const ABSENT = ["storageUri", "outputGcsUri", "fps", "pubsubTopic", "generateAudio", "mask", "compressionQuality", "labels", "resizeMode"];

const unsupported = (name: string): string => `\`${name}\` isn't supported by this model. Please remove it or refer to the Gemini API documentation for supported usage.`;

/** Takes bytes as base64 and what they shall be; tells whether they are. */
function holds(base64: unknown, kind: InputKind): boolean {
  const bytes = typeof base64 === "string" && /^[A-Za-z0-9+/_-]+=*$/.test(base64) ? Buffer.from(base64, "base64") : Buffer.alloc(0);
  return bytes.length >= 12 && isOfKind(bytes, kind);
}

const picture = (value: unknown): boolean => isObject(value) && asText(value["mimeType"]).startsWith("image/") && holds(value["bytesBase64Encoded"], "picture");
const film = (value: unknown): boolean => isObject(value) && (asText(value["uri"]) !== "" || holds(value["encodedVideo"] ?? value["bytesBase64Encoded"], "video"));

/** Takes the body, the model and what this site does not have; gives the wish, or what is wrong. */
export function readFilm(body: JsonObject, model: string, absentHere: readonly string[] = ABSENT): FilmWish | string {
  const [instance, parameters] = [asObject(asList(body["instances"])[0]), asObject(body["parameters"])];
  const family = FAMILIES.find((one) => one.models.test(model));
  if (!family || asList(body["instances"]).length !== 1) return "The number of instances must be 1.";
  const absent = absentHere.find((name) => parameters[name] !== undefined || instance[name] !== undefined);
  if (absent !== undefined) return unsupported(absent);
  const prompt = asText(instance["prompt"]);
  if (prompt === "" && instance["image"] === undefined && instance["video"] === undefined) return "Text prompt, image or video must be provided.";
  for (const name of ["image", "lastFrame"]) if (instance[name] !== undefined && !picture(instance[name])) return `\`${name}\` must hold \`bytesBase64Encoded\` of a picture and its \`mimeType\`.`;
  if (instance["lastFrame"] !== undefined && instance["image"] === undefined) return "`lastFrame` needs `image`.";
  if (instance["video"] !== undefined && !film(instance["video"])) return "`video` must hold `uri` or `encodedVideo`.";
  const references = asList(instance["referenceImages"]).map(asObject);
  if (references.length > 0 && !family.references) return unsupported("referenceImages");
  if (references.length > REFERENCES_MAX || !references.every((one) => picture(one["image"]) && asText(one["referenceType"]).toLowerCase() === "asset")) return `\`referenceImages\` must be ${REFERENCES_MAX} at most, each a picture of the type asset.`;
  const count = parameters["sampleCount"] === undefined ? 1 : asNumber(parameters["sampleCount"]);
  if (count === undefined || !Number.isInteger(count) || count < 1 || count > SAMPLES_MAX) return `\`sampleCount\` must be between 1 and ${SAMPLES_MAX}.`;
  const ratio = asText(parameters["aspectRatio"]) || "16:9";
  if (ratio !== "16:9" && ratio !== "9:16") return "`aspectRatio` must be 16:9 or 9:16.";
  const resolution = asText(parameters["resolution"]) || "720p";
  const sides = family.resolutions.includes(resolution) ? LINES[resolution] : undefined;
  if (!sides) return unsupported("resolution");
  const duration = parameters["durationSeconds"] === undefined ? DURATION : asNumber(parameters["durationSeconds"]);
  if (duration === undefined || !family.durations.includes(duration)) return `The number value for \`durationSeconds\` is out of bound. Please provide one of ${family.durations.join(", ")}.`;
  if (duration !== DURATION && (resolution !== "720p" || references.length > 0)) return `\`durationSeconds\` must be ${DURATION} for this resolution and for reference images.`;
  if (parameters["personGeneration"] !== undefined && !PEOPLE.includes(asText(parameters["personGeneration"]).toLowerCase())) return `\`personGeneration\` must be one of ${PEOPLE.join(", ")}.`;
  if (parameters["seed"] !== undefined && !Number.isInteger(parameters["seed"])) return "`seed` must be an integer.";
  const [long, short] = sides;
  return { prompt, count, duration, width: ratio === "16:9" ? long : short, height: ratio === "16:9" ? short : long };
}
