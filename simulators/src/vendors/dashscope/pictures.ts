/** Reads and checks what a picture request asks for: of Qwen's models (Model Studio, "Qwen - image generation" and "image editing") and Wan's ("Text to image"). */
import { asList, asNumber, asObject, asText, type JsonObject } from "../../kit/json.ts";

/** A picture request, understood. */
export interface PictureWish {
  model: string;
  prompt: string;
  width: number;
  height: number;
  n: number;
}

/** What a family of models takes. */
interface Family {
  models: RegExp;
  /** sizes offered; of models without such a list any size between the two sides below is taken */
  sizes?: string[];
  sides: [number, number];
  standard: string;
  most: number;
  /** pictures to edit, least and most */
  inputs: [number, number];
  sync: boolean;
  async: boolean;
}

const QWEN_SIZES = ["1328*1328", "1664*928", "1472*1104", "1104*1472", "928*1664"];
/** The first that matches counts. Sides are pixels. */
const FAMILIES: Family[] = [
  { models: /^qwen-image-edit(-\d{4}-\d\d-\d\d)?$/, sides: [512, 2048], standard: "1024*1024", most: 1, inputs: [1, 3], sync: true, async: false },
  { models: /^qwen-image-edit-(plus|max)/, sides: [512, 2048], standard: "1024*1024", most: 6, inputs: [1, 3], sync: true, async: false },
  { models: /^qwen-image-[23]\.\d/, sides: [512, 2048], standard: "2048*2048", most: 6, inputs: [0, 3], sync: true, async: false },
  { models: /^qwen-image-max/, sizes: QWEN_SIZES, sides: [928, 1664], standard: "1664*928", most: 1, inputs: [0, 0], sync: true, async: false },
  { models: /^qwen-image(-plus)?(-\d{4}-\d\d-\d\d)?$/, sizes: QWEN_SIZES, sides: [928, 1664], standard: "1328*1328", most: 1, inputs: [0, 0], sync: true, async: true },
  { models: /^(wan\d\.\d-t2i|wanx)/, sides: [512, 1440], standard: "1024*1024", most: 4, inputs: [0, 0], sync: false, async: true },
];
const SEED_MAX = 2_147_483_647;
const NEGATIVE_MAX = 500;

/** Takes a model id; gives whether it is called at once, as a task, or `undefined` when there is none of that name. */
export function picturesOf(model: string): { sync: boolean; async: boolean } | undefined {
  return /nonexist|not-exist|unknown/.test(model) ? undefined : FAMILIES.find((family) => family.models.test(model));
}

const whole = (value: unknown, least: number, most: number): boolean => value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most);

function sidesOf(size: string, { sizes, sides }: Family): [number, number] | undefined {
  if (!/^\d+\*\d+$/.test(size) || (sizes && !sizes.includes(size))) return undefined;
  const [width = 0, height = 0] = size.split("*").map(Number);
  const [least, most] = sides;
  return Math.min(width, height) >= least && Math.max(width, height) <= most ? [width, height] : undefined;
}

/** Takes the body, its prompt and its number of pictures given; gives the wish, or what is wrong with it. The model must be one of `picturesOf`. */
function readCommon(body: JsonObject, prompt: string, inputs: number): PictureWish | string {
  const [model, parameters] = [asText(body["model"]), asObject(body["parameters"])];
  const family = FAMILIES.find((one) => one.models.test(model));
  if (!family) return "model is not supported";
  if (prompt === "") return "Field required: input.prompt";
  const [least, most] = family.inputs;
  if (inputs < least || inputs > most) return most === 0 ? "image is not supported by this model" : `The number of images must be between ${Math.max(least, 1)} and ${most}`;
  const negative = parameters["negative_prompt"] ?? asObject(body["input"])["negative_prompt"];
  if (negative !== undefined && typeof negative !== "string") return "negative_prompt must be a string";
  if (asText(negative).length > NEGATIVE_MAX) return `negative_prompt must not exceed ${NEGATIVE_MAX} characters`;
  if (!whole(parameters["n"], 1, family.most)) return family.most === 1 ? "num_images_per_prompt must be 1" : `num_images_per_prompt must be between 1 and ${family.most}`;
  if (!whole(parameters["seed"], 0, SEED_MAX)) return `seed must be in [0, ${SEED_MAX}]`;
  for (const name of ["prompt_extend", "watermark"]) if (parameters[name] !== undefined && typeof parameters[name] !== "boolean") return `${name} must be a boolean`;
  const size = parameters["size"] === undefined ? family.standard : asText(parameters["size"]);
  const sides = sidesOf(size, family);
  if (!sides) return family.sizes ? `size must be one of ${family.sizes.join(", ")}` : `size must be within ${family.sides.join(" and ")} pixels a side, as width*height`;
  return { model, prompt, width: sides[0], height: sides[1], n: asNumber(parameters["n"]) ?? 1 };
}

/** Takes the body of `multimodal-generation`; gives the wish, or what is wrong. */
export function readMessages(body: JsonObject): PictureWish | string {
  const messages = asList(asObject(body["input"])["messages"]).map(asObject);
  const [message] = messages;
  if (!message) return "Field required: input.messages";
  if (messages.length > 1 || message["role"] !== "user") return "messages must hold exactly one message of the role user";
  const content = asList(message["content"]).map(asObject);
  const texts = content.filter((part) => part["text"] !== undefined);
  const images = content.filter((part) => part["image"] !== undefined).map((part) => asText(part["image"]));
  if (texts.length !== 1) return "content must hold exactly one text";
  if (!images.every((image) => /^(https?:\/\/|oss:\/\/|data:image\/)/.test(image))) return "The image format is illegal and cannot be opened";
  return readCommon(body, asText(texts[0]?.["text"]), images.length);
}

/** Takes the body of `image-synthesis`; gives the wish, or what is wrong. */
export function readPrompt(body: JsonObject): PictureWish | string {
  return readCommon(body, asText(asObject(body["input"])["prompt"]), 0);
}
