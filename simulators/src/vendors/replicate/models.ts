/** Models that Replicate hosts: those of the catalogue with their inputs, and what any other one is taken to be. */
import type { Fields, Rule } from "../../kit/fields.ts";
import { asNumber, asText, type JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import { sidesOfLines, sidesOfPixels } from "../../kit/media/shape.ts";
import { spokenSeconds } from "../../kit/media/sound.ts";

/** A model. */
export interface Model {
  fields: Fields;
  /** how long it usually takes, in seconds */
  seconds: number;
  /** Takes the input; gives the files it makes. */
  files: (input: JsonObject) => FileWish[];
  /** the output is one address, not a list */
  single: boolean;
}

const PROMPT: Rule = { is: "text", required: true };
const PICTURE: Rule = { is: "file", kind: "picture" };
const SEED: Rule = { is: "integer" };
const FLAG: Rule = { is: "flag" };
const TOLERANCE: Rule = { is: "integer", least: 0, most: 6 };
const SIDE: Rule = { is: "integer", least: 256, most: 1440 };
const KONTEXT_RATIOS = ["match_input_image", "1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "4:5", "5:4", "21:9", "9:21", "2:1", "1:2"];
const FLUX_RATIOS = ["1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3"];
const MILLION = 1024 * 1024;
/** Length of what was not told, in seconds. */
const SECONDS = 5;
const SECONDS_MAX = 60;

function pictures(input: JsonObject, format: string, pixels = MILLION, count = 1): FileWish[] {
  const own: [number, number] | undefined = asText(input["aspect_ratio"]) === "custom" || input["aspect_ratio"] === undefined ? [asNumber(input["width"]) ?? 1024, asNumber(input["height"]) ?? 1024] : undefined;
  const [width, height] = own ?? sidesOfPixels(asText(input["aspect_ratio"]), pixels) ?? [1024, 1024];
  const coded = format === "png" || format === "webp" ? format : "jpeg";
  return Array.from({ length: count }, (_, index) => ({ kind: "picture" as const, width, height, format: coded, seed: `${asText(input["prompt"])} ${index}` }));
}

/** A film of 720 lines and the usual length. */
function film(ratio: string, seed: string): FileWish[] {
  const [width, height] = sidesOfLines(ratio, "720p");
  return [{ kind: "video", width, height, duration: SECONDS, seed }];
}

const kontext: Model = {
  fields: {
    prompt: PROMPT,
    input_image: PICTURE,
    aspect_ratio: { is: "text", values: KONTEXT_RATIOS },
    output_format: { is: "text", values: ["png", "jpg"] },
    safety_tolerance: TOLERANCE,
    prompt_upsampling: FLAG,
    seed: SEED,
  },
  seconds: 10,
  single: true,
  files: (input) => pictures(input, asText(input["output_format"]) || "png"),
};

/** The models of the catalogue. */
const MODELS: Record<string, Model> = {
  "black-forest-labs/flux-kontext-pro": kontext,
  "black-forest-labs/flux-kontext-max": kontext,
  "black-forest-labs/flux-pro": {
    fields: {
      prompt: PROMPT,
      steps: { is: "integer", least: 1, most: 50 },
      guidance: { is: "number", least: 2, most: 5 },
      interval: { is: "number", least: 1, most: 4 },
      aspect_ratio: { is: "text", values: ["custom", ...FLUX_RATIOS] },
      width: SIDE,
      height: SIDE,
      output_format: { is: "text", values: ["webp", "jpg", "png"] },
      output_quality: { is: "integer", least: 0, most: 100 },
      safety_tolerance: { is: "integer", least: 1, most: 6 },
      prompt_upsampling: FLAG,
      seed: SEED,
      image_prompt: PICTURE,
    },
    seconds: 10,
    single: true,
    files: (input) => pictures(input, asText(input["output_format"]) || "webp"),
  },
  "black-forest-labs/flux-1.1-pro-ultra": {
    fields: {
      prompt: PROMPT,
      raw: FLAG,
      aspect_ratio: { is: "text", values: ["21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "9:21"] },
      image_prompt: PICTURE,
      image_prompt_strength: { is: "number", least: 0, most: 1 },
      safety_tolerance: { is: "integer", least: 1, most: 6 },
      output_format: { is: "text", values: ["jpg", "png"] },
      seed: SEED,
    },
    seconds: 15,
    single: true,
    files: (input) => pictures({ aspect_ratio: "1:1", ...input }, asText(input["output_format"]) || "jpg", 4 * MILLION),
  },
  "google/imagen-4": {
    fields: {
      prompt: PROMPT,
      aspect_ratio: { is: "text", values: ["1:1", "9:16", "16:9", "3:4", "4:3"] },
      output_format: { is: "text", values: ["jpg", "png"] },
      safety_filter_level: { is: "text", values: ["block_low_and_above", "block_medium_and_above", "block_only_high"] },
    },
    seconds: 10,
    single: true,
    files: (input) => pictures(input, asText(input["output_format"]) || "jpg"),
  },
  "openai/dall-e-3": {
    fields: { prompt: PROMPT, aspect_ratio: { is: "text", values: ["1:1", "3:2", "2:3"] }, style: { is: "text", values: ["vivid", "natural"] } },
    seconds: 20,
    single: false,
    files(input) {
      const [width, height] = asText(input["aspect_ratio"]) === "3:2" ? [1792, 1024] : asText(input["aspect_ratio"]) === "2:3" ? [1024, 1792] : [1024, 1024];
      return [{ kind: "picture", width, height, format: "png", seed: asText(input["prompt"]) }];
    },
  },
  "luma/ray": {
    fields: { prompt: PROMPT, aspect_ratio: { is: "text", values: ["1:1", "3:4", "4:3", "9:16", "16:9", "9:21", "21:9"] }, loop: FLAG, start_image_url: PICTURE, end_image_url: PICTURE, start_video_id: { is: "text" }, end_video_id: { is: "text" } },
    seconds: 60,
    single: true,
    files: (input) => film(asText(input["aspect_ratio"]) || "16:9", asText(input["prompt"])),
  },
  "runwayml/gen4-aleph": {
    fields: { prompt: PROMPT, video: { is: "file", kind: "video", required: true }, aspect_ratio: { is: "text", values: ["16:9", "9:16", "4:3", "3:4", "1:1", "21:9"] }, reference_image: PICTURE, seed: SEED },
    seconds: 90,
    single: true,
    files: (input) => film(asText(input["aspect_ratio"]) || "16:9", asText(input["prompt"])),
  },
};

const anyPicture: Model = {
  fields: { num_outputs: { is: "integer", least: 1, most: 4 }, seed: SEED, image: PICTURE, input_image: PICTURE },
  seconds: 5,
  single: false,
  files: (input) => pictures(input, asText(input["output_format"]) || "webp", MILLION, asNumber(input["num_outputs"]) ?? 1),
};

const anyFilm: Model = {
  fields: { seed: SEED, image: PICTURE },
  seconds: 60,
  single: true,
  files(input) {
    const [width, height] = sidesOfLines(asText(input["aspect_ratio"]) || "16:9", asText(input["resolution"]));
    return [{ kind: "video", width, height, duration: Math.min(asNumber(input["duration"]) ?? SECONDS, SECONDS_MAX), seed: asText(input["prompt"]) }];
  },
};

const anySound: Model = {
  fields: {},
  seconds: 10,
  single: true,
  files: (input) => [{ kind: "sound", duration: asText(input["text"]) === "" ? Math.min(asNumber(input["duration"]) ?? SECONDS, SECONDS_MAX) : spokenSeconds(asText(input["text"])), format: "mp3" }],
};

/** Takes `owner/name`; gives the model: every well-formed name exists that does not say otherwise. */
export function modelOf(name: string): Model | undefined {
  const known = Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
  if (known) return known;
  if (!/^[\w.-]+\/[\w.-]+$/.test(name) || /nonexist|not-exist|unknown/.test(name)) return undefined;
  if (/video|veo|kling|hailuo|seedance|pixverse|wan-|ray-|i2v|t2v/.test(name)) return anyFilm;
  return /speech|music|tts|audio|bark|chatterbox|lyria|voice/.test(name) ? anySound : anyPicture;
}
