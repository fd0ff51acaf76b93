/** What Veo's two sites have in common: how an order becomes a job, and what answers look like (Gemini API, "Generate videos"; Vertex AI, "Veo video generation API"). */
import type { JsonObject } from "../../kit/json.ts";
import type { Task } from "../../kit/tasks/task.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { GEMINI_HEADERS, geminiRefusal } from "./errors.ts";
import type { FilmWish } from "./veo-wish.ts";

const TYPICAL_SECONDS = 90;
/** Of google.rpc.Code. */
export const INTERNAL = 13;

export const answered = (body: JsonObject): WholeAnswer => ({ kind: "whole", status: 200, headers: { ...GEMINI_HEADERS }, body: `${JSON.stringify(body, null, 2)}\n` });
export const gone = (): WholeAnswer => geminiRefusal(404, "Requested entity was not found.");
/** Whether there is a film model of that name. */
export const isVeo = (model: string): boolean => /^veo-[23]\./.test(model) && !/not-exist|nonexist|unknown/.test(model);

/** Takes an order of films. */
export function filmJob(request: Received, { count, width, height, duration, prompt }: FilmWish, of: { id: string; vendor: string; owner: string; model: string; detail: JsonObject }): Task {
  const task = request.tasks.accept({
    ...of,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: TYPICAL_SECONDS,
    outputs: Array.from({ length: count }, (_, index) => ({ kind: "video", width, height, duration, seed: `${prompt} ${index}` })),
  });
  request.note(task);
  return task;
}
