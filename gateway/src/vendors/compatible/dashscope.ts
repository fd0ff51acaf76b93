import { objectOf } from "../../dialects/canonical/fields.ts";
import { type FaultKind, trimSlashes, type UpstreamFault } from "../_kit/adapter.ts";
import type { JsonObject, MediaAdapter, MediaOutput, MediaReading } from "../_kit/media/adapter.ts";
import { jsonOf, numberIn, objectsIn, textIn } from "../_kit/media/fields.ts";
import { present } from "../_kit/media/gone.ts";
import { answersAtOnce, wordsOf } from "./dashscope-words.ts";
import { table } from "../../table.ts";

/** Words of a task (Model Studio, "Asynchronous task management"). One that is not known is work going on. UNKNOWN: there is no such task, or none any more. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ PENDING: "QUEUED", RUNNING: "IN_PROGRESS", SUCCEEDED: "SUCCESS", FAILED: "FAILURE", CANCELED: "CANCELLED" });
const UNKNOWN = "UNKNOWN";
/** Looks in a row that must find nothing. */
const MISSED_MAX = 4;
/** What a code means, by its beginning (Model Studio, "Status codes"); all else is the server's. */
const FAULTS: readonly [code: RegExp, kind: FaultKind][] = [
  [/^(InvalidApiKey|AccessDenied$)/, "auth"],
  [/^(Arrearage|AllocationQuota\.)/, "no_balance"],
  [/^Throttling/, "rate_limited"],
  [/^(ModelNotFound|Model\.AccessDenied|Model\.NotFound)/, "no_model"],
  [/^(InvalidParameter|InvalidURL|BadRequest|DataInspectionFailed|IPInfringementSuspect|FaqRuleBlocked)/, "caller"],
];
const POLICY = /^(DataInspectionFailed|IPInfringementSuspect)/;
const PICTURE_MS = 900_000;
const FILM_MS = 3_600_000;

/** Qwen's pictures and Wan's pictures and films, by DashScope's own API: https://help.aliyun.com/model-studio. The compatible API stands at the same host. */
export const dashscope: MediaAdapter = {
  baseUrl: (baseUrl) => `${trimSlashes(baseUrl).replace(/\/(?:compatible-mode\/v1|api\/v1|v1)$/, "")}/api/v1`,
  /** Addresses and tasks are kept for 24 hours (the API reference above). */
  outputHours: () => 24,

  submit(order) {
    const { path, json, dropped } = wordsOf(order);
    return { call: { method: "POST", path, json, ...(answersAtOnce(order.model) ? {} : { headers: { "x-dashscope-async": "enable" } }) }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  atOnce: answersAtOnce,

  readSubmit(answer) {
    const said = jsonOf(answer);
    if (!said) return undefined;
    const output = objectOf(said["output"]);
    if (answer.status < 300 && textIn(output, "task_id") !== "") return { state: "QUEUED", ref: textIn(output, "task_id") };
    if (answer.status < 300) return readMessage(said);
    return textIn(said, "code") === "" ? undefined : { state: "FAILURE", fault: faultOf(said) };
  },

  poll: ({ ref }) => ({ method: "GET", path: `/tasks/${encodeURIComponent(ref)}` }),

  readPoll(answer, { memo }) {
    const said = answer.status === 200 ? jsonOf(answer) : undefined;
    return said && readDashscopeTask(said, memo);
  },

  /** Only what waits can be stopped. */
  cancel: ({ ref }) => ({ method: "POST", path: `/tasks/${encodeURIComponent(ref)}/cancel` }),

  pace: (model) => ({ firstMs: 3_000, everyMs: 4_000, giveUpMs: /t2v|i2v/.test(model) ? FILM_MS : PICTURE_MS }),
};

function faultOf(said: JsonObject): UpstreamFault {
  const code = textIn(said, "code");
  const kind = FAULTS.find(([pattern]) => pattern.test(code))?.[1] ?? "server";
  return { kind, text: textIn(said, "message") || code || "The vendor could not make it.", ...(POLICY.test(code) ? { policy: true } : {}) };
}

/** Pictures that came with the answer. */
function readMessage(said: JsonObject): MediaReading | undefined {
  const outputs = objectsIn(objectOf(said["output"]), "choices").flatMap((choice) => objectsIn(objectOf(choice["message"]), "content")).flatMap((part): MediaOutput[] => (textIn(part, "image") === "" ? [] : [{ kind: "image", url: textIn(part, "image"), ...sidesOf(objectOf(said["usage"])) }]));
  return outputs.length > 0 ? { state: "SUCCESS", outputs, answer: said, usage: { images: numberIn(objectOf(said["usage"]), "image_count") ?? outputs.length } } : undefined;
}

function sidesOf(usage: JsonObject): { width?: number; height?: number } {
  const [width, height] = [numberIn(usage, "width"), numberIn(usage, "height")];
  return width === undefined || height === undefined ? {} : { width, height };
}

/** What a task says; undefined for what is none. One picture of several is a success: those that came are billed. */
export function readDashscopeTask(said: JsonObject, memo: JsonObject): MediaReading | undefined {
  const output = objectOf(said["output"]);
  const word = textIn(output, "task_status");
  if (word === "") return undefined;
  if (word === UNKNOWN) {
    const missed = (typeof memo["missed"] === "number" ? memo["missed"] : 0) + 1;
    return missed < MISSED_MAX ? { state: "IN_PROGRESS", memo: { ...memo, missed } } : { state: "FAILURE", fault: { kind: "server", text: "The vendor knows the task no more." } };
  }
  const reading: MediaReading = { state: STATES[word] ?? "IN_PROGRESS", answer: said, ...present(memo) };
  if (reading.state === "FAILURE") return { ...reading, fault: faultOf(output) };
  if (reading.state !== "SUCCESS") return reading;
  const usage = objectOf(said["usage"]);
  const film = textIn(output, "video_url");
  if (film !== "") {
    const seconds = numberIn(usage, "output_video_duration") ?? numberIn(usage, "duration");
    return { ...reading, outputs: [{ kind: "video", url: film, ...(seconds === undefined ? {} : { duration: seconds }) }], ...(seconds === undefined ? {} : { usage: { videoSeconds: seconds } }) };
  }
  const outputs = objectsIn(output, "results").flatMap((one): MediaOutput[] => (textIn(one, "url") === "" ? [] : [{ kind: "image", url: textIn(one, "url") }]));
  return { ...reading, outputs, usage: { images: numberIn(usage, "image_count") ?? outputs.length } };
}
