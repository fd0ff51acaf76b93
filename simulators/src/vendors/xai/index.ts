/** xAI beside chat: films as deferred requests (docs.x.ai, "Video generation"; the answers as `@ai-sdk/xai` reads them). The chat of the same vendor is `xai` of the compatible family. */
import { asList, asNumber, asObject, asText, decodePath, type JsonObject } from "../../kit/json.ts";
import { inputFile } from "../../kit/media/input-file.ts";
import { sidesOfLines } from "../../kit/media/shape.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import { isRefused } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { momentOf, type Task, usageOf } from "../../kit/tasks/task.ts";
import type { Answer, Received, WholeAnswer } from "../../kit/vendor.ts";
import { pictures } from "./pictures.ts";
import type { Beside } from "../compatible/beside.ts";

const VENDOR = "xai";
const RATIOS = ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"];
const RESOLUTIONS = ["480p", "720p", "1080p"];
const SECONDS_MAX = 15;
const REFERENCES_MAX = 7;
const PROMPT_MAX = 4_096;
/** Dollars a second at 480p, and ten billionths of a dollar in one. */
const PRICE = 0.05;
const TICKS = 10_000_000_000;
const LINK_SECONDS = 86_400;

const json = (status: number, body: object): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
const invalid = (error: string): WholeAnswer => json(400, { code: "Client specified an invalid argument", error });
const gone = (): WholeAnswer => json(404, { code: "Some requested entity was not found", error: "The requested video was not found." });

function submit(request: Received, owner: string): Answer {
  const body = asObject(request.json);
  const [model, prompt] = [asText(body["model"]), asText(body["prompt"])];
  if (!/^grok-imagine-video(-1\.5(-preview)?)?$/.test(model)) return json(404, { code: "Some requested entity was not found", error: `The model ${model} does not exist or your team does not have access to it.` });
  const [image, references] = [body["image"] === undefined ? "" : asText(asObject(body["image"])["url"]), asList(body["reference_images"]).map((one) => asText(asObject(one)["url"]))];
  if (prompt === "" && image === "") return invalid("prompt is required");
  if (prompt.length > PROMPT_MAX) return invalid(`prompt must be at most ${PROMPT_MAX} characters`);
  if (body["image"] !== undefined && references.length > 0) return invalid("image and reference_images cannot be used together");
  if (references.length > REFERENCES_MAX) return invalid(`at most ${REFERENCES_MAX} reference images are allowed`);
  if (model.includes("1.5") && body["image"] === undefined) return invalid("this model requires an image");
  for (const one of [...(body["image"] === undefined ? [] : [image]), ...references]) if (inputFile(one, "picture", false) !== "fits") return invalid("image could not be loaded");
  const duration = body["duration"] === undefined ? 8 : asNumber(body["duration"]);
  if (duration === undefined || !Number.isInteger(duration) || duration < 1 || duration > SECONDS_MAX) return invalid(`duration must be between 1 and ${SECONDS_MAX}`);
  const [ratio, resolution] = [asText(body["aspect_ratio"]) || "16:9", asText(body["resolution"]) || "480p"];
  if (!RATIOS.includes(ratio)) return invalid(`aspect_ratio must be one of ${RATIOS.join(", ")}`);
  if (!RESOLUTIONS.includes(resolution)) return invalid(`resolution must be one of ${RESOLUTIONS.join(", ")}`);
  if (isRefused(request.faults, prompt)) return json(400, { code: "Client specified an invalid argument", error: "Generated video rejected by content moderation." });
  const [width, height] = sidesOfLines(ratio, resolution);
  const task = request.tasks.accept({
    id: request.ids.uuid(),
    vendor: VENDOR,
    owner,
    model,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: 60,
    outputs: [{ kind: "video", width, height, duration, seed: prompt }],
    detail: { duration },
    usageOf: (phase) => (phase === "succeeded" ? { cost_in_usd_ticks: Math.round(duration * PRICE * TICKS) } : undefined),
  });
  request.note(task);
  return { ...json(200, { request_id: task.id }), model };
}

function shown(request: Received, task: Task): JsonObject {
  const { phase, share } = momentOf(task, request.now);
  const usage = usageOf(task, request.now);
  if (phase === "queued" || phase === "running") return { status: phase === "running" && task.faults.has("new-state") ? "rendering" : "pending", model: task.model, progress: phase === "queued" ? 0 : Math.floor(share * 100) };
  // moderation speaks in what is done
  if (phase === "refused") return { status: "done", video: { url: "", duration: 0, respect_moderation: false }, model: task.model };
  if (phase === "cancelled") return { status: "expired" };
  if (phase === "failed") return { status: "failed", error: { code: asText(task.faults.get("fail-code")) || "internal_error", message: "Video generation failed due to an internal error." } };
  return { status: "done", ...(task.faults.has("lost-result") ? {} : { video: { url: fileAddress(request, task, 0, { seconds: LINK_SECONDS }), duration: task.detail["duration"], respect_moderation: true } }), model: task.model, ...(usage ? { usage } : {}), progress: 100 };
}

function show(request: Received, owner: string, id: string): Answer | Promise<Answer> {
  const task = request.tasks.get(VENDOR, owner, id);
  if (!task) return gone();
  return polled(request, task, (_, failure) => (failure.status === 404 ? gone() : json(failure.status, { code: "The service is currently unavailable", error: failure.message ?? "Service temporarily unavailable." })), () => told(task, request.now, json(200, shown(request, task))));
}

/** xAI's films and pictures. */
export const xai: Beside = {
  routes: ["POST /images/generations", "POST /images/edits", "POST /videos/generations", "GET /videos/{request_id}"],
  answer(request, route, owner) {
    if (route.startsWith("POST /images/")) return pictures(request, route.endsWith("/edits"));
    if (route === "POST /videos/generations") return submit(request, owner);
    const [, id] = /^GET \/videos\/([^/]+)$/.exec(route) ?? [];
    return id === undefined ? undefined : show(request, owner, decodePath(id));
  },
};
