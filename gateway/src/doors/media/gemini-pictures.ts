import { isClosed } from "../../catalog/index.ts";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { modelRetired } from "../../errors/model-retired.ts";
import { objectsIn, textIn } from "../../vendors/_kit/media/fields.ts";
import { finished } from "./at-once.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { numberIn, saidOnly, wrong } from "./inputs.ts";
import { bytesOf } from "./kept-bytes.ts";
import { optional, requiredText } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";

const MODEL_MAX = 200;
const PROMPT_MAX = 32_000;
const COUNT_MAX = 8;
/** Google's words for what a wish says. */
const SPOKEN = { prompt: ["prompt"], count: ["sampleCount"], resolution: ["sampleImageSize"], aspectRatio: ["aspectRatio"], negativePrompt: ["negativePrompt"], seed: ["seed"], outputFormat: ["outputOptions.mimeType"] } satisfies FamilyWords;

/** Imagen's way to pictures, `:predict`, of any model whose pictures are made as tasks: the answer waits for them (https://ai.google.dev/gemini-api/docs/imagen). */
export async function predict(family: MediaFamily, call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const { json } = call;
  const named = (call.params["model"] ?? "").slice(0, MODEL_MAX);
  const model = tools.catalog().find(named);
  if (model && model.kind === undefined && isClosed(model, tools.now())) throw modelRetired(model);
  if (model?.kind !== "image") throw new GatewayError("modelNotFound", { publicText: `The model "${named}" does not exist, or makes no pictures at this address.`, param: "model" });
  const instances = objectsIn(json, "instances");
  const [instance] = instances;
  if (!instance || instances.length !== 1) throw wrong("instances", "must be a list of one object.");
  const parameters = objectOf(json["parameters"]);
  const count = numberIn(parameters, "sampleCount");
  if (count !== undefined && (!Number.isInteger(count) || count < 1 || count > COUNT_MAX)) throw wrong("sampleCount", `must be a whole number from 1 to ${COUNT_MAX}.`);
  const size = optional(parameters, "sampleImageSize", "string");
  const mime = textIn(objectOf(parameters["outputOptions"]), "mimeType");
  const wish = {
    kind: "image", prompt: requiredText(instance, "prompt", PROMPT_MAX),
    ...saidOnly<unknown>({ count, aspectRatio: optional(parameters, "aspectRatio", "string"), resolution: size, negativePrompt: optional(parameters, "negativePrompt", "string"), seed: numberIn(parameters, "seed"), outputFormat: mime === "" ? undefined : mime.replace(/^image\//, "") }),
  } as MediaWish;
  const task = await finished(family, call, { action: "predict", model: model.id, request: { wish, seen: { model: named }, withImages: false }, options: saidOnly({ n: count, size, images: 0 }), said: saidBy({ ...instance, ...parameters }, SPOKEN) }, tools);
  const made = task.outputs.filter(({ kind, role }) => kind === "image" && (role === undefined || role.startsWith("seed:")));
  const predictions = await Promise.all(made.map(async (output) => ({ mimeType: output.mime ?? "image/png", bytesBase64Encoded: await bytesOf(output, tools) })));
  return { headers: { "x-task-id": task.id }, json: { predictions } };
}
