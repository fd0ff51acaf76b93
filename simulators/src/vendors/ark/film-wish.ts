/** Reads and checks what a film request asks for: Seedance (volcengine.com/docs/82379/1520757), with the flags that older models read at the end of the prompt. */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { inputFile } from "../../kit/media/input-file.ts";
import type { WholeAnswer } from "../../kit/vendor.ts";
import { invalid, missing, noModel } from "./errors.ts";

/** A film, understood. */
export interface FilmWish {
  model: string;
  prompt: string;
  resolution: string;
  ratio: string;
  /** seconds */
  duration: number;
  width: number;
  height: number;
  seed: number;
  lastFrame: boolean;
  audio: boolean | undefined;
  tier: string;
  /** seconds after which the task is given up */
  expires: number;
}

interface Family {
  models: RegExp;
  resolutions: string[];
  /** the standard one */
  resolution: string;
  /** seconds, least and most */
  durations: [number, number];
  /** which sides: those of the first generation, or of later ones */
  first: boolean;
  /** flags in the prompt are read */
  flags: boolean;
  roles: string[];
  needsPicture?: true;
  audio?: true;
}

const FRAMES = ["first_frame", "last_frame"];
/** The first that matches counts. */
const FAMILIES: Family[] = [
  { models: /seedance-2-0/, resolutions: ["480p", "720p", "1080p"], resolution: "720p", durations: [4, 15], first: false, flags: false, roles: [...FRAMES, "reference_image", "reference_video", "reference_audio"], audio: true },
  { models: /seedance-1-5-pro/, resolutions: ["480p", "720p", "1080p"], resolution: "720p", durations: [4, 12], first: false, flags: true, roles: FRAMES, audio: true },
  { models: /seedance-1-0-pro-fast/, resolutions: ["480p", "720p", "1080p"], resolution: "1080p", durations: [2, 12], first: true, flags: true, roles: ["first_frame"] },
  { models: /seedance-1-0-pro/, resolutions: ["480p", "720p", "1080p"], resolution: "1080p", durations: [2, 12], first: true, flags: true, roles: FRAMES },
  { models: /seedance-1-0-lite-t2v/, resolutions: ["480p", "720p", "1080p"], resolution: "720p", durations: [2, 12], first: true, flags: true, roles: [] },
  { models: /seedance-1-0-lite-i2v/, resolutions: ["480p", "720p", "1080p"], resolution: "720p", durations: [2, 12], first: true, flags: true, roles: [...FRAMES, "reference_image"], needsPicture: true },
];
/** Sides by resolution and ratio, of the first generation and of later ones. */
const SIDES: Record<string, Record<string, [string, string]>> = {
  "480p": { "16:9": ["864x480", "864x496"], "4:3": ["736x544", "752x560"], "1:1": ["640x640", "640x640"], "3:4": ["544x736", "560x752"], "9:16": ["480x864", "496x864"], "21:9": ["960x416", "992x432"] },
  "720p": { "16:9": ["1248x704", "1280x720"], "4:3": ["1120x832", "1112x834"], "1:1": ["960x960", "960x960"], "3:4": ["832x1120", "834x1112"], "9:16": ["704x1248", "720x1280"], "21:9": ["1504x640", "1470x630"] },
  "1080p": { "16:9": ["1920x1088", "1920x1080"], "4:3": ["1664x1248", "1664x1248"], "1:1": ["1440x1440", "1440x1440"], "3:4": ["1248x1664", "1248x1664"], "9:16": ["1088x1920", "1080x1920"], "21:9": ["2176x928", "2206x946"] },
};
/** What "adaptive" becomes here, since pictures are not opened. */
const ADAPTIVE = "16:9";
const EXPIRES: [number, number] = [3_600, 259_200];
const EXPIRES_USUAL = 172_800;
const SEED_MAX = 4_294_967_295;
const REFERENCES_MAX = 4;
const DURATION = 5;

/** Flags and the members they stand for. */
const FLAGS: Record<string, string> = { ratio: "ratio", rt: "ratio", resolution: "resolution", rs: "resolution", duration: "duration", dur: "duration", seed: "seed", camerafixed: "camera_fixed", cf: "camera_fixed", watermark: "watermark", wm: "watermark" };

/** Takes a prompt; gives it without its flags, and what they say. */
function partsOf(prompt: string): { text: string; flags: JsonObject } {
  const flags: JsonObject = {};
  const text = prompt.replaceAll(/\s*--([a-z]+)\s+(\S+)/g, (all, name: string, value: string) => {
    const member = FLAGS[name];
    if (member === undefined) return all;
    flags[member] = /^-?\d+$/.test(value) ? Number(value) : value === "true" || value === "false" ? value === "true" : value;
    return "";
  });
  return { text: text.trim(), flags };
}

const roleOf = (part: JsonObject): string => asText(part["role"]) || { image_url: "first_frame", video_url: "reference_video", audio_url: "reference_audio" }[asText(part["type"])] || "";

/** Takes the contents other than text and the family; gives what is wrong with them. */
function refusedContents(parts: JsonObject[], family: Family): WholeAnswer | undefined {
  const kinds: Record<string, "picture" | "video" | "sound"> = { image_url: "picture", video_url: "video", audio_url: "sound" };
  for (const [index, part] of parts.entries()) {
    const [type, kind] = [asText(part["type"]), kinds[asText(part["type"])]];
    if (!kind) return invalid(`content[${index}].type`, `${type} is not supported`);
    if (!isObject(part[type]) || asText(asObject(part[type])["url"]) === "") return missing(`content[${index}].${type}.url`);
    if (!family.roles.includes(roleOf(part))) return invalid(`content[${index}].role`, "the role is not supported by the model");
    if (inputFile(asText(asObject(part[type])["url"]), kind, false) !== "fits") return invalid(`content[${index}].${type}.url`, "invalid url or base64, or the file cannot be downloaded");
  }
  const count = (role: string): number => parts.filter((part) => roleOf(part) === role).length;
  const [first, last, references] = [count("first_frame"), count("last_frame"), count("reference_image")];
  if (first > 1 || last > 1 || (last > 0 && first === 0)) return invalid("content", "first and last frame content must be one of each, the last not without the first");
  if (references > REFERENCES_MAX || (references > 0 && first > 0)) return invalid("content", "first/last frame content cannot be mixed with reference media content");
  return family.needsPicture && first + references === 0 ? invalid("content", "image to video models require image in content") : undefined;
}

/** Takes the body; gives the wish, or the refusal. */
export function readFilm(body: JsonObject): FilmWish | WholeAnswer {
  const model = asText(body["model"]);
  if (model === "") return missing("model");
  const family = FAMILIES.find((one) => one.models.test(model));
  if (!family || /nonexist|not-exist|unknown/.test(model)) return noModel(model);
  const content = asList(body["content"]).map(asObject);
  if (content.length === 0) return missing("content");
  const texts = content.filter((part) => part["type"] === "text");
  const others = content.filter((part) => part["type"] !== "text");
  const written = texts.map((part) => asText(part["text"])).join("\n");
  const { text, flags } = family.flags ? partsOf(written) : { text: written, flags: {} };
  if (texts.length > 1) return invalid("content", "only one text content is supported");
  if (text === "" && others.length === 0) return missing("content.text");
  const refused = refusedContents(others, family);
  if (refused) return refused;
  // what the body says outweighs the flags
  const said = { ...flags, ...Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== null)) } as JsonObject;
  const resolution = asText(said["resolution"]) || family.resolution;
  if (!family.resolutions.includes(resolution)) return invalid("resolution", `must be one of ${family.resolutions.join(", ")}`);
  const ratio = asText(said["ratio"]) || ADAPTIVE;
  const sides = SIDES[resolution]?.[ratio === "adaptive" ? ADAPTIVE : ratio]?.[family.first ? 0 : 1];
  if (sides === undefined) return invalid("ratio", "must be one of 16:9, 4:3, 1:1, 3:4, 9:16, 21:9, adaptive");
  const duration = said["duration"] === undefined ? DURATION : asNumber(said["duration"]);
  const [least, most] = family.durations;
  if (duration === undefined || !Number.isInteger(duration) || duration < least || duration > most) return invalid("duration", `must be an integer between ${least} and ${most}`);
  const seed = said["seed"] ?? -1;
  if (!Number.isInteger(seed) || Number(seed) < -1 || Number(seed) > SEED_MAX) return invalid("seed", `must be an integer between -1 and ${SEED_MAX}`);
  for (const name of ["camera_fixed", "watermark", "return_last_frame", "generate_audio", "draft"]) if (said[name] !== undefined && typeof said[name] !== "boolean") return invalid(name, "must be a boolean");
  if (said["generate_audio"] === true && !family.audio) return invalid("generate_audio", "is not supported by the model");
  const tier = asText(said["service_tier"]) || "default";
  if (tier !== "default" && tier !== "flex") return invalid("service_tier", "must be default or flex");
  const expires = said["execution_expires_after"] === undefined ? EXPIRES_USUAL : asNumber(said["execution_expires_after"]);
  if (expires === undefined || !Number.isInteger(expires) || expires < EXPIRES[0] || expires > EXPIRES[1]) return invalid("execution_expires_after", `must be an integer between ${EXPIRES[0]} and ${EXPIRES[1]}`);
  const [width = 0, height = 0] = sides.split("x").map(Number);
  return { model, prompt: text, resolution, ratio: ratio === "adaptive" ? ADAPTIVE : ratio, duration, width, height, seed: Number(seed), lastFrame: said["return_last_frame"] === true, audio: family.audio && said["generate_audio"] !== false, tier, expires };
}
