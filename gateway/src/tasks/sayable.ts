import type { TaskTarget } from "../channels/task-plan.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { MediaInput, MediaOrder, MediaSubmit } from "../vendors/_kit/media/adapter.ts";
import type { Task, TaskRequest } from "./task.ts";
import { mediaVendor } from "./vendor-call.ts";

/** Beyond this a text in base64 is cut: adapters look at a file's beginning, and need not carry it twice. */
const LONG_TEXT = 16 * 1024;
/** Stands for a picture that will be fetched before the order is sent (1x1 PNG). */
const SOME_PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** What is asked, as far as its words depend on it. */
export interface Asked {
  taskId: string;
  action: string;
  request: Pick<TaskRequest, "native" | "wish" | "strict">;
  parent?: Task | undefined;
}

/**
 * Refuses what none of the targets can be told, before anything is held: a model that does not take a member, a file that a vendor has no place for. Throws GatewayError: the first target's own reason, or
 * noChannelConfigured when the words are another vendor's.
 */
export function refuseUnsayable(asked: Asked, targets: readonly TaskTarget[]): void {
  if (targets.length === 0) return;
  const request = lightened(asked.request);
  let reason: GatewayError | undefined;
  for (const target of targets) {
    try {
      if (say(asked, request, target, asked.request.strict)) return;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      reason ??= error;
    }
  }
  throw reason ?? new GatewayError("noChannelConfigured", { publicText: "No upstream is configured that understands this request's own words." });
}

/** False: the vendor knows neither these words nor a wish in nobody's. Throws GatewayError for what it cannot be told. */
function say({ taskId, action, parent }: Asked, { native, wish }: Asked["request"], { channel, upstreamModel }: TaskTarget, strict: TaskRequest["strict"]): boolean {
  const media = mediaVendor(channel.vendor)?.media;
  const own = native?.vendor === channel.vendor ? native.request : undefined;
  if (!media || (!own && !wish)) return false;
  const input: MediaInput = own ? { native: own } : { wish: media.wantsBytes?.(upstreamModel) && wish?.images ? { ...wish, images: wish.images.map((one) => (one.url.startsWith("data:") ? one : { ...one, url: SOME_PICTURE })) } : (wish as NonNullable<typeof wish>) };
  const order: MediaOrder = { taskId, action, model: upstreamModel, baseUrl: channel.baseUrl, input, parent: parent?.vendor_ref ? { ref: parent.vendor_ref, memo: parent.memo ?? {} } : undefined };
  refuseUntold(media.submit(order), strict);
  return true;
}

/** Throws GatewayError in strict mode, when a source cannot be told something that the caller said. */
export function refuseUntold({ dropped = [] }: MediaSubmit, strict: TaskRequest["strict"]): void {
  const untold = strict ? [...new Set(dropped.flatMap((name) => strict[name] ?? []))] : [];
  if (untold.length > 0) throw new GatewayError("invalidRequest", { publicText: `No source of this model can be told ${untold.map((name) => `"${name}"`).join(", ")}, and strict mode is on.`, param: untold[0] ?? "" });
}

const lightened = ({ native, wish }: Asked["request"]): Asked["request"] => ({
  ...(native ? { native: { ...native, request: { ...native.request, ...(native.request.json ? { json: light(native.request.json) } : {}) } } } : {}),
  ...(wish ? { wish: light(wish) } : {}),
});

/** The same without the most of its files in base64; four letters of it are three bytes, and stay together. */
function light<Value>(value: Value): Value {
  if (typeof value === "string") return cut(value) as Value;
  if (Array.isArray(value)) return value.map((entry: unknown) => light(entry)) as Value;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, light(member as unknown)])) as Value;
}

function cut(text: string): string {
  if (text.length <= LONG_TEXT) return text;
  const from = text.startsWith("data:") ? text.indexOf(",") + 1 : 0;
  return /^[A-Za-z0-9+/_-]+$/.test(text.slice(from, from + 1_000)) ? text.slice(0, from + LONG_TEXT) : text;
}
