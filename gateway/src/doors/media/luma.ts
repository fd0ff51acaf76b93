import { LUMA_INPUTS } from "@yescale/contract/media";
import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import type { TaskState } from "../../store/schema.ts";
import type { Task, TaskOutput } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { checkInputs, spoken } from "./check-inputs.ts";
import { dreamMachine } from "./dream-machine.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { modelOf, numberIn, pictureIn, saidOnly } from "./inputs.ts";
import { found, optional, ordered, requiredText, taskNotFound } from "./order.ts";
import { type FamilyWords, saidBy } from "./said.ts";

/** Words of Dream Machine's web interface, which clients of this door know. */
const WORDS: Readonly<Record<TaskState, string>> = { NOT_START: "pending", SUBMITTED: "pending", QUEUED: "pending", IN_PROGRESS: "processing", SUCCESS: "completed", FAILURE: "failed", CANCELLED: "failed" };
/** The first generation is gone at Luma: who names none gets the second. */
const USUAL_MODEL = "ray-v2";
/** This door's words for what a wish says. */
const SPOKEN = {
  prompt: ["user_prompt"], duration: ["duration"], resolution: ["resolution"], aspectRatio: ["aspect_ratio"], enhancePrompt: ["expand_prompt"], images: ["image_url", "image_end_url"],
} satisfies FamilyWords;

/** Luma, below `/luma`, in the words of Dream Machine's web interface as the family of New API has them; made by whoever makes the model. */
export const luma: MediaFamily = {
  id: "luma",
  platform: "luma",
  idForm: "uuid",
  routes: [
    { method: "POST", paths: ["/luma/generations"], bodies: ["json"], priced: true, handle: submit },
    { method: "GET", paths: ["/luma/generations/{id}"], handle: fetched },
  ],
  render,
  error: ({ kind, publicText }) => ({ status: kind.status, json: { detail: publicText } }),
};

async function submit(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const json = spoken(call.json);
  checkInputs(json, LUMA_INPUTS);
  const prompt = requiredText(json, "user_prompt");
  const model = modelOf(optional(json, "model_name", "string") || USUAL_MODEL, /^ray-/);
  const [first, last] = [pictureIn(json, "image_url"), pictureIn(json, "image_end_url")];
  const images: GivenMedia[] = [...(first ? [{ url: first.uri, role: "first_frame" as const }] : []), ...(last ? [{ url: last.uri, role: "last_frame" as const }] : [])];
  const [duration, resolution, aspectRatio, loop] = [numberIn(json, "duration"), optional(json, "resolution", "string"), optional(json, "aspect_ratio", "string"), optional(json, "loop", "boolean")];
  const enhancePrompt = optional(json, "expand_prompt", "boolean");
  const wish = { kind: "video", prompt, ...saidOnly<unknown>({ duration: duration ?? 5, resolution, aspectRatio, enhancePrompt, images: images.length > 0 ? images : undefined, others: loop === undefined ? undefined : { loop } }) } as MediaWish;
  const task = await ordered(luma, call, { action: "generations", model, request: { wish, seen: { prompt }, withImages: images.length > 0 }, options: saidOnly({ duration, resolution }), said: saidBy(json, SPOKEN, ["model_name", "loop"]) }, tools);
  return { json: render(task) };
}

/** What Luma's own clients made below this base URL is told in their words. */
async function fetched(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const task = await found(call, call.params["id"] ?? "", tools);
  if (task.family === dreamMachine.id) return { json: dreamMachine.render(task, tools, call.origin) };
  if (task.family !== luma.id) throw taskNotFound();
  return { json: render(task) };
}

const fileOf = (output: TaskOutput | undefined): JsonObject | null => (output?.url === undefined ? null : { url: output.url, width: output.width ?? null, height: output.height ?? null, thumbnail: null });

/** A generation. `state` and `queue_state` say the same: the queue is not told apart. */
function render(task: Task): JsonObject {
  const state = WORDS[task.state];
  const film = task.state === "SUCCESS" ? fileOf(task.outputs.find(({ kind }) => kind === "video")) : null;
  const cover = fileOf(task.outputs.find(({ kind }) => kind === "image"));
  return {
    id: task.id, prompt: task.request.seen?.["prompt"] ?? "", state, queue_state: state, created_at: task.submitted_at.toISOString(), batch_id: "", video: film, video_raw: film, liked: null, estimate_wait_seconds: null,
    thumbnail: cover, last_frame: null, ...(state === "failed" ? { failure_reason: task.error_text ?? "" } : {}),
  };
}
