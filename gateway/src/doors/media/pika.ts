import { PIKA_INPUTS } from "@yescale/contract/media";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { TaskState } from "../../store/schema.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { nearestShape } from "../../vendors/_kit/media/shape.ts";
import { checkInputs, spoken } from "./check-inputs.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { numberIn, pictureIn, saidOnly, wrong } from "./inputs.ts";
import { found, optional, ordered, requiredText } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";

/** Words of Pika's feed. */
const WORDS: Readonly<Record<TaskState, string>> = { NOT_START: "queued", SUBMITTED: "queued", QUEUED: "queued", IN_PROGRESS: "started", SUCCESS: "finished", FAILURE: "error", CANCELLED: "error" };
/** Ratios that films are made in today; the door takes the number of one. */
const RATIOS = ["16:9", "9:16", "1:1", "4:5", "5:4", "3:2", "2:3"];
/** This door's words for what a wish says. */
const SPOKEN = { prompt: ["promptText"], negativePrompt: ["options.parameters.negativePrompt"], aspectRatio: ["options.aspectRatio"], seed: ["options.seed"], images: ["image"] } satisfies FamilyWords;

/** Pika, below `/pika`, in the words of its web interface; made by whoever makes its films. */
export const pika: MediaFamily = {
  id: "pika",
  platform: "pika",
  idForm: "uuid",
  routes: [
    { method: "POST", paths: ["/pika/generate"], bodies: ["json"], priced: true, handle: submit },
    { method: "GET", paths: ["/pika/feed/{id}"], handle: async (call, tools) => ({ json: render(await found(call, call.params["id"] ?? "", tools, pika)) }) },
  ],
  render,
  error: ({ kind, publicText }) => ({ status: kind.status, json: { detail: publicText } }),
};

async function submit(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const json = spoken(call.json);
  checkInputs(json, PIKA_INPUTS);
  const prompt = requiredText(json, "promptText");
  const [effect, version] = [optional(json, "pikaffect", "string"), optional(json, "model", "string")];
  const image = pictureIn(json, "image");
  if (effect !== undefined && !image) throw wrong("image", "is missing: an effect is done to it.");
  if (json["video"] !== undefined) throw wrong("video", "cannot be used any more: nobody works on films of Pika's.");
  const options = objectOf(json["options"]);
  if (options["extend"] === true) throw wrong("options.extend", "cannot be used any more: nobody makes a film of Pika's longer.");
  const parameters = objectOf(options["parameters"]);
  const ratio = numberIn(options, "aspectRatio");
  const wish = {
    kind: "video",
    prompt,
    ...saidOnly<unknown>({
      negativePrompt: optional(parameters, "negativePrompt", "string") || undefined,
      seed: optional(options, "seed", "number"),
      aspectRatio: ratio === undefined || image ? undefined : nearestShape(ratio, RATIOS).ratio,
      images: image ? [{ url: image.uri, role: effect === undefined ? "first_frame" : "input" }] : undefined,
      others: effect === undefined ? undefined : { pikaffect: effect },
    }),
  } as MediaWish;
  // Effects are 1.5's; whole films of 1.5 are made by what came after it.
  const model = effect !== undefined ? "pika-1.5" : version === "2.2" ? "pika-2.2" : "pika-2.0";
  const task = await ordered(pika, call, { action: "generate", model, request: { wish, seen: { prompt, seed: typeof options["seed"] === "number" ? options["seed"] : null }, withImages: image !== undefined }, options: {}, said: saidBy(json, SPOKEN, ["pikaffect"]) }, tools);
  return { json: { id: task.id } };
}

/** A film in the feed's form: always one of one. */
function render(task: Task): JsonObject {
  const film = task.outputs.find(({ kind }) => kind === "video");
  const status = WORDS[task.state];
  const url = task.state === "SUCCESS" ? (film?.url ?? "") : "";
  return {
    id: task.id,
    promptText: task.request.seen?.["prompt"] ?? "",
    videos: [{
      id: task.id, status, seed: task.request.seen?.["seed"] ?? null, resultUrl: url, sharingUrl: url, videoPoster: "", imageThumb: "", duration: film?.duration ?? null,
      error: status === "error" ? (task.error_text ?? "failed") : "", progress: task.finished_at !== null ? 100 : task.state === "NOT_START" ? 0 : task.progress,
    }],
  };
}
