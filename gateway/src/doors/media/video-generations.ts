import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import type { MediaAnswer, MediaCall, MediaFamily, MediaTools } from "./family.ts";
import { readFilmOrder } from "./film-order.ts";
import { saidOnly } from "./inputs.ts";
import { found, ordered } from "./order.ts";
import { percent, seconds, shownState, startOf } from "./seconds.ts";
import { render as asVideo, seenOf } from "./videos.ts";

const paths = (rest = ""): string[] => [`/v1/video/generations${rest}`, `/video/generations${rest}`];

/** Films of any model as clients of New API order them: accepted as a video object, fetched as its generic task. */
export const videoGenerations: MediaFamily = {
  id: "video",
  platform: "video",
  idForm: "video",
  routes: [
    { method: "POST", paths: paths(), bodies: ["json", "form"], priced: true, handle: submit },
    { method: "GET", paths: paths("/{id}"), handle: async (call, tools) => ({ json: render(await found(call, call.params["id"] ?? "", tools)) }) },
  ],
  render,
  error: ({ kind, publicText }) => ({ status: kind.status, json: { code: publicText === "Task not found" ? "task_not_exist" : kind.code, message: publicText, data: null } }),
};

async function submit(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> {
  const order = readFilmOrder(call, tools);
  const { wish, said, model, options, images } = order;
  const task = await ordered(videoGenerations, call, { action: "generate", model, request: { wish, seen: seenOf(order), withImages: images > 0 }, said, options }, tools);
  const { id, object, status, progress, created_at, seconds: length, size } = asVideo(task);
  return { json: { id, task_id: id, object, model, status, progress, created_at, ...saidOnly<unknown>({ seconds: length ?? undefined, size: size ?? undefined }) } };
}

/** The generic task: canonical words, times in seconds, the film's address; `data` is the video as OpenAI shows it. */
function render(task: Task): JsonObject {
  const made = task.state === "SUCCESS" ? task.outputs.find(({ kind }) => kind === "video") : undefined;
  const state = shownState(task);
  return {
    code: "success",
    message: "",
    data: {
      task_id: task.id, action: task.action, status: state === "NOT_START" ? "SUBMITTED" : state, fail_reason: state === "FAILURE" ? (task.error_text ?? "") : "", submit_time: seconds(task.submitted_at), start_time: seconds(startOf(task)),
      finish_time: seconds(task.finished_at), progress: percent(task), data: asVideo(task),
      ...(made?.url === undefined ? {} : { url: made.url, format: made.mime?.split("/")[1] ?? "mp4" }),
    },
  };
}
