/**
 * Pika's former direct API, as third parties describe it: forms in, JSON out, one poll for all. Whether its host still answers is not known;
 * today's official way is fal's.
 */
import { problemsOf, type Fields, type Problem, type Rule } from "../../kit/fields.ts";
import { encodedInput, formInput } from "../../kit/form-input.ts";
import { asNumber, asText, type JsonObject } from "../../kit/json.ts";
import { sidesOfLines } from "../../kit/media/shape.ts";
import { fileAddress, taskFile } from "../../kit/tasks/files.ts";
import { isForbidden, madeOf } from "../../kit/tasks/outputs.ts";
import { polled, told } from "../../kit/tasks/poll.ts";
import { momentOf, type Task } from "../../kit/tasks/task.ts";
import type { Answer, Failure, Received, Vendor, WholeAnswer } from "../../kit/vendor.ts";

const LINK = { seconds: 7 * 24 * 3600 };
const TYPICAL_SECONDS = 80;
/** Shape of a clip that asks for none. */
const RATIO = 1.7778;

const TEXT: Rule = { is: "text", required: true, least: 1 };
const picture = (required = true): Rule => ({ is: "file", kind: "picture", required });
const VIDEO: Rule = { is: "file", kind: "video", required: true };
const common: Fields = { negativePrompt: { is: "text" }, seed: { is: "integer" }, resolution: { is: "text", values: ["720p", "1080p"] } };
const shape: Fields = { ...common, aspectRatio: { is: "number", least: 0.4, most: 2.5 } };
const LENGTH: Rule = { is: "integer", values: [5, 10] };

/** Fields by path below `/generate/`. */
const ROUTES: Record<string, Fields> = {
  "2.2/t2v": { promptText: TEXT, duration: LENGTH, ...shape },
  "2.2/i2v": { image: picture(), promptText: { is: "text" }, duration: LENGTH, ...common },
  "2.2/pikaframes": { keyFrames: { is: "list", required: true, least: 2, most: 5, of: picture() }, promptText: { is: "text" }, duration: { is: "integer", least: 5, most: 10 }, ...common },
  "2.2/c2v": { images: { is: "list", required: true, least: 1, of: picture() }, ingredientsMode: { is: "text", required: true, values: ["creative", "precise"] }, promptText: { is: "text" }, duration: LENGTH, ...shape },
  pikadditions: { video: VIDEO, image: picture(false), promptText: { is: "text" }, ...common },
  pikaswaps: { video: VIDEO, image: picture(false), promptText: { is: "text" }, modifyRegionMask: picture(false), modifyRegionRoi: { is: "text" }, ...common },
  pikaffects: { image: picture(), pikaffect: TEXT, promptText: { is: "text" }, ...common },
};

const credentialOf = (headers: Headers): string => headers.get("x-api-key") ?? "";
const said = (status: number, body: unknown, headers: Record<string, string> = {}): WholeAnswer => ({ kind: "whole", status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

function detailOf({ path, what, rule, value }: Problem): JsonObject {
  const loc = ["body", ...path];
  if (what === "missing") return { loc, msg: "Field required", type: "missing" };
  if (what === "values" && "values" in rule) return { loc, msg: `Input should be ${(rule.values ?? []).map((one) => `'${one}'`).join(" or ")}`, type: "literal_error", input: value };
  if (what === "file") return { loc, msg: "Unsupported file", type: "value_error" };
  return { loc, msg: "Input is out of range or of the wrong type", type: "value_error", input: typeof value === "string" || typeof value === "number" ? value : null };
}

function submit(request: Received, owner: string, route: string, fields: Fields): WholeAnswer {
  const encoded = request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") === true;
  if (!request.form && !encoded) return said(422, { detail: [{ loc: ["body"], msg: "A form is expected", type: "value_error" }] });
  const input = request.form ? formInput(request.form, fields) : encodedInput(request.body, fields);
  const problems = problemsOf(fields, input);
  if (problems.length > 0) return said(422, { detail: problems.map(detailOf) });
  const ratio = asNumber(input["aspectRatio"]) ?? RATIO;
  const [width, height] = sidesOfLines(`${Math.round(ratio * 10_000)}:10000`, asText(input["resolution"]) || "720p");
  const seconds = asNumber(input["duration"]) ?? 5;
  const task = request.tasks.accept({
    id: `${request.ids.hex(8)}-${request.ids.hex(4)}-4${request.ids.hex(3)}-8${request.ids.hex(3)}-${request.ids.hex(12)}`,
    vendor: "pika",
    owner,
    model: route,
    exchange: request.exchange,
    faults: request.faults,
    now: request.now,
    typicalSeconds: TYPICAL_SECONDS,
    outputs: madeOf([{ kind: "video", width, height, duration: seconds, seed: asText(input["promptText"]) }], request.faults),
    end: isForbidden(asText(input["promptText"])) ? "refused" : "succeeded",
  });
  request.note(task);
  return { ...said(200, { video_id: task.id }), model: route };
}

function shown(request: Received, task: Task): JsonObject {
  const { phase, share } = momentOf(task, request.now);
  if (phase === "queued") return { id: task.id, status: "queued", progress: 0 };
  if (phase === "running") return { id: task.id, status: task.faults.has("new-state") ? "encoding" : "started", progress: Math.round(share * 100) };
  if (phase !== "succeeded") return { id: task.id, status: "failed", progress: 0 };
  const there = task.outputs.length > 0 && !task.faults.has("lost-result");
  return { id: task.id, status: "finished", progress: 100, ...(there ? { url: fileAddress(request, task, 0, LINK) } : {}) };
}

function answer(request: Received): Answer | Promise<Answer> {
  if (request.path.startsWith("/__files/")) return taskFile(request, "pika");
  const owner = credentialOf(request.headers);
  if (!/^[\w-]{6,}$/.test(owner)) return fail(request, { kind: "bad-key", status: 401 });
  const route = request.path.startsWith("/generate/") ? request.path.slice("/generate/".length) : "";
  const fields = Object.hasOwn(ROUTES, route) ? ROUTES[route] : undefined;
  if (request.method === "POST" && fields) return submit(request, owner, route, fields);
  const id = /^\/videos\/([^/]+)$/.exec(request.path)?.[1];
  const task = id !== undefined && request.method === "GET" ? request.tasks.get("pika", owner, id) : undefined;
  return task ? polled(request, task, fail, () => told(task, request.now, said(200, shown(request, task)))) : said(404, { detail: "Not Found" });
}

function fail(_request: Received, failure: Failure): WholeAnswer {
  const { message, status } = failure;
  if (failure.kind === "no-balance") return said(402, { detail: message ?? "Not enough credits" });
  if (failure.kind === "bad-key" || status === 401) return said(401, { detail: message ?? "Invalid API key" });
  if (status === 422) return said(422, { detail: [{ loc: ["body"], msg: message ?? "Invalid", type: "value_error" }] });
  const texts: Record<number, string> = { 404: "Not Found", 429: "Too Many Requests" };
  return said(status, { detail: message ?? texts[status] ?? (status >= 500 ? "Internal Server Error" : "Bad Request") }, failure.retryAfter === undefined ? {} : { "retry-after": String(failure.retryAfter) });
}

/** Pika on its former wire. */
export const pika: Vendor = { name: "pika", routes: [...Object.keys(ROUTES).map((route) => `POST /generate/${route}`), "GET /videos/{video_id}"], credentialOf, answer, fail, errorFrame: () => "" };
