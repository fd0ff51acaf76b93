import type { JsonObject, MediaOutput, MediaReading } from "../_kit/media/adapter.ts";
import { numberIn, objectsIn, textIn } from "../_kit/media/fields.ts";
import { table } from "../../table.ts";

/** The proxy's words (docs/api.md). MODAL waits for a window to be confirmed; a word that is not known is work going on. */
const STATES: Readonly<Record<string, MediaReading["state"]>> = table({ NOT_START: "QUEUED", SUBMITTED: "QUEUED", SUCCESS: "SUCCESS", FAILURE: "FAILURE", CANCEL: "CANCELLED" });
/** Work whose result is a text. */
const TEXTS: ReadonlySet<string> = new Set(["DESCRIBE", "SHORTEN"]);
/** How the moderation of Discord's bot is recognised; the proxy has no code for it. */
const POLICY = /\bmoderat|banned|community standards/i;

/** What a task of the proxy says; undefined when it says nothing of a state. */
export function readMidjourneyTask(task: JsonObject): MediaReading | undefined {
  const word = textIn(task, "status");
  if (word === "") return undefined;
  const state = STATES[word] ?? "IN_PROGRESS";
  const percent = Number.parseInt(textIn(task, "progress"), 10);
  const reading: MediaReading = { state, answer: task };
  if (state === "SUCCESS") return { ...reading, outputs: outputsOf(task) };
  if (state !== "FAILURE") return Number.isFinite(percent) && state === "IN_PROGRESS" ? { ...reading, progress: percent } : reading;
  const text = textIn(task, "failReason") || "Midjourney could not make it.";
  const policy = POLICY.test(text);
  return { ...reading, fault: { kind: policy ? "caller" : "server", text, ...(policy ? { policy } : {}) } };
}

/** One grid, its single pictures, films, or a text. */
function outputsOf(task: JsonObject): MediaOutput[] {
  const properties = (typeof task["properties"] === "object" && task["properties"] !== null ? task["properties"] : {}) as JsonObject;
  const text = textIn(properties, "finalPrompt");
  if (TEXTS.has(textIn(task, "action"))) return text === "" ? [] : [{ kind: "text", text }];
  const films = unique([textIn(task, "videoUrl"), ...objectsIn(task, "videoUrls").map((one) => textIn(one, "url"))]);
  const [width, height] = [numberIn(task, "imageWidth"), numberIn(task, "imageHeight")];
  const sides = width !== undefined && height !== undefined ? { width, height } : {};
  const main = textIn(task, "imageUrl");
  const singles = unique(objectsIn(task, "imageUrls").map((one) => textIn(one, "url"))).filter((url) => url !== main);
  if (films.length > 0) return [...films.map((url): MediaOutput => ({ kind: "video", url })), ...(main === "" ? [] : [{ kind: "image" as const, url: main, role: "thumbnail" }])];
  return [...(main === "" ? [] : [{ kind: "image" as const, url: main, ...sides }]), ...singles.map((url): MediaOutput => ({ kind: "image", url, role: "single" }))];
}

const unique = (urls: readonly string[]): string[] => [...new Set(urls)].filter((url) => url !== "");
