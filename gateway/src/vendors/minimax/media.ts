import { objectOf } from "../../dialects/canonical/fields.ts";
import { trimSlashes } from "../_kit/adapter.ts";
import type { JsonObject, MediaAdapter, MediaJob, MediaReading } from "../_kit/media/adapter.ts";
import { jsonOf, numberIn, textIn } from "../_kit/media/fields.ts";
import { minimaxFault } from "./errors.ts";
import { filmWords, filmWords2, isSecond } from "./film-words.ts";
import { table } from "../../table.ts";

/** Words of a film of the first version, and of the second. One that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({
  Preparing: "QUEUED", Queueing: "QUEUED", Processing: "IN_PROGRESS", Success: "SUCCESS", Fail: "FAILURE",
  queued: "QUEUED", running: "IN_PROGRESS", succeeded: "SUCCESS", failed: "FAILURE", cancelled: "CANCELLED",
});
const GIVE_UP_MS = 2_700_000;
/** Times that a film's file may be missing before it counts as lost. */
const MISSED_MAX = 4;

const FIRST = "/v1/video_generation";
const SECOND = "/v2/video_generation";

/** MiniMax's films: https://platform.minimax.io/docs/api-reference/video-generation-intro. The second version (`/v2/`) has its own words; only it can be stopped. */
export const minimaxMedia: MediaAdapter = {
  baseUrl: (baseUrl) => trimSlashes(baseUrl).replace(/\/v1$/, ""),
  /** A file's `download_url` is valid for 9 hours (the guide above); of the second version's addresses no life is known. */
  outputHours: (model) => (isSecond(model) ? undefined : 9),

  submit({ input, model, callbackUrl }) {
    const native = "native" in input;
    const second = native ? (input.native.path ?? "").startsWith("/v2/") : isSecond(model);
    const { body, dropped } = native ? { body: { ...input.native.json }, dropped: [] } : second ? filmWords2(input.wish) : filmWords(input.wish, model);
    const json: JsonObject = { ...body, model };
    // Notices come to us; whom the caller wants told, we tell. The second version sends none.
    delete json["callback_url"];
    if (callbackUrl !== undefined && !second) json["callback_url"] = callbackUrl;
    return { call: { method: "POST", path: second ? SECOND : FIRST, json }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  /** A refusal is a 200 with a code. */
  readSubmit(answer, { input, model }) {
    const said = jsonOf(answer);
    if (!said) return undefined;
    const { code, text } = baseOf(said);
    if (code !== undefined && code !== 0) return { state: "FAILURE", fault: minimaxFault(code, text) };
    const second = "native" in input ? (input.native.path ?? "").startsWith("/v2/") : isSecond(model);
    return textIn(said, "task_id") === "" ? undefined : { state: "QUEUED", ref: textIn(said, "task_id"), memo: { second } };
  },

  poll({ ref, memo }) {
    const file = textIn(memo, "file");
    const id = encodeURIComponent(ref);
    return { method: "GET", path: file !== "" ? `/v1/files/retrieve?file_id=${encodeURIComponent(file)}` : memo["second"] === true ? `/v2/query/video_generation/${id}` : `/v1/query/video_generation?task_id=${id}` };
  },

  readPoll(answer, job) {
    const said = answer.status === 200 ? jsonOf(answer) : undefined;
    if (!said) return undefined;
    if (textIn(job.memo, "file") !== "") return readFile(said, job);
    return job.memo["second"] === true ? readFilm2(objectOf(said["task"])) : readFilm(said, job.memo);
  },

  cancel: ({ ref, memo }) => (memo["second"] === true ? { method: "DELETE", path: `${SECOND}/${encodeURIComponent(ref)}` } : undefined),

  callback: {
    /** Before it takes an address it sends a word there, which must come back. */
    hint(notice) {
      const said = jsonOf(notice);
      if (!said) return undefined;
      if (said["challenge"] !== undefined) return { answer: { challenge: said["challenge"] } };
      return textIn(said, "task_id") === "" ? undefined : { ref: textIn(said, "task_id") };
    },
  },

  pace: () => ({ firstMs: 10_000, everyMs: 10_000, giveUpMs: GIVE_UP_MS }),
};

function baseOf(said: JsonObject): { code: number | undefined; text: string } {
  const base = objectOf(said["base_resp"]);
  return { code: numberIn(base, "status_code"), text: textIn(base, "status_msg") };
}

/** What a query of the first version says: the file's address takes a call of its own. */
export function readFilm(said: JsonObject, memo: JsonObject): MediaReading | undefined {
  const word = textIn(said, "status");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  // One that is told as a number loses no digit: they have fifteen.
  const file = textIn(said, "file_id") || (typeof said["file_id"] === "number" ? String(said["file_id"]) : "");
  if (state === "SUCCESS") return file === "" ? { state, answer: said, outputs: [] } : { state: "IN_PROGRESS", again: true, memo: { ...memo, file, said }, answer: said };
  if (state !== "FAILURE") return { state, answer: said };
  const { code, text } = baseOf(said);
  const fault = code === undefined || code === 0 ? { kind: "server" as const, text } : minimaxFault(code, text);
  return { state, answer: said, fault: { ...fault, text: fault.text || "MiniMax could not make it." } };
}

/** The file of a film that is done. One that is not there any more, time and again, is lost. */
function readFile(said: JsonObject, { memo }: MediaJob): MediaReading | undefined {
  const { code, text } = baseOf(said);
  const file = objectOf(said["file"]);
  const url = textIn(file, "download_url");
  if (url === "") {
    if (code === undefined || minimaxFault(code, text).kind !== "caller") return undefined;
    const missed = (numberIn(memo, "missed") ?? 0) + 1;
    return missed >= MISSED_MAX ? { state: "FAILURE", fault: { kind: "server", text: `The film was made, and its file is gone: ${text}` } } : { state: "IN_PROGRESS", memo: { ...memo, missed } };
  }
  const query = objectOf(memo["said"]);
  const [width, height, size] = [numberIn(query, "video_width"), numberIn(query, "video_height"), numberIn(file, "bytes")];
  return { state: "SUCCESS", answer: { ...query, download_url: url }, outputs: [{ kind: "video", url, ...(width && height ? { width, height } : {}), ...(size === undefined ? {} : { size }) }] };
}

/** What a query of the second version says. How it words a failure is not documented: a code is looked for where the first has one, and in `error`. */
export function readFilm2(task: JsonObject): MediaReading | undefined {
  const word = textIn(task, "status");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const reading: MediaReading = { state, answer: task };
  if (state === "SUCCESS") {
    const url = textIn(objectOf(task["content"]), "url");
    const seconds = numberIn(objectOf(task["usage"]), "total_seconds");
    const length = numberIn(task, "duration");
    return { ...reading, outputs: url === "" ? [] : [{ kind: "video", url, ...(length === undefined ? {} : { duration: length }) }], ...(seconds === undefined ? {} : { usage: { videoSeconds: seconds } }) };
  }
  if (state !== "FAILURE") return reading;
  const error = objectOf(task["error"]);
  const code = Number(error["code"] ?? baseOf(task).code);
  const text = textIn(error, "message") || baseOf(task).text || "MiniMax could not make it.";
  return { ...reading, fault: Number.isInteger(code) && code > 0 ? minimaxFault(code, text) : { kind: "server", text } };
}

