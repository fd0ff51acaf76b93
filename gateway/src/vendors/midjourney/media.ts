import { parseJson } from "../../dialects/canonical/fields.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { MediaWish } from "../../dialects/canonical/media-wish.ts";
import { type FaultKind, trimSlashes } from "../_kit/adapter.ts";
import type { JsonObject, MediaAdapter, MediaOrder, MediaReading } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { jsonOf, objectsIn, textIn } from "../_kit/media/fields.ts";
import { readMidjourneyTask } from "./task.ts";

/** Codes of a submit that take the work on: accepted, known already, queued (docs/api.md). */
const TAKEN: ReadonlySet<number> = new Set([1, 21, 22]);
/** What the others mean. 3 is a parent that is gone, or no account that could work. */
const FAULTS: Readonly<Record<number, FaultKind>> = { 4: "caller", 5: "server", 9: "server", 23: "rate_limited", 24: "caller", 30: "rate_limited" };
/** The policy's own code: a banned word. */
const BANNED = 24;
const NOT_FOUND = 3;
/** The proxy's own limit of a job is five minutes, behind a queue of ten. */
const GIVE_UP_MS = 3_600_000;
/** The first picture that may be part of a prompt stands in front of it, as an address. */
const isAddress = (url: string): boolean => /^https?:/.test(url);

/** Midjourney's work: https://github.com/novicezk/midjourney-proxy, docs/api.md; the plus proxies add actions, windows, films and cancelling. */
export const midjourneyMedia: MediaAdapter = {
  baseUrl: (baseUrl) => trimSlashes(baseUrl).replace(/(\/mj)?$/, "/mj"),

  submit(order) {
    const { path, body, dropped } = wordsOf(order);
    const json: JsonObject = { ...body, ...(order.parent && body["taskId"] !== undefined ? { taskId: order.parent.ref } : {}) };
    // Told to us, who tell the caller; and `state` is by what a lost order is found again (the caller's own is in our row).
    delete json["notifyHook"];
    if (order.callbackUrl !== undefined) json["notifyHook"] = order.callbackUrl;
    json["state"] = order.taskId;
    if (order.parent && typeof json["content"] === "string") json["content"] = json["content"].replace(/^\s*\S+/, order.parent.ref);
    return { call: { method: "POST", path, json }, ...(dropped.length > 0 ? { dropped } : {}) };
  },

  readSubmit(answer, order) {
    const said = jsonOf(answer);
    const code = said?.["code"];
    if (said === undefined || typeof code !== "number") return undefined;
    const result = said["result"];
    if (TAKEN.has(code) && (typeof result === "string" || typeof result === "number")) return { state: "QUEUED", ref: String(result) };
    const text = textIn(said, "description") || `code ${code}`;
    if (code === BANNED) {
      const { bannedWord } = (said["properties"] ?? {}) as JsonObject;
      return refused("caller", typeof bannedWord === "string" ? `The prompt holds a banned word: ${bannedWord}` : text, true);
    }
    // Without a parent nothing of the caller's can be missing.
    if (code === NOT_FOUND) return refused(order.parent ? "caller" : "overloaded", text);
    return refused(FAULTS[code] ?? "server", text);
  },

  poll: (job) => ({ method: "GET", path: `/task/${encodeURIComponent(job.ref)}/fetch` }),

  readPoll(answer) {
    const task = jsonOf(answer);
    return answer.status === 200 && task ? readMidjourneyTask(task) : undefined;
  },

  cancel: (job) => ({ method: "POST", path: `/task/${encodeURIComponent(job.ref)}/cancel` }),

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

const refused = (kind: FaultKind, text: string, policy?: boolean): MediaReading => ({ state: "FAILURE", fault: { kind, text, ...(policy ? { policy } : {}) } });

interface Words {
  path: string;
  body: JsonObject;
  dropped: string[];
}

function wordsOf(order: MediaOrder): Words {
  if ("native" in order.input) {
    const { path, json } = order.input.native;
    return { path: path ?? `/submit/${order.model}`, body: json ?? {}, dropped: [] };
  }
  const { wish } = order.input;
  if (wish.kind === "video") return filmOf(wish);
  if (wish.kind !== "image") throw new GatewayError("invalidRequest", { publicText: "Midjourney makes pictures and films." });
  if (!wish.prompt) throw new GatewayError("invalidRequest", { publicText: '"prompt" is missing.', param: "prompt" });
  const signs: string[] = [];
  const links: string[] = [];
  const { body, dropped } = encodeWish(wish, {
    prompt: () => undefined,
    images(given, target) {
      const bytes = given.filter(({ url }) => !isAddress(url)).map(({ url }) => url);
      links.push(...given.filter(({ url, role }) => isAddress(url) && role !== "style" && role !== "character").map(({ url }) => url));
      for (const { url, role } of given) if (isAddress(url) && (role === "style" || role === "character")) signs.push(`--${role === "style" ? "sref" : "cref"} ${url}`);
      if (bytes.length > 0) target["base64Array"] = bytes;
      return !given.some(({ role }) => role === "mask");
    },
    negativePrompt: (text) => void signs.push(`--no ${text}`),
    aspectRatio: (ratio) => (/^\d+:\d+$/.test(ratio) ? void signs.push(`--ar ${ratio}`) : ratio === "auto"),
    size: ({ width, height }) => void signs.push(`--ar ${ratioOf(width, height)}`),
    seed: (seed) => void signs.push(`--seed ${seed}`),
    mode: (mode, target) => (["relax", "fast", "turbo"].includes(mode.toLowerCase()) ? void (target["accountFilter"] = { modes: [mode.toUpperCase()] }) : false),
  });
  return { path: "/submit/imagine", body: { ...body, prompt: [...links, wish.prompt, ...signs].join(" ") }, dropped };
}

function filmOf(wish: MediaWish): Words {
  const { body, dropped } = encodeWish(wish, {
    prompt: "prompt",
    images(given, target) {
      const first = given.find(({ role }) => role === "first_frame" || role === "input");
      const last = given.find(({ role }) => role === "last_frame");
      if (first) target["image"] = first.url;
      if (last) target["endImage"] = last.url;
      return given.every((one) => one === first || one === last);
    },
    resolution: (text, target) => (/^(480|720)p?$/i.test(text) ? void (target["videoType"] = `vid_1.1_i2v_${Number.parseInt(text, 10)}`) : false),
    count: (count, target) => ([1, 2, 4].includes(count) ? void (target["batchSize"] = count) : false),
  });
  if (body["image"] === undefined) throw new GatewayError("invalidRequest", { publicText: "Midjourney makes a film of a first picture: give one.", param: "images" });
  return { path: "/submit/video", body: { motion: "low", ...body }, dropped };
}

/** `1920`, `1080` is `16:9`. */
function ratioOf(width: number, height: number): string {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const common = Math.max(divisor(Math.round(width), Math.round(height)), 1);
  return `${Math.round(width) / common}:${Math.round(height) / common}`;
}
