/** A run of an endpoint: how it ends, and what its result is. Shared by the queue and by the direct call. */
import { asText, type JsonObject } from "../../kit/json.ts";
import { problemsOf } from "../../kit/fields.ts";
import { endingOf, fileOf, typeOf, type FileWish } from "../../kit/media/file.ts";
import { isForbidden, madeOf } from "../../kit/tasks/outputs.ts";
import { fileAddress } from "../../kit/tasks/files.ts";
import type { Notifying } from "../../kit/tasks/callbacks.ts";
import type { Received, WholeAnswer } from "../../kit/vendor.ts";
import { momentOf, type Task, usageOf } from "../../kit/tasks/task.ts";
import { told } from "../../kit/tasks/poll.ts";
import { endpointOf } from "./catalog.ts";
import type { Endpoint } from "./endpoint.ts";
import { contentRefused, failedRun, invalidInput, refusedInput, type RunError, said } from "./errors.ts";

/** Life of the files when the caller names none (the vendor documents no default), in seconds. */
const LINK_SECONDS = 7 * 24 * 3600;
/** Random seeds are below this. */
const SEEDS = 2 ** 31;

/** What a run needs to be shown, kept in the task. */
interface RunDetail extends JsonObject {
  endpoint: string;
  input: JsonObject;
  /** the input itself is at fault */
  error: RunError | undefined;
  seed: number;
  linkSeconds: number;
  /** the latest start that the caller takes, in Unix milliseconds */
  startBy: number | undefined;
}

const detailOf = (task: Task): RunDetail => task.detail as RunDetail;

function linkSeconds(headers: Headers): number {
  const found = /"expiration_duration_seconds"\s*:\s*(\d+)/.exec(headers.get("x-fal-object-lifecycle-preference") ?? "");
  return found ? Number(found[1]) : LINK_SECONDS;
}

/** Takes a request, the endpoint, its name, the owner, an id, the input and what is told by webhook; takes the run into the book. */
export function startRun(request: Received, endpoint: Endpoint, name: string, owner: string, id: string, input: JsonObject, notifying?: Notifying): Task {
  const problems = problemsOf(endpoint.fields, input);
  const more = problems.length === 0 ? endpoint.check?.(input) : undefined;
  const error = problems.length > 0 ? invalidInput(problems) : more ? refusedInput(more) : undefined;
  const outputs = error ? [] : madeOf(endpoint.files(input), request.faults);
  const startLimit = Number(request.headers.get("x-fal-request-timeout") ?? Number.NaN);
  const startBy = startLimit > 0 ? request.now + startLimit * 1000 : undefined;
  const detail: RunDetail = {
    endpoint: name,
    input,
    error,
    seed: typeof input["seed"] === "number" ? input["seed"] : Number(BigInt(`0x${request.ids.hex(12)}`) % BigInt(SEEDS)),
    linkSeconds: linkSeconds(request.headers),
    startBy,
  };
  const task = request.tasks.accept({
    id,
    vendor: "fal",
    owner,
    model: name,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: endpoint.seconds,
    outputs,
    detail,
    startBy,
    end: error ? "failed" : isForbidden(`${asText(input["prompt"])} ${asText(input["text"])}`) ? "refused" : "succeeded",
    usageOf: (phase) => (phase === "succeeded" ? { billable_units: endpoint.units(input, outputs.length) } : undefined),
    ...(notifying ? { notifying } : {}),
  });
  request.note(task);
  return task;
}

/** Takes a task that has ended and the time; gives the error it ended with, `undefined` when it succeeded. */
export function errorOf(task: Task, now: number): RunError | undefined {
  const { phase } = momentOf(task, now);
  if (phase === "cancelled") return failedRun(task.cancelledAt === detailOf(task).startBy ? "request_timeout" : "client_cancelled");
  if (phase === "refused") return contentRefused(detailOf(task).input);
  if (phase !== "failed") return undefined;
  const code = task.faults.get("fail-code");
  return detailOf(task).error ?? failedRun(typeof code === "string" ? code : "internal_server_error");
}

async function fileShown(at: Pick<Received, "origin" | "now">, task: Task, endpoint: Endpoint, wish: FileWish, index: number): Promise<JsonObject> {
  const { input, linkSeconds: seconds } = detailOf(task);
  const bytes = endpoint.images && input["sync_mode"] !== true ? undefined : await fileOf(wish);
  const url = input["sync_mode"] === true && bytes ? `data:${typeOf(wish)};base64,${Buffer.from(bytes).toString("base64")}` : fileAddress(at, task, index, { seconds });
  const common = { url, content_type: typeOf(wish) };
  if (endpoint.images && "width" in wish) return { ...common, width: wish.width, height: wish.height };
  return { ...common, file_name: `output_${index}.${endingOf(wish)}`, file_size: bytes?.length ?? 0 };
}

/** Takes where and when it is told, and a task that succeeded; gives the model's output. */
export async function outputOf(at: Pick<Received, "origin" | "now">, task: Task): Promise<JsonObject> {
  const { endpoint: name, input, seed } = detailOf(task);
  const endpoint = endpointOf(name);
  if (!endpoint) throw new Error(`no endpoint ${name}`);
  const files: JsonObject[] = [];
  for (const [index, wish] of task.outputs.entries()) files.push(await fileShown(at, task, endpoint, wish, index));
  return endpoint.show(input, files, task.outputs, seed);
}

/** Takes a request and a task that has ended; gives the result: the output with the billed quantity, or the error. */
export async function resultOf(request: Received, task: Task): Promise<WholeAnswer> {
  const headers = { "x-fal-request-id": task.id };
  const error = errorOf(task, request.now);
  if (error) return told(task, request.now, said(error.status, error.body, { ...headers, "x-fal-error-type": error.type, ...(error.retryable ? { "x-fal-retryable": "true" } : {}), ...(error.type === "request_timeout" ? { "x-fal-request-timeout-type": "user" } : {}) }));
  const units = usageOf(task, request.now)?.["billable_units"];
  return told(task, request.now, said(200, await outputOf(request, task), { ...headers, ...(typeof units === "number" ? { "x-fal-billable-units": String(units) } : {}) }));
}
