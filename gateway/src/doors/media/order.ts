import { GatewayError } from "../../errors/gateway-error.ts";
import { type Said, untoldOf } from "../../tasks/sayable.ts";
import type { Task, TaskRequest } from "../../tasks/task.ts";
import { METADATA_HEADER, readMetadata } from "../../usage/metadata.ts";
import { WAIT_SECONDS_MAX } from "../../tasks/tasks.ts";
import type { JsonObject } from "../../vendors/_kit/media/adapter.ts";
import { namesOf } from "./said.ts";
import type { MediaCall, MediaFamily, MediaTools, MediaWanted } from "./family.ts";

/** Headers for simulators, which the engine gives to nobody else. */
const SANDBOX_HEADERS = /^x-sandbox-/;
/** Names under which callers say where they want to be told. */
export const NOTIFY_NAMES = ["notify_hook", "notifyHook", "callback_url", "webhook"] as const;
const NOTIFY_LENGTH_MAX = 2_000;

/** Accepts what a route wants made; what of it is not told to whom it goes stands in the answer's header. With `Prefer: wait` the task is given once it has ended, or when that time is over. Rejects with GatewayError. */
export async function ordered(family: MediaFamily, call: MediaCall, wanted: MediaWanted, { tasks }: MediaTools): Promise<Task> {
  const metadata = call.headers[METADATA_HEADER];
  // Read and taken out here for all doors: no vendor may hear of it, far less call it.
  const { url: named, ...notices } = wanted.notices ?? {};
  const notifyUrl = named ?? notifyUrlOf(call.form ? Object.fromEntries(call.form.flatMap((part) => ("value" in part ? [[part.name, part.value]] : []))) : call.json);
  const sandboxHeaders = Object.fromEntries(Object.entries(call.headers).filter(([name]) => SANDBOX_HEADERS.test(name)));
  const said = saidIn(wanted);
  const { task, untold } = await tasks.accept({
    key: call.key,
    requestId: call.requestId,
    family: family.id,
    platform: family.platform,
    action: wanted.action,
    model: wanted.model,
    idForm: family.idForm,
    request: { ...withoutNotices(wanted.request), ...(notifyUrl !== undefined && Object.keys(notices).length > 0 ? { notices } : {}), ...(Object.keys(sandboxHeaders).length > 0 ? { sandboxHeaders } : {}) },
    said,
    strict: isStrict(call),
    options: wanted.options,
    ...(wanted.counts ? { counts: wanted.counts } : {}),
    ...(wanted.worstCounts ? { worstCounts: wanted.worstCounts } : {}),
    notifyUrl,
    // An empty header says nothing.
    idempotencyKey: call.headers["idempotency-key"] || undefined,
    parent: wanted.parent,
    metadata: metadata === undefined ? undefined : readMetadata(metadata),
  });
  const seconds = preferredWait(call);
  const now = seconds === undefined ? task : ((await tasks.wait(call.key, task.id, seconds, call.left)) ?? task);
  call.told.untold = untoldOf(now, said) ?? untold;
  return now;
}

/** What was said of an order, by the caller's names. */
export const saidIn = ({ said, request }: MediaWanted): Said => said ?? { names: namesOf(request.wish), own: [] };

/** Whether nothing may be left out of what the caller says (`x-yescale-strict`, as in requests that are translated). */
export const isStrict = ({ headers }: Pick<MediaCall, "headers">): boolean => headers["x-yescale-strict"] === "1";

/** Seconds that `Prefer: wait=N` asks for (RFC 7240, 4.3); without a number as long as may be. */
export function preferredWait({ headers }: Pick<MediaCall, "headers">): number | undefined {
  const found = /(?:^|[,;\s])wait(?:\s*=\s*"?(\d{1,9})"?)?(?:$|[,;\s])/i.exec(headers["prefer"] ?? "");
  return found ? Math.min(found[1] === undefined ? WAIT_SECONDS_MAX : Number(found[1]), WAIT_SECONDS_MAX) : undefined;
}

/** A task of the caller's, of this family where one is named; after `?wait=SECONDS` as long as it runs. Rejects with GatewayError notFound, alike for what never was and what is another's. */
export async function found(call: MediaCall, id: string, { tasks }: Pick<MediaTools, "tasks">, family?: MediaFamily): Promise<Task> {
  const asked = call.query.get("wait");
  if (asked !== null && !/^\d{1,4}$/.test(asked)) throw new GatewayError("invalidRequest", { publicText: '"wait" must be a number of seconds.', param: "wait" });
  const task = id.length > 100 ? undefined : asked === null ? await tasks.get(call.key, id) : await tasks.wait(call.key, id, Number(asked), call.left);
  if (!task || (family && task.family !== family.id)) throw taskNotFound();
  return task;
}

/** Stops what runs; 202: as soon as there is somebody to ask. Rejects with GatewayError conflict for what cannot be stopped. */
export async function stopped(call: MediaCall, id: string, { tasks }: Pick<MediaTools, "tasks">): Promise<{ task: Task; status: 200 | 202 }> {
  const done = await tasks.cancel(call.key, id);
  if (!done) throw taskNotFound();
  if (done.stop === "refused") throw new GatewayError("conflict", { publicText: "This task cannot be stopped where it is made: it goes on." });
  return { task: done.task, status: done.stop === "later" ? 202 : 200 };
}

/** The same as it is now. */
export const asItIs = (call: MediaCall, id: string, tools: Pick<MediaTools, "tasks">, family?: MediaFamily): Promise<Task> => found({ ...call, query: new URLSearchParams() }, id, tools, family);

export const taskNotFound = (): GatewayError => new GatewayError("notFound", { publicText: "Task not found" });

const isNotify = (name: string): boolean => (NOTIFY_NAMES as readonly string[]).includes(name);

/** An order without the caller's own address of notices. */
function withoutNotices({ native, ...rest }: TaskRequest): TaskRequest {
  if (!native) return rest;
  const { json, form } = native.request;
  const request = {
    ...native.request,
    ...(json ? { json: Object.fromEntries(Object.entries(json).filter(([name]) => !isNotify(name))) } : {}),
    ...(form ? { form: form.filter(({ name }) => !isNotify(name)) } : {}),
  };
  return { ...rest, native: { ...native, request } };
}

/** Where the caller wants to be told, by the names that clients have for it; undefined: nowhere. Throws GatewayError for what is no public https address. */
function notifyUrlOf(json: JsonObject): string | undefined {
  for (const name of NOTIFY_NAMES) {
    const value = json[name];
    if (value !== undefined && value !== null && value !== "") return notifyAddress(name, value);
  }
  return undefined;
}

/** An address of notices as the caller wrote it; whether it is a public one is seen when the task is accepted. Throws GatewayError. */
export function notifyAddress(name: string, value: unknown): string {
  if (typeof value === "string" && value.length <= NOTIFY_LENGTH_MAX && /^https?:\/\//i.test(value) && URL.canParse(value)) return value;
  throw new GatewayError("invalidRequest", { publicText: `"${name}" must be an https address of at most ${NOTIFY_LENGTH_MAX} characters.`, param: name });
}

/** A text that must be there. */
export function requiredText(json: JsonObject, name: string, most = 100_000): string {
  const value = json[name];
  if (typeof value !== "string" || value.trim() === "") throw new GatewayError("invalidRequest", { publicText: `"${name}" is missing or no text.`, param: name });
  if (value.length > most) throw new GatewayError("invalidRequest", { publicText: `"${name}" may have ${most} characters at most.`, param: name });
  return value;
}

/** A member that may be missing and else must be of that type. */
export function optional<T extends "string" | "number" | "boolean">(json: JsonObject, name: string, type: T): { string: string; number: number; boolean: boolean }[T] | undefined {
  const value = json[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type || (type === "number" && !Number.isFinite(value))) throw new GatewayError("invalidRequest", { publicText: `"${name}" must be a ${type}.`, param: name });
  return value as { string: string; number: number; boolean: boolean }[T];
}
