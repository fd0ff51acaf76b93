/** Reads and checks what a film request asks for (Model Studio, Wan's "text-to-video", "image-to-video" and "first and last frame" references). */
import { asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";
import { inputFile } from "../../kit/media/input-file.ts";

/** A film request, understood. */
export interface FilmWish {
  model: string;
  prompt: string;
  width: number;
  height: number;
  /** seconds */
  duration: number;
  /** lines of the resolution's class: 480, 720 or 1080 */
  sr: number;
}

/** Sizes by class (text-to-video reference). */
const SIZES: Record<string, string[]> = {
  "480P": ["832*480", "480*832", "624*624"],
  "720P": ["1280*720", "720*1280", "960*960", "1088*832", "832*1088"],
  "1080P": ["1920*1080", "1080*1920", "1440*1440", "1632*1248", "1248*1632"],
};

/** What a model takes. The first picture named is the one that must be there. */
interface Family {
  models: RegExp;
  classes: string[];
  durations: (seconds: number) => boolean;
  pictures: string[];
  promptMax: number;
}

const five = (seconds: number): boolean => seconds === 5;
const ALL = Object.keys(SIZES);
/** The first that matches counts. */
const FAMILIES: Family[] = [
  { models: /^wan2\.6-t2v/, classes: ["720P", "1080P"], durations: (seconds) => seconds >= 2 && seconds <= 15, pictures: [], promptMax: 1_500 },
  { models: /^wan2\.6-i2v/, classes: ["720P", "1080P"], durations: (seconds) => seconds >= 2 && seconds <= 15, pictures: ["img_url"], promptMax: 1_500 },
  { models: /^wan2\.5-t2v/, classes: ALL, durations: (seconds) => seconds === 5 || seconds === 10, pictures: [], promptMax: 1_500 },
  { models: /^wan2\.5-i2v/, classes: ALL, durations: (seconds) => seconds === 5 || seconds === 10, pictures: ["img_url"], promptMax: 1_500 },
  { models: /^wanx?2\.[12]-t2v/, classes: ALL, durations: five, pictures: [], promptMax: 800 },
  { models: /^wanx?2\.[12]-i2v/, classes: ALL, durations: five, pictures: ["img_url"], promptMax: 800 },
  { models: /^wanx?2\.[12]-kf2v/, classes: ALL, durations: five, pictures: ["first_frame_url", "last_frame_url"], promptMax: 800 },
];
const SEED_MAX = 2_147_483_647;
const NEGATIVE_MAX = 500;

/** Takes a model id; gives what it takes, `undefined` when there is no film model of that name. */
export const filmsOf = (model: string): object | undefined => (/nonexist|not-exist|unknown/.test(model) ? undefined : FAMILIES.find((family) => family.models.test(model)));

/** Takes the body of `video-synthesis`, whose model must be one of `filmsOf`; gives the wish, or what is wrong. */
export function readFilm(body: JsonObject): FilmWish | string {
  const [model, input, parameters] = [asText(body["model"]), asObject(body["input"]), asObject(body["parameters"])];
  const family = FAMILIES.find((one) => one.models.test(model));
  if (!family) return "model is not supported";
  const prompt = asText(input["prompt"]);
  const [needed] = family.pictures;
  if (needed === undefined && prompt === "") return "Field required: input.prompt";
  if (prompt.length > family.promptMax) return `prompt must not exceed ${family.promptMax} characters`;
  if (asText(input["negative_prompt"]).length > NEGATIVE_MAX) return `negative_prompt must not exceed ${NEGATIVE_MAX} characters`;
  if (needed !== undefined && asText(input[needed]) === "") return `Field required: input.${needed}`;
  for (const name of ["img_url", "first_frame_url", "last_frame_url"]) {
    if (input[name] === undefined) continue;
    if (!family.pictures.includes(name)) return `${name} is not supported by this model`;
    const found = inputFile(asText(input[name]), "picture", false);
    if (found !== "fits") return found === "gone" ? "download image failed" : "The image format is illegal and cannot be opened";
  }
  const seed = parameters["seed"] ?? 0;
  if (!Number.isInteger(seed) || Number(seed) < 0 || Number(seed) > SEED_MAX) return `seed must be in [0, ${SEED_MAX}]`;
  for (const name of ["prompt_extend", "watermark", "audio"]) if (parameters[name] !== undefined && typeof parameters[name] !== "boolean") return `${name} must be a boolean`;
  const duration = parameters["duration"] === undefined ? 5 : asNumber(parameters["duration"]);
  if (duration === undefined || !Number.isInteger(duration) || !family.durations(duration)) return "duration is not supported by this model";
  const standard = family.classes.includes("1080P") && !model.includes("turbo") ? "1080P" : "720P";
  const size = needed === undefined ? asText(parameters["size"]) || (SIZES[standard]?.[0] ?? "") : (SIZES[asText(parameters["resolution"]) || "720P"]?.[0] ?? "");
  const named = family.classes.find((one) => SIZES[one]?.includes(size));
  if (named === undefined) return needed === undefined ? "size is not supported by this model" : "resolution is not supported by this model";
  const [width = 0, height = 0] = size.split("*").map(Number);
  return { model, prompt, width, height, duration, sr: Number.parseInt(named, 10) };
}
