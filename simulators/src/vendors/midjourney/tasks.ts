/** midjourney-proxy's tasks: how they are accepted and shown, and what is posted to their `notifyHook` (docs/api.md; what the plus proxies add: buttons, single pictures, films, mode). */
import { asText, type JsonObject } from "../../kit/json.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import type { Notifying } from "../../kit/tasks/callbacks.ts";
import { endOf, momentOf, type Phase, type Task } from "../../kit/tasks/task.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { CODE, said } from "./answers.ts";
import { buttonsOf } from "./buttons.ts";
import type { Works } from "./works.ts";

export const MIDJOURNEY = "midjourney";
/** Discord's addresses live a day. */
const LINK_SECONDS = 86_400;
/** Seconds that each kind of work takes (upstream notes). */
const SECONDS: Record<string, number> = { UPSCALE: 10, DESCRIBE: 8, SHORTEN: 8, VIDEO: 120 };
const USUAL_SECONDS = 50;
/** The steps in which Midjourney shows progress. */
const STEPS = [0, 15, 31, 46, 62, 78, 93];
/** Share of the queue that a waiting task passes as NOT_START, before Discord has it. */
const NOT_STARTED = 0.8;
const INSTANCE = "1118138338562560102";

const PLAIN: Record<Phase, string> = { queued: "SUBMITTED", running: "IN_PROGRESS", succeeded: "SUCCESS", failed: "FAILURE", refused: "FAILURE", cancelled: "CANCEL" };

/** What is known of work that is submitted. */
export interface Work {
  action: string;
  prompt: string;
  description: string;
  works: Works;
  /** a text result, as of describe */
  finalPrompt?: string;
  customId?: string;
  parent?: string;
  /** names what may be made only once */
  once?: string;
}

/** Takes a request; gives a task id: the time in ms and three digits. */
export const newId = (request: Received): string => `${request.now}${request.ids.digits(3)}`;

/** Takes the request of a submit and an address; gives what is posted there: the task at its start, as it goes on and at its end, unsigned and never twice. */
function notifying({ origin }: Received, url: string): Notifying | undefined {
  if (url === "") return undefined;
  return { events: ["start", "0.32", "0.63", "end"], tries: 1, notice: (task, _event, at) => ({ url, headers: {}, body: JSON.stringify(showTask({ origin, now: at }, task)) }) };
}

/** Takes a request, its owner, the body, the work and its id; accepts it. */
export function accept(request: Received, owner: string, body: JsonObject, work: Work, id: string = newId(request)): WholeAnswer {
  const waits = request.faults.has("queue-ms") || request.faults.has("never-starts");
  const { works } = work;
  const mode = /^\/mj-(fast|relax|turbo)\//.exec(request.path)?.[1]?.toUpperCase() ?? "FAST";
  const task = request.tasks.accept({
    id,
    vendor: MIDJOURNEY,
    owner,
    model: `mj_${work.action.toLowerCase()}`,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: SECONDS[work.action] ?? USUAL_SECONDS,
    outputs: works.outputs,
    alias: work.once,
    detail: {
      action: work.action,
      prompt: work.prompt,
      finalPrompt: work.finalPrompt ?? work.prompt,
      description: work.description,
      customId: work.customId ?? null,
      parent: work.parent ?? null,
      job: request.ids.uuid(),
      state: asText(body["state"]),
      botType: asText(body["botType"]) || "MID_JOURNEY",
      mode,
      waits,
      preview: works.preview ?? null,
      singles: works.singles,
      films: works.films,
    },
    notifying: notifying(request, asText(body["notifyHook"])),
  });
  request.note(task);
  const answer = waits ? said(CODE.inQueue, "排队中，前面还有1个任务", id, { numberOfQueues: 1, discordInstanceId: INSTANCE }) : said(CODE.success, "提交成功", id, { discordInstanceId: INSTANCE });
  return { ...answer, model: task.model };
}

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.filter((one) => typeof one === "number") : []);

function wordOf(task: Task, now: number): string {
  const { phase, share } = momentOf(task, now);
  if (phase === "queued" && task.detail["waits"] === true && share < NOT_STARTED) return "NOT_START";
  return phase === "running" && task.faults.has("new-state") ? "REVIEWING" : PLAIN[phase];
}

function failReason(task: Task, phase: Phase): string | null {
  const code = task.faults.get("fail-code");
  if (phase === "refused") return "[AI moderator] Sorry! Our AI moderator thinks this prompt is probably against our community standards.";
  return phase === "failed" ? (typeof code === "string" ? code : "Job encountered an error, please try again later") : null;
}

/** Takes a time, where the proxy is reached, and a task; gives the task as `fetch` and the hook show it. */
export function showTask(request: Pick<Received, "now" | "origin">, task: Task): JsonObject {
  const { detail } = task;
  const { phase, share } = momentOf(task, request.now);
  const done = phase === "succeeded";
  const address = (index: number): string => fileAddress(request, task, index, { seconds: LINK_SECONDS });
  const lost = task.faults.has("lost-result");
  const percent = STEPS.findLast((step) => step <= share * 100) ?? 0;
  const preview = phase === "running" && percent > 0 && typeof detail["preview"] === "number" ? address(detail["preview"]) : null;
  const wish = task.outputs[0];
  const pictured = done && !lost && wish !== undefined;
  const [singles, films] = [numbers(detail["singles"]), numbers(detail["films"])];
  return {
    id: task.id,
    action: detail["action"],
    customId: detail["customId"],
    botType: detail["botType"],
    prompt: detail["prompt"],
    promptEn: detail["prompt"],
    description: detail["description"],
    state: detail["state"],
    mode: detail["mode"],
    submitTime: task.acceptedAt,
    startTime: phase === "queued" ? null : Math.min(task.startsAt, endOf(task)),
    finishTime: phase === "queued" || phase === "running" ? null : endOf(task),
    status: wordOf(task, request.now),
    progress: phase === "queued" ? "0%" : phase === "running" ? `${percent}%` : done ? "100%" : "",
    imageUrl: pictured ? address(0) : preview,
    imageUrls: pictured && films.length === 0 && singles.length > 1 ? singles.map((index) => ({ url: address(index) })) : null,
    imageWidth: pictured && "width" in wish ? wish.width : null,
    imageHeight: pictured && "height" in wish ? wish.height : null,
    videoUrl: pictured && films[0] !== undefined ? address(films[0]) : null,
    videoUrls: pictured && films.length > 0 ? films.map((index) => ({ url: address(index) })) : null,
    failReason: failReason(task, phase),
    buttons: done ? buttonsOf(asText(detail["action"]), asText(detail["job"])) : [],
    properties: { finalPrompt: done || detail["action"] !== "DESCRIBE" ? detail["finalPrompt"] : null, discordInstanceId: INSTANCE },
  };
}

/** Takes a request, an owner and what may be made only once; gives the task that made it, or is making it. */
export function existing(request: Received, owner: string, once: string): Task | undefined {
  const task = request.tasks.byAlias(MIDJOURNEY, owner, once);
  return task && ["failed", "refused", "cancelled"].includes(momentOf(task, request.now).phase) ? undefined : task;
}
