import { rulesFor, RUNWAY_INPUTS, RUNWAY_RATIOS } from "@yescale/contract/media";
import { objectOf } from "../../dialects/canonical/fields.ts";
import type { TaskState } from "../../store/schema.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { checkInputs, spoken } from "./check-inputs.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { modelOf, numberIn, saidOnly, wrong } from "./inputs.ts";
import { found, optional, ordered, requiredText, stopped } from "./order.ts";
import { table } from "../../table.ts";

/** Runway's words (https://docs.dev.runwayml.com/api: get task). */
const WORDS: Readonly<Record<TaskState, string>> = { NOT_START: "PENDING", SUBMITTED: "PENDING", QUEUED: "PENDING", IN_PROGRESS: "RUNNING", SUCCESS: "SUCCEEDED", FAILURE: "FAILED", CANCELLED: "CANCELLED" };
/** Models by route; those of other makers stand under names of Runway's in the catalog, since it has the makers' own too. */
const MODELS: Readonly<Record<string, RegExp>> = table({ image_to_video: /^(?:gen3a_turbo|gen4_turbo|gen4\.5|veo3|veo3\.1|veo3\.1_fast)$/, text_to_video: /^(?:gen4\.5|veo3|veo3\.1|veo3\.1_fast)$/, text_to_image: /^gen4_image(?:_turbo)?$/ });
/** Ratios that clients of other doors write, and Runway's sides for them. */
const SIDES: Readonly<Record<string, string>> = table({ "16:9": "1280:720", "9:16": "720:1280" });
const SIDES_GEN3: Readonly<Record<string, string>> = table({ "16:9": "1280:768", "9:16": "768:1280" });
/** Runway counts in UTF-16 units, as a string's length does. */
const PROMPT_MAX = 1_000;
/** Pictures of up to this many lines are the cheaper ones. */
const SMALL_LINES = 720;

/** Runway, below `/runwayml`: its own words, so that its SDK works. */
export const runway: MediaFamily = {
  id: "runway",
  platform: "runwayml",
  idForm: "uuid",
  routes: [
    ...Object.keys(MODELS).map((route): MediaFamily["routes"][number] => ({ method: "POST", paths: [`/runwayml/v1/${route}`], bodies: ["json"], priced: true, handle: (call, tools) => submit(call, tools, route) })),
    { method: "GET", paths: ["/runwayml/v1/tasks/{id}"], handle: async (call, tools) => ({ json: render(await found(call, call.params["id"] ?? "", tools, runway)) }) },
    { method: "DELETE", paths: ["/runwayml/v1/tasks/{id}"], handle: remove },
  ],
  render,
  error: ({ kind, publicText }) => ({ status: kind.status, json: { error: publicText } }),
};

async function submit(call: MediaCall, tools: MediaTools, route: string): Promise<MediaAnswer> {
  const json = spoken(call.json);
  const named = modelOf(requiredText(json, "model", 100), MODELS[route] ?? /^$/);
  const model = named.startsWith("veo") ? `runway_${named}` : named;
  checkInputs(json, rulesFor(named, RUNWAY_INPUTS[route as keyof typeof RUNWAY_INPUTS]));
  const text = optional(json, "promptText", "string");
  if (text !== undefined && text.length > PROMPT_MAX) throw wrong("promptText", `may have ${PROMPT_MAX} characters at most.`);
  const audio = optional(json, "audio", "boolean");
  const wanted = numberIn(json, "duration");
  const ratio = ratioOf(json, named, route);
  const [width = 0, height = 0] = (ratio ?? "").split(":").map(Number);
  const options = route === "text_to_image" ? { resolution: Math.min(width, height) > SMALL_LINES || !(width > 0 && height > 0) ? "1080p" : "720p" } : saidOnly({ duration: wanted, audio });
  // What the price assumes where nothing is said, the vendor is told.
  const { duration } = tools.tasks.quote({ key: call.key, model, options }).quote.options;
  const native = { ...json, ...saidOnly<unknown>({ ratio, duration }) };
  const task = await ordered(runway, call, { action: route, model, request: { native: { vendor: "runway", request: { path: `/v1/${route}`, json: native } }, withImages: route === "image_to_video" }, options }, tools);
  return { json: { id: task.id } };
}

function ratioOf(json: JsonObject, model: string, route: string): string | undefined {
  const ratio = optional(json, "ratio", "string");
  const own = model === "gen3a_turbo" ? SIDES_GEN3 : SIDES;
  if (ratio === undefined) return route === "text_to_image" ? "1920:1080" : own["16:9"];
  if (Object.hasOwn(own, ratio)) return own[ratio];
  const known = RUNWAY_RATIOS.find(([of, models]) => (of === route || of === "") && models.test(model))?.[2] ?? [];
  if (!known.includes(ratio)) throw wrong("ratio", `must be one of ${known.join(", ")}.`);
  return ratio;
}

/** What runs is stopped, what has ended is hidden. */
async function remove(call: MediaCall, tools: MediaTools): Promise<Response> {
  const id = call.params["id"] ?? "";
  const task = await found(call, id, tools, runway);
  if (task.finished_at === null) await stopped(call, id, tools);
  else await tools.tasks.delete(call.key, id);
  return new Response(null, { status: 204 });
}

/** A task as Runway shows it; addresses of what is kept are ours. */
function render(task: Task): JsonObject {
  const { failureCode } = objectOf(task.answer);
  const common = { id: task.id, status: WORDS[task.state], createdAt: task.submitted_at.toISOString() };
  if (task.state === "IN_PROGRESS") return { ...common, progress: task.progress / 100 };
  if (task.state === "SUCCESS") return { ...common, output: task.outputs.flatMap(({ url }) => url ?? []) };
  if (task.state !== "FAILURE") return common;
  return { ...common, failure: task.error_text ?? "", failureCode: typeof failureCode === "string" ? failureCode : task.error_kind === "content_policy" ? "SAFETY.INPUT.TEXT" : task.error_kind === "invalid_request" ? "ASSET.INVALID" : "INTERNAL" };
}
