/** Making a prediction: by model, by version, by deployment. */
import { problemsOf } from "../../kit/fields.ts";
import { asList, asObject, asText, isObject } from "../../kit/json.ts";
import type { Notifying } from "../../kit/tasks/callbacks.ts";
import { isForbidden, madeOf } from "../../kit/tasks/outputs.ts";
import { told } from "../../kit/tasks/poll.ts";
import { endOf, type Task } from "../../kit/tasks/task.ts";
import type { Answer, Received } from "../../kit/vendor.ts";
import { invalidInput, notFound, refused, said } from "./errors.ts";
import { modelOf } from "./models.ts";
import { predictionOf } from "./prediction.ts";
import { webhook } from "./webhook.ts";

const EVENTS = ["start", "output", "logs", "completed"];
/** When each event is told, by the kit's names. */
const MOMENTS: Record<string, string> = { start: "start", logs: "half:logs", output: "end:output", completed: "end:completed" };
/** Longest wait of `Prefer: wait`, in seconds. */
const WAIT_MAX = 60;
/** Letters of ids: Crockford's base 32 in lower case. */
const ID_LENGTH = 26;

/** Takes a `Prefer` header; gives the seconds to wait, 0 for none, `undefined` for a number out of range. */
function waitOf(header: string | null): number | undefined {
  const found = /\bwait(?:=(\d+))?(?:\s*[,;]|\s*$)/.exec(header ?? "");
  if (!found) return 0;
  const seconds = found[1] === undefined ? WAIT_MAX : Number(found[1]);
  return seconds >= 1 && seconds <= WAIT_MAX ? seconds : undefined;
}

/** Takes a `Cancel-After` header such as 90s or 1h30m; gives milliseconds. */
function lifeOf(header: string | null): number | undefined {
  const found = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(header ?? "");
  if (!found || header === null || header === "") return undefined;
  const [, hours = "0", minutes = "0", seconds = "0"] = found;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** Work is paid by its time, so that what was aborted before its start costs nothing. It stands out here since a function made within `create` would keep the request as long as the task. */
const byTime: Task["usageOf"] = (_, seconds) => ({ predict_time: seconds });

function notifying(origin: string, address: string, filter: string[]): Notifying | undefined {
  if (address === "") return undefined;
  return {
    events: EVENTS.filter((event) => filter.includes(event)).map((event) => MOMENTS[event] ?? event),
    tries: 5,
    notice: (task, event, at, forged) => webhook(address, `msg_${Bun.hash(`${task.id} ${event}`).toString(36)}`, at, predictionOf({ origin, now: at }, task), forged),
  };
}

/** Takes a request, the owner, `owner/name` and the version to show; gives the prediction, waited for if the request prefers that. */
export async function create(request: Received, owner: string, name: string, version: string): Promise<Answer> {
  const body = request.json;
  if (!isObject(body)) return refused(400, "Bad request", "The request body is not valid JSON.");
  const model = modelOf(name);
  if (!model) return notFound();
  if (!isObject(body["input"])) return refused(422, "Input validation failed", "- input: input is required\n", { invalid_fields: [{ type: "required", field: "input", description: "input is required" }] });
  const { input } = body;
  const address = asText(body["webhook"]);
  if (address !== "" && !/^https?:\/\//.test(address)) return refused(422, "Invalid webhook", "- webhook: Does not match format 'uri'\n");
  const filter = body["webhook_events_filter"] === undefined ? EVENTS : asList(body["webhook_events_filter"]).map(asText);
  if (filter.some((event) => !EVENTS.includes(event))) return refused(422, "Invalid webhook_events_filter", `- webhook_events_filter: must be one of the following: ${EVENTS.map((event) => `"${event}"`).join(", ")}\n`);
  const wait = waitOf(request.headers.get("prefer"));
  if (wait === undefined) return refused(400, "Bad request", `Prefer: wait must be between 1 and ${WAIT_MAX}`);
  const problems = problemsOf(model.fields, input, ["input"]);
  if (problems.length > 0) return invalidInput(problems);
  const life = lifeOf(request.headers.get("cancel-after"));
  const deadline = life === undefined ? undefined : request.now + life;
  const tells = notifying(request.origin, address, filter);
  const task: Task = request.tasks.accept({
    id: request.ids.letters(ID_LENGTH).toLowerCase(),
    vendor: "replicate",
    owner,
    model: name,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: model.seconds,
    outputs: madeOf(model.files(input), request.faults),
    detail: { input, version, single: model.single, webhook: address, filter, deadline },
    end: isForbidden(`${asText(input["prompt"])} ${asText(input["text"])}`) ? "refused" : "succeeded",
    endBy: deadline,
    usageOf: byTime,
    ...(tells ? { notifying: tells } : {}),
  });
  request.note(task);
  const shown = (moment: number, status: number): Answer => told(task, moment, said(status, predictionOf({ origin: request.origin, now: moment }, task)));
  if (wait === 0) return shown(request.now, 201);
  const ends = endOf(task);
  await request.until(Math.min(ends, request.now + wait * 1000));
  // waited out: what is told is what began
  return ends <= request.now + wait * 1000 ? shown(Math.max(endOf(task), request.now), 201) : shown(request.now, 202);
}

/** Takes a body's `version`, as a hash, `owner/name` or `owner/name:hash`; gives the model's name and the version to show. */
function versionOf(text: string): { name: string; version: string } {
  const [name = "", hash] = text.split(":");
  if (hash !== undefined) return { name, version: hash };
  return name.includes("/") ? { name, version: "hidden" } : { name: "sandbox/model", version: name };
}

/** Takes a request; gives what its body says of the version, `undefined` when it says nothing. */
export function versionAsked(request: Received): ReturnType<typeof versionOf> | undefined {
  const body = asObject(request.json);
  const text = asText(body["version"]) || asText(body["model"]);
  return text === "" ? undefined : versionOf(text);
}
