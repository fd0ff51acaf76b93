import { rulesFor, VEO_INPUTS } from "@yescale/contract/media";
import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import { checkInputs, spoken } from "./check-inputs.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { modelOf, numberIn, picture, saidOnly, wrong } from "./inputs.ts";
import { found, optional, ordered, requiredText } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";
import { accepted, render, unified } from "./unified.ts";

const PATH = "/veo/v1/videos/generations";
const PROMPT_MAX = 10_000;
/** This door's words for what a wish says. */
const SPOKEN = {
  prompt: ["prompt"], duration: ["duration"], resolution: ["resolution"], aspectRatio: ["aspect_ratio"], negativePrompt: ["negative_prompt"], seed: ["seed"], enhancePrompt: ["enhance_prompt"], images: ["images"],
} satisfies FamilyWords;
/** The most that any of the models takes; how many each does, its entry in the catalog says. */
const IMAGES_MAX = 3;

/** Veo, below `/veo`: films of a text, of one or two frames, of pictures to go by; tasks look as at `/task`. */
export const veo: MediaFamily = {
  id: "veo",
  platform: "veo",
  idForm: "uuid",
  routes: [
    { method: "POST", paths: [PATH], bodies: ["json"], priced: true, handle: submit },
    { method: "GET", paths: [`${PATH}/{id}`], handle: async (call, tools) => ({ json: render(await found(call, call.params["id"] ?? "", tools, veo), tools) }) },
  ],
  render,
  error: (error, requestId) => unified.error(error, requestId),
};

async function submit(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const json = spoken(call.json);
  const model = modelOf(requiredText(json, "model", 100), /^veo/);
  checkInputs(json, rulesFor(tools.catalog().find(model)?.id ?? model, VEO_INPUTS));
  const prompt = requiredText(json, "prompt", PROMPT_MAX);
  const images = imagesOf(json["images"], model);
  const resolution = optional(json, "resolution", "string");
  const said = saidOnly<unknown>({
    duration: numberIn(json, "duration"), resolution, aspectRatio: optional(json, "aspect_ratio", "string"), negativePrompt: optional(json, "negative_prompt", "string"),
    seed: optional(json, "seed", "number"), enhancePrompt: optional(json, "enhance_prompt", "boolean"), images: images.length > 0 ? images : undefined,
  });
  const options = { ...saidOnly({ duration: numberIn(json, "duration"), resolution, size: resolution }), images: images.length };
  // What the price assumes where nothing is said, the vendor is told.
  const { quote } = tools.tasks.quote({ key: call.key, model, options });
  const { duration, resolution: lines } = quote.options;
  const wish = { kind: "video", prompt, ...said, ...(duration === undefined ? {} : { duration: Number(duration) }), ...(typeof lines === "string" ? { resolution: lines } : {}) } as MediaWish;
  const task = await ordered(veo, call, { action: "generations", model, request: { wish, withImages: images.length > 0 }, options, said: saidBy(json, SPOKEN) }, tools);
  // The whole task object is documented here.
  return { json: { ...accepted(task, tools), ...(task.finished_at === null ? { finish_time: 0, task_result: {} } : {}) } };
}

/** Components are pictures to go by; of others the first begins the film and the second ends it (tasks/accept.ts). */
function imagesOf(value: unknown, model: string): GivenMedia[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > IMAGES_MAX) throw wrong("images", `must be a list of at most ${IMAGES_MAX} pictures.`);
  return value.map((one: unknown, index): GivenMedia => {
    if (typeof one !== "string") throw wrong("images", "must hold addresses or data: URIs.");
    return { url: picture(one, "images", true).uri, role: model.endsWith("-components") || index > 0 ? "reference" : "input" };
  });
}
