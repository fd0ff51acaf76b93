import { parseJson } from "../../dialects/canonical/fields.ts";
import { type FaultKind, trimSlashes } from "../_kit/adapter.ts";
import type { JsonObject, MediaAdapter, MediaReading } from "../_kit/media/adapter.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { readMidjourneyTask } from "./task.ts";
import { TAKES_FILES, wordsOf } from "./words.ts";

/** Codes of a submit that take the work on: accepted, known already, queued (docs/api.md). */
const TAKEN: ReadonlySet<number> = new Set([1, 21, 22]);
/** What the others mean. 3 is a parent that is gone, or no account that could work. */
const FAULTS: Readonly<Record<number, FaultKind>> = { 4: "caller", 5: "server", 9: "server", 23: "rate_limited", 24: "caller", 30: "rate_limited" };
/** It has it already. */
const KNOWN = 21;
/** The policy's own code: a banned word. */
const BANNED = 24;
const NOT_FOUND = 3;
/** The proxy's own limit of a job is five minutes, behind a queue of ten. */
const GIVE_UP_MS = 3_600_000;

/** Midjourney's work: https://github.com/novicezk/midjourney-proxy, docs/api.md; the plus proxies add actions, windows, films and cancelling. */
export const midjourneyMedia: MediaAdapter = {
  baseUrl: (baseUrl) => trimSlashes(baseUrl).replace(/(\/mj)?$/, "/mj"),

  wantsBytes: (model) => TAKES_FILES.has(model),

  submit(order) {
    const { path, body, dropped } = wordsOf(order);
    const json: JsonObject = { ...body, ...(order.parent && body["taskId"] !== undefined ? { taskId: jobId(order.parent) } : {}) };
    // Told to us, who tell the caller; and `state` is by what a lost order is found again (the caller's own is in our row).
    delete json["notifyHook"];
    if (order.callbackUrl !== undefined) json["notifyHook"] = order.callbackUrl;
    json["state"] = order.taskId;
    if (order.parent && typeof json["content"] === "string") json["content"] = json["content"].replace(/^\s*\S+/, jobId(order.parent));
    return { call: { method: "POST", path, json }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer, order) {
    const said = jsonOf(answer);
    const code = said?.["code"];
    if (said === undefined || typeof code !== "number") return undefined;
    const result = said["result"];
    if (TAKEN.has(code) && (typeof result === "string" || typeof result === "number")) {
      const id = String(result);
      // The work of another task, which goes on: a window that is confirmed, an upscale that is there already.
      const another = code === KNOWN || (order.parent !== undefined && id === jobId(order.parent));
      return another ? { state: "QUEUED", ref: `${id}~${order.taskId}`, memo: { id } } : { state: "QUEUED", ref: id };
    }
    const text = textIn(said, "description") || `code ${code}`;
    if (code === BANNED) {
      const { bannedWord } = (said["properties"] ?? {}) as JsonObject;
      return refused("caller", typeof bannedWord === "string" ? `The prompt holds a banned word: ${bannedWord}` : text, true);
    }
    // Without a parent nothing of the caller's can be missing.
    if (code === NOT_FOUND) return refused(order.parent ? "caller" : "overloaded", text);
    return refused(FAULTS[code] ?? "server", text);
  },

  poll: (job) => ({ method: "GET", path: `/task/${encodeURIComponent(jobId(job))}/fetch` }),

  readPoll(answer) {
    const task = jsonOf(answer);
    return answer.status === 200 && task ? readMidjourneyTask(task) : undefined;
  },

  cancel: (job) => ({ method: "POST", path: `/task/${encodeURIComponent(jobId(job))}/cancel` }),

  questions: {
    seed: {
      call: (job) => ({ method: "GET", path: `/task/${encodeURIComponent(jobId(job))}/image-seed` }),
      read(answer) {
        const said = answer.status === 200 ? jsonOf(answer) : undefined;
        const seed = said?.["code"] === 1 ? said["result"] : undefined;
        return typeof seed === "string" || typeof seed === "number" ? { seed: String(seed) } : undefined;
      },
    },
  },

  find: {
    call: () => ({ method: "GET", path: "/task/list" }),
    /** The list is of the proxy's own choice and length: who is not on it may still be there. */
    read(answer, order) {
      const parsed = answer.status === 200 ? parseJson(answer.body.toString("utf8")) : [];
      const found = objectsIn({ list: parsed }, "list").find((task) => task["state"] === order.taskId);
      return found && typeof found["id"] === "string" ? { ref: found["id"] } : undefined;
    },
  },

  callback: {
    hint(notice) {
      const task = jsonOf(notice);
      return task && textIn(task, "id") !== "" ? { ref: textIn(task, "id") } : undefined;
    },
  },

  pace: () => ({ firstMs: 3_000, everyMs: 5_000, giveUpMs: GIVE_UP_MS }),
};

/** The proxy's id of a job: two tasks of ours may be of one. */
const jobId = ({ ref, memo }: { ref: string; memo: JsonObject }): string => textIn(memo, "id") || ref;

const refused = (kind: FaultKind, text: string, policy?: boolean): MediaReading => ({ state: "FAILURE", fault: { kind, text, ...(policy ? { policy } : {}) } });
