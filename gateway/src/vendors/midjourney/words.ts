import type { GivenMedia, MediaWish } from "../../dialects/canonical/media-wish.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { JsonObject, MediaOrder } from "../_kit/media/adapter.ts";
import { encodeWish } from "../_kit/media/encode-wish.ts";
import { textIn } from "../_kit/media/fields.ts";
import { table } from "../../table.ts";

interface Words {
  path: string;
  body: JsonObject;
  dropped: string[];
}

/** Work whose pictures are files, never addresses. */
export const TAKES_FILES: ReadonlySet<string> = new Set(["blend", "swap_face"]);
/** Work that follows up a task, by the model's name at this vendor: a change by the place of a picture, and a button by its id. */
const CHANGES: Readonly<Record<string, string>> = table({ upscale: "UPSCALE", variation: "VARIATION", reroll: "REROLL" });
/** Members of nobody's words that are read where a body is made. */
const OF_CHANGES = ["custom_id", "index", "dimensions"];
const BUTTONS: ReadonlySet<string> = new Set([...Object.keys(CHANGES), "zoom", "custom_zoom", "pan", "inpaint"]);

const isAddress = (url: string): boolean => /^https?:/.test(url);
const missing = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });

/** An order in the proxy's words. Throws GatewayError for what this work cannot be made of. */
export function wordsOf(order: MediaOrder): Words {
  const { input, model, parent } = order;
  if ("native" in input) return { path: input.native.path ?? `/submit/${model}`, body: input.native.json ?? {}, dropped: [] };
  const { wish } = input;
  const job = parent && (textIn(parent.memo, "id") || parent.ref);
  if (BUTTONS.has(model)) return changed(wish, model, job);
  if (model === "action") return confirmed(wish, job);
  if (wish.kind === "video") return job !== undefined ? extended(wish, job) : film(wish);
  if (model === "blend") return blended(wish);
  if (model === "describe") return described(wish);
  if (model === "swap_face") return swapped(wish);
  if (model === "shorten") return { path: "/submit/shorten", ...encoded(wish, {}, { prompt: "prompt" }) };
  if (model === "edits") return edited(wish);
  if (wish.kind !== "image") throw missing("model", "Midjourney makes pictures and films.");
  return imagined(wish);
}

/** What stands in `body` already, and the names of what else was wished; of a prompt nothing, unless `words` has a place for it. */
function encoded(wish: MediaWish, body: JsonObject, words: Parameters<typeof encodeWish>[1] = {}): { body: JsonObject; dropped: string[] } {
  return encodeWish(wish, { prompt: { ifSaid: () => undefined }, mode: speed, others: OF_CHANGES, ...words }, body);
}

const speed = (mode: string, target: JsonObject): boolean | void => (["relax", "fast", "turbo"].includes(mode.toLowerCase()) ? void (target["accountFilter"] = { modes: [mode.toUpperCase()] }) : false);

const picturesOf = (wish: MediaWish): GivenMedia[] => (wish.images ?? []).filter(({ role }) => role !== "mask");

/** A change of one of a grid's pictures, or a button of a result. */
function changed(wish: MediaWish, model: string, taskId: string | undefined): Words {
  if (taskId === undefined) throw missing("task_id", '"task_id" is missing: this changes a task that Midjourney has made.');
  const { custom_id: customId, index } = wish.others ?? {};
  if (typeof customId === "string" && customId !== "") return { path: "/submit/action", ...encoded(wish, { taskId, customId }) };
  const action = CHANGES[model];
  if (action === undefined) throw missing("custom_id", '"custom_id" is missing: the id of the button to press.');
  if (action === "REROLL") return { path: "/submit/change", ...encoded(wish, { taskId, action }) };
  if (typeof index !== "number" || !Number.isInteger(index) || index < 1 || index > 4) throw missing("index", '"index" must be from 1 to 4.');
  return { path: "/submit/change", ...encoded(wish, { taskId, action, index }) };
}

/** A window that a button opened: what it asks for. */
function confirmed(wish: MediaWish, taskId: string | undefined): Words {
  if (taskId === undefined) throw missing("task_id", '"task_id" is missing: the task that waits for its window.');
  const mask = wish.images?.find(({ role }) => role === "mask");
  return { path: "/submit/modal", ...encoded(wish, { taskId, ...(mask ? { maskBase64: mask.url } : {}) }, { prompt: { ifSaid: "prompt" }, images: (given) => given.every((one) => one === mask) }) };
}

function blended(wish: MediaWish): Words {
  const pictures = picturesOf(wish);
  if (pictures.length < 2 || pictures.length > 5) throw missing("images", "Two to five pictures are needed.");
  const { dimensions } = wish.others ?? {};
  return { path: "/submit/blend", ...encoded(wish, { base64Array: pictures.map(({ url }) => url), ...(typeof dimensions === "string" ? { dimensions } : {}) }, { images: (given) => given.length === pictures.length }) };
}

function described(wish: MediaWish): Words {
  const [picture] = picturesOf(wish);
  if (!picture) throw missing("images", "A picture is missing.");
  return { path: "/submit/describe", ...encoded(wish, isAddress(picture.url) ? { link: picture.url } : { base64: picture.url }, { images: (given) => given.length === 1 }) };
}

/** The first picture's face goes to the second. */
function swapped(wish: MediaWish): Words {
  const [source, target] = picturesOf(wish);
  if (!source || !target) throw missing("images", "Two pictures are needed: the face, and where it goes.");
  return { path: "/insight-face/swap", ...encoded(wish, { sourceBase64: source.url, targetBase64: target.url }, { images: (given) => given.length === 2 }) };
}

function edited(wish: MediaWish): Words {
  const [picture] = picturesOf(wish);
  return { path: "/submit/edits", ...encoded(wish, picture ? { image: picture.url } : {}, { prompt: "prompt", images: (given) => given.length <= 1 }) };
}

function imagined(wish: MediaWish): Words {
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
    mode: speed,
  });
  return { path: "/submit/imagine", body: { ...body, prompt: [...links, wish.prompt, ...signs].join(" ") }, dropped };
}

function film(wish: MediaWish): Words {
  const { body, dropped } = encodeWish(wish, {
    prompt: { ifSaid: "prompt" },
    images(given, target) {
      const first = given.find(({ role }) => role === "first_frame" || role === "input");
      const last = given.find(({ role }) => role === "last_frame");
      if (first) target["image"] = first.url;
      if (last) target["endImage"] = last.url;
      return given.every((one) => one === first || one === last);
    },
    others: ["motion"],
    resolution: filmType,
    count: batch,
  });
  if (body["image"] === undefined) throw new GatewayError("invalidRequest", { publicText: "Midjourney makes a film of a first picture: give one.", param: "images" });
  const { motion } = wish.others ?? {};
  return { path: "/submit/video", body: { motion: motion === "high" ? "high" : "low", ...body }, dropped };
}

const filmType = (text: string, target: JsonObject): boolean | void => (/^(480|720)p?$/i.test(text) ? void (target["videoType"] = `vid_1.1_i2v_${Number.parseInt(text, 10)}`) : false);
const batch = (count: number, target: JsonObject): boolean | void => ([1, 2, 4].includes(count) ? void (target["batchSize"] = count) : false);

/** A film that goes on from one of a task's. */
function extended(wish: MediaWish, taskId: string): Words {
  const { index } = wish.others ?? {};
  return { path: "/submit/video", ...encoded(wish, { action: "extend", taskId, index: typeof index === "number" ? index : 0 }, { prompt: { ifSaid: "prompt" }, resolution: filmType, count: batch }) };
}

/** `1920`, `1080` is `16:9`. */
function ratioOf(width: number, height: number): string {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  const common = Math.max(divisor(Math.round(width), Math.round(height)), 1);
  return `${Math.round(width) / common}:${Math.round(height) / common}`;
}
