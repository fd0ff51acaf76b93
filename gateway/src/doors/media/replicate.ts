import { REPLICATE_INPUTS } from "@yescale/contract/media";
import { objectOf, ownOf, parseJson } from "../../dialects/canonical/fields.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { withoutStowed } from "../../tasks/stow.ts";
import { eventTokenOf } from "../../tasks/event-token.ts";
import type { TaskState } from "../../store/schema.ts";
import type { Task } from "../../tasks/task.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { ownOptions } from "./fal.ts";
import { eventOf, events } from "./events.ts";
import type { MediaCall, MediaFamily, MediaTools, MediaWanted, OpenCall } from "./family.ts";
import { checkInputs } from "./check-inputs.ts";
import { wrong } from "./inputs.ts";
import { asItIs, found, ordered, stopped, taskNotFound } from "./order.ts";
import { upload } from "./uploads.ts";
import { startOf } from "./seconds.ts";
import { table } from "../../table.ts";

/** Replicate's words (https://replicate.com/docs/reference/http#predictions.get). */
const WORDS = { NOT_START: "starting", SUBMITTED: "starting", QUEUED: "starting", IN_PROGRESS: "processing", SUCCESS: "succeeded", FAILURE: "failed", CANCELLED: "canceled" } as const;
/** Predictions on a page, as Replicate has it. */
const PAGE = 100;
const CURSOR_MAX = 300;
/** Where events are read without a key, as Replicate's SDK reads them (`stream`): whose address begins so is given as files by it, as Replicate's own addresses are (SDK `replicate`, lib/stream.js). */
const FILE_STREAMS = "/v1/files";
const TEXT_STREAMS = "/replicate/v1/predictions";
/** Which of a task's states each of Replicate's events is (https://replicate.com/docs/topics/webhooks/setup-webhook); there are no logs to tell of. */
const EVENTS: Readonly<Record<string, readonly TaskState[]>> = table({ start: ["IN_PROGRESS"], output: ["SUCCESS"], logs: [], completed: ["SUCCESS", "FAILURE", "CANCELLED"] });
/** Spellings of the documentation for what Replicate writes otherwise. */
const SPELLINGS: Readonly<Record<string, string>> = table({ "black-forest-labs/flux-pro-1.1-ultra": "black-forest-labs/flux-1.1-pro-ultra" });

/** Replicate's predictions, below `/replicate`. */
export const replicate: MediaFamily = {
  id: "replicate",
  platform: "replicate",
  idForm: "letters",
  routes: [
    { method: "POST", paths: ["/replicate/v1/models/{owner}/{name}/predictions"], bodies: ["json"], priced: true, handle: (call, tools) => submit(call, { model: nameIn(call) }, tools) },
    { method: "GET", paths: ["/replicate/v1/models/{owner}/{name}"], handle: about },
    { method: "POST", paths: ["/replicate/v1/predictions"], bodies: ["json"], priced: true, handle: (call, tools) => submit(call, namedIn(call.json), tools) },
    { method: "GET", paths: ["/replicate/v1/predictions"], handle: list },
    { method: "GET", paths: ["/replicate/v1/predictions/{id}"], handle: async (call, tools) => ({ json: render(await found(call, call.params["id"] ?? "", tools, replicate), tools, call.origin) }) },
    { method: "GET", paths: ["/replicate/v1/predictions/{id}/stream"], handle: async (call, tools) => events(call, await asItIs(call, call.params["id"] ?? "", tools, replicate), tools, told) },
    { method: "GET", paths: [`${TEXT_STREAMS}/{id}/stream/{token}`, `${FILE_STREAMS}/{id}/stream/{token}`], open: true, handle: opened },
    { method: "POST", paths: ["/replicate/v1/predictions/{id}/cancel"], handle: cancel },
    { method: "GET", paths: ["/replicate/v1/webhooks/default/secret"], handle: (call, tools) => ({ json: { key: tools.tasks.secretOf(call.key.userId) } }) },
    { method: "POST", paths: ["/replicate/v1/files"], bodies: ["form"], handle: file },
  ],
  render,
  error: ({ kind, publicText }) => ({ status: kind.status === 400 ? 422 : kind.status, json: { title: kind.code, detail: publicText, status: kind.status === 400 ? 422 : kind.status } }),
};

/** A model, and which version of it where that is said. */
interface Named {
  model: string;
  version?: string | undefined;
}

async function submit(call: MediaCall, { model, version }: Named, tools: MediaTools) {
  const task = await ordered(replicate, call, wanted(call.json, { model: SPELLINGS[model] ?? model, version }, tools), tools);
  // A caller who waited takes anything but "starting" for the end (SDK `replicate`, run).
  const shown: Task = task.finished_at === null ? { ...task, state: "SUBMITTED", started_at: null } : task;
  return { status: task.finished_at === null && /wait/i.test(call.headers["prefer"] ?? "") ? 202 : 201, json: render(shown, tools, call.origin) };
}

const nameIn = ({ params }: Pick<MediaCall, "params">): string => `${params["owner"]}/${params["name"]}`;
/** The id of a version, which SDKs send alone for `owner/name:version`; the catalog knows some as further names of their model. */
const VERSION = /^[0-9a-f]{64}$/;

/** `version` is the id of a model's version, or the model itself, alone or with one. Throws GatewayError. */
function namedIn(json: JsonObject): Named {
  const said = typeof json["model"] === "string" ? json["model"] : json["version"];
  if (typeof said !== "string" || said === "") throw new GatewayError("invalidRequest", { publicText: '"version" is missing.', param: "version" });
  if (VERSION.test(said)) return { model: said, version: said };
  const [model = said, version] = said.split(":");
  return { model, version };
}

/** A model of Replicate's that has a price here (https://replicate.com/docs/reference/http#models.get). */
function about(call: MediaCall, { catalog }: Pick<MediaTools, "catalog">): { json: JsonObject } {
  const name = nameIn(call);
  const model = catalog().find(name);
  if (!model?.compiled || !model.sources?.some(({ vendor }) => vendor === "replicate")) throw new GatewayError("notFound", { publicText: "There is no such model here." });
  const { owner = "", name: own = "" } = call.params;
  return {
    json: {
      url: `https://replicate.com/${name}`, owner, name: own, description: model.displayName, visibility: "public", github_url: null, paper_url: null, license_url: null, run_count: 0, cover_image_url: null, default_example: null, latest_version: null,
    },
  };
}

function wanted(json: JsonObject, { model, version }: Named, tools: MediaTools): MediaWanted {
  const input = json["input"];
  if (typeof input !== "object" || input === null || Array.isArray(input)) throw new GatewayError("invalidRequest", { publicText: '"input" is missing or no object.', param: "input" });
  const fields = input as JsonObject;
  checkInputs(fields, ownOf(REPLICATE_INPUTS, model) ?? {});
  const count = fields["num_outputs"] ?? fields["number_of_images"];
  const spoken = fields["text"] ?? fields["prompt"];
  const known = tools.catalog().find(model);
  // Models that are none of Replicate's own are run by their version alone: the catalog's source names one.
  const used = version ?? known?.sources?.find(({ vendor }) => vendor === "replicate")?.model.split(":")[1];
  return {
    action: VERSION.test(model) ? (known?.id ?? model) : model,
    model,
    request: { native: { vendor: "replicate", request: used === undefined ? { path: `/models/${model}/predictions`, json: { input } } : { path: "/predictions", json: { version: used, input } } }, ...(known?.kind === "text" ? { seen: { text: true } } : {}), withImages: false },
    options: { ...ownOptions(fields), videos: filmsIn(fields), ...(typeof count === "number" ? { n: count } : {}) },
    ...(typeof spoken === "string" ? { counts: { characters: Array.from(spoken).length } } : {}),
    ...(json["webhook_events_filter"] === undefined ? {} : { notices: { states: statesOf(json["webhook_events_filter"]) } }),
  };
}

/** How many films are given, which some films cost more for. */
const filmsIn = (fields: JsonObject): number => ["reference_videos", "reference_video", "video"].reduce((sum, name) => sum + [fields[name] ?? []].flat().length, 0);

function statesOf(events: unknown): TaskState[] {
  if (!Array.isArray(events) || !events.every((event) => typeof event === "string" && Object.hasOwn(EVENTS, event))) throw wrong("webhook_events_filter", `must be a list of ${Object.keys(EVENTS).join(", ")}.`);
  return [...new Set(events.flatMap((event: string) => EVENTS[event] ?? []))];
}

/** The events of a prediction for whoever knows their address. */
async function opened({ params, left }: OpenCall, tools: MediaTools): Promise<Response> {
  const task = await tools.tasks.byEventToken(params["id"] ?? "", params["token"] ?? "");
  if (task?.family !== replicate.id) throw taskNotFound();
  return events({ left }, task, tools, told);
}

async function cancel(call: MediaCall, tools: MediaTools) {
  const id = call.params["id"] ?? "";
  await found(call, id, tools, replicate);
  const { task, status } = await stopped(call, id, tools);
  return { status, json: render(task, tools, call.origin) };
}

/** A file that orders may name: the SDK uploads what it is given as one (https://replicate.com/docs/reference/http#files.create). */
async function file(call: MediaCall, tools: MediaTools) {
  const content = call.form?.find((part) => part.name === "content");
  if (!content || !("bytes" in content)) throw wrong("content", "is missing or no file.");
  const about = call.form?.find((part) => part.name === "metadata");
  const kept = await upload(Buffer.from(content.bytes), ["image", "video", "audio"], "content", call, tools);
  return {
    status: 201,
    json: {
      id: kept.name, name: content.filename, content_type: kept.type, size: kept.bytes, etag: kept.sha256, checksums: { sha256: kept.sha256 }, metadata: objectOf(parseJson(about === undefined ? "{}" : "bytes" in about ? about.bytes.toString("utf8") : about.value)),
      created_at: new Date(tools.now()).toISOString(), expires_at: kept.expiresAt === undefined ? null : new Date(kept.expiresAt).toISOString(), urls: { get: kept.url },
    },
  };
}

/** A place in the list: behind (`next`) or before (`previous`) the task of that moment and id. */
interface Cursor {
  to: "next" | "previous";
  at: number;
  id: string;
}

/** A page of the account's predictions, newest first, with the addresses of those around it. */
async function list(call: MediaCall, { tasks, brand }: MediaTools) {
  const given = call.query.get("cursor");
  const cursor = given === null ? undefined : readCursor(given);
  if (given !== null && !cursor) throw wrong("cursor", "is none of ours.");
  const back = cursor?.to === "previous";
  const found = await tasks.list(call.key, { family: replicate.id, most: PAGE + 1, ascending: back, ...(cursor ? { beyond: { id: cursor.id, submitted_at: new Date(cursor.at) } } : {}) });
  const page = found.slice(0, PAGE);
  if (back) page.reverse();
  const more = found.length > PAGE;
  const link = (to: Cursor["to"], task: Task | undefined, isThere: boolean): string | null =>
    task && isThere ? `${call.origin}/replicate/v1/predictions?cursor=${Buffer.from(JSON.stringify({ to, at: task.submitted_at.getTime(), id: task.id } satisfies Cursor)).toString("base64url")}` : null;
  return { json: { previous: link("previous", page[0], back ? more : cursor !== undefined), next: link("next", page.at(-1), back || more), results: page.map((task) => render(task, { brand }, call.origin)) } };
}

function readCursor(text: string): Cursor | undefined {
  if (text.length > CURSOR_MAX) return undefined;
  const { to, at, id } = objectOf(parseJson(Buffer.from(text, "base64url").toString("utf8")));
  if ((to !== "next" && to !== "previous") || typeof at !== "number" || Number.isNaN(new Date(at).getTime()) || typeof id !== "string") return undefined;
  return { to, at, id };
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** A prediction. What the vendor told of it is shown as it was, but for ids and addresses, which are ours. */
function render(task: Task, _: Pick<MediaTools, "brand">, origin: string): JsonObject {
  const said = (task.answer ?? {}) as JsonObject;
  const native = (task.request.native?.request.json ?? {}) as JsonObject;
  const base = `${origin}/replicate/v1/predictions/${task.id}`;
  return {
    id: task.id,
    model: task.action,
    version: said["version"] ?? "hidden",
    input: withoutStowed(native["input"] ?? {}),
    logs: said["logs"] ?? "",
    output: task.state === "SUCCESS" ? output(task, said) : null,
    data_removed: false,
    error: task.state === "FAILURE" ? (task.error_text ?? "failed") : null,
    source: "api",
    status: WORDS[task.state],
    created_at: iso(task.submitted_at),
    ...(startOf(task) === null ? {} : { started_at: iso(startOf(task)) }),
    ...(task.finished_at === null ? {} : { completed_at: iso(task.finished_at) }),
    ...(task.state === "SUCCESS" && said["metrics"] !== undefined ? { metrics: said["metrics"] } : {}),
    urls: { get: base, cancel: `${base}/cancel`, stream: `${origin}${task.request.seen?.["text"] === true ? TEXT_STREAMS : FILE_STREAMS}/${task.id}/stream/${eventTokenOf(task)}` },
  };
}

/** The events of a prediction (https://replicate.com/docs/topics/predictions/streaming): each output, or why there is none, then that it is over. */
function told(task: Task): string {
  if (task.finished_at === null) return "";
  if (task.state === "SUCCESS") return [...task.outputs.flatMap(({ url, text }) => url ?? text ?? []).map((one) => eventOf("output", one)), eventOf("done", "{}")].join("");
  if (task.state === "CANCELLED") return eventOf("done", JSON.stringify({ reason: "canceled" }));
  return eventOf("error", JSON.stringify({ detail: task.error_text ?? "failed" })) + eventOf("done", JSON.stringify({ reason: "error" }));
}

/** Ours in the place of the vendor's addresses, in the form in which the model gives its output. */
function output(task: Task, said: JsonObject): unknown {
  const urls = task.outputs.flatMap(({ url, text }) => url ?? text ?? []);
  return said["output"] === undefined || Array.isArray(said["output"]) ? urls : (urls[0] ?? null);
}
