/** The kinds of generations that Luma makes (SDK `lumaai`, create parameters). */
import type { Fields, Rule } from "../../kit/fields.ts";
import { asText, type JsonObject } from "../../kit/json.ts";
import type { FileWish } from "../../kit/media/file.ts";
import { sidesOfLines, sidesOfPixels } from "../../kit/media/shape.ts";

/** A kind of generation. */
export interface Kind {
  /** its name in `generation_type` */
  name: string;
  /** what it makes: the member of `assets` */
  asset: "video" | "image";
  fields: Fields;
  /** how long it usually takes, in seconds */
  seconds: number;
  /** Takes the body; gives the file. */
  file: (body: JsonObject) => FileWish;
}

const RATIO: Rule = { is: "text", values: ["1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"] };
const FILMS: Rule = { is: "text", required: true, values: ["ray-2", "ray-flash-2"] };
const PICTURES: Rule = { is: "text", required: true, values: ["photon-1", "photon-flash-1"] };
const PROMPT: Rule = { is: "text", least: 3, most: 5000 };
const RESOLUTION: Rule = { is: "text", values: ["540p", "720p", "1080p", "4k"] };
const CALLBACK: Rule = { is: "text", pattern: /^https?:\/\/\S+$/ };
const media = (kind: "picture" | "video", required = false): Rule => ({ is: "object", required, fields: { url: { is: "file", kind, required: true } } });
const FRAME: Rule = {
  is: "either",
  of: [
    { is: "object", fields: { type: { is: "text", required: true, values: ["image"] }, url: { is: "file", kind: "picture", required: true } } },
    { is: "object", fields: { type: { is: "text", required: true, values: ["generation"] }, id: { is: "text", required: true } } },
  ],
};
const REFERENCES: Rule = { is: "list", most: 4, of: { is: "object", fields: { url: { is: "file", kind: "picture", required: true }, weight: { is: "number", least: 0, most: 1 } } } };
const PLACE: Rule = { is: "integer" };
const PLACES: Fields = { grid_position_x: PLACE, grid_position_y: PLACE, resized_width: PLACE, resized_height: PLACE, x_start: PLACE, x_end: PLACE, y_start: PLACE, y_end: PLACE };
/** Length of a video that an address names and of one that asks for none, in seconds. */
const SECONDS = 5;
/** Pixels of a picture: about what photon makes of a square. */
const PIXELS = 1536 * 1536;

const film = (body: JsonObject, resolution = asText(body["resolution"])): FileWish => {
  const [width, height] = sidesOfLines(asText(body["aspect_ratio"]) || "16:9", resolution || "720p");
  return { kind: "video", width, height, duration: Number.parseInt(asText(body["duration"]), 10) || SECONDS, seed: asText(body["prompt"]) };
};
const picture = (body: JsonObject): FileWish => {
  const [width, height] = sidesOfPixels(asText(body["aspect_ratio"]) || "16:9", PIXELS) ?? [1536, 1536];
  return { kind: "picture", width, height, format: body["format"] === "png" ? "png" : "jpeg", seed: asText(body["prompt"]) };
};

/** Kinds by the path below `generations`. */
export const KINDS: Record<string, Kind> = {
  video: {
    name: "video",
    asset: "video",
    fields: {
      model: FILMS,
      prompt: PROMPT,
      aspect_ratio: RATIO,
      duration: { is: "text", values: ["5s", "9s"] },
      resolution: RESOLUTION,
      loop: { is: "flag" },
      keyframes: { is: "object", fields: { frame0: FRAME, frame1: FRAME } },
      concepts: { is: "list", of: { is: "object", fields: { key: { is: "text", required: true } } } },
      callback_url: CALLBACK,
      generation_type: { is: "text", values: ["video"] },
    },
    seconds: 60,
    file: film,
  },
  image: {
    name: "image",
    asset: "image",
    fields: {
      model: PICTURES,
      prompt: PROMPT,
      aspect_ratio: RATIO,
      format: { is: "text", values: ["jpg", "png"] },
      image_ref: REFERENCES,
      style_ref: REFERENCES,
      character_ref: { is: "object", fields: { identity0: { is: "object", fields: { images: { is: "list", most: 4, of: { is: "file", kind: "picture" } } } } } },
      modify_image_ref: { is: "object", fields: { url: { is: "file", kind: "picture", required: true }, weight: { is: "number", least: 0, most: 1 } } },
      sync: { is: "flag" },
      sync_timeout: { is: "number", least: 1, most: 60 },
      callback_url: CALLBACK,
      generation_type: { is: "text", values: ["image"] },
    },
    seconds: 15,
    file: picture,
  },
  "video/modify": {
    name: "modify_video",
    asset: "video",
    fields: {
      generation_type: { is: "text", required: true, values: ["modify_video"] },
      model: FILMS,
      media: media("video", true),
      mode: { is: "text", required: true, values: ["adhere", "flex", "reimagine"].flatMap((one) => [1, 2, 3].map((level) => `${one}_${level}`)) },
      first_frame: media("picture"),
      prompt: PROMPT,
      callback_url: CALLBACK,
    },
    seconds: 90,
    file: film,
  },
  "video/reframe": {
    name: "reframe_video",
    asset: "video",
    fields: {
      generation_type: { is: "text", required: true, values: ["reframe_video"] },
      model: FILMS,
      media: media("video", true),
      aspect_ratio: { ...RATIO, required: true },
      first_frame: media("picture"),
      prompt: PROMPT,
      ...PLACES,
      callback_url: CALLBACK,
    },
    seconds: 90,
    file: film,
  },
  "image/reframe": {
    name: "reframe_image",
    asset: "image",
    fields: {
      generation_type: { is: "text", required: true, values: ["reframe_image"] },
      model: PICTURES,
      media: media("picture", true),
      aspect_ratio: { ...RATIO, required: true },
      format: { is: "text", values: ["jpg", "png"] },
      prompt: PROMPT,
      ...PLACES,
      callback_url: CALLBACK,
    },
    seconds: 15,
    file: picture,
  },
};

/** Kinds that are made of a generation that is there, by the path below it. */
export const CHILDREN: Record<string, Kind> = {
  upscale: { name: "upscale_video", asset: "video", fields: { generation_type: { is: "text", values: ["upscale_video"] }, resolution: RESOLUTION, callback_url: CALLBACK }, seconds: 60, file: (body) => film(body, asText(body["resolution"]) || "1080p") },
  audio: { name: "add_audio", asset: "video", fields: { generation_type: { is: "text", values: ["add_audio"] }, prompt: PROMPT, negative_prompt: PROMPT, callback_url: CALLBACK }, seconds: 30, file: film },
};
