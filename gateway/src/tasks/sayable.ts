import type { TaskTarget } from "../channels/task-plan.ts";
import { ownOf } from "../dialects/canonical/fields.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { MediaInput, MediaOrder, MediaSubmit } from "../vendors/_kit/media/adapter.ts";
import type { Task, TaskRequest } from "./task.ts";
import { mediaVendor } from "./vendor-call.ts";

/** Beyond this a text in base64 is cut: adapters look at a file's beginning, and need not carry it twice. */
const LONG_TEXT = 16 * 1024;
/** So many members are named in a refusal. */
const NAMED_MAX = 20;
/** Stands for a picture that will be fetched before the order is sent (1x1 PNG). */
const SOME_PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/** What a caller has said, by its own names. */
export interface Said {
  /** the members of the wish that it said */
  names: Readonly<Record<string, string>>;
  /** what the wish has no place for: it stands in the words of one vendor, or nowhere */
  own: readonly string[];
}

/** What is asked, as far as its words depend on it. */
export interface Asked {
  taskId: string;
  action: string;
  request: Pick<TaskRequest, "native" | "wish">;
  said: Said;
  strict: boolean;
  parent?: Task | undefined;
}

/**
 * Refuses what none of the targets can be told, before anything is held: a model that does not take a member, a file that a vendor has no place for; in strict mode anything at all. Gives what the one that is asked first is not
 * told, by the caller's names. Throws GatewayError: the first target's own reason, or noChannelConfigured when the words are another vendor's.
 */
export function refuseUnsayable(asked: Asked, targets: readonly TaskTarget[]): readonly string[] {
  if (targets.length === 0) {
    // All are out for a while; nobody will be told what no words have a place for.
    const nowhere = asked.request.native ? [] : asked.said.own;
    if (asked.strict) refuseUntold(nowhere);
    return nowhere;
  }
  const request = lightened(asked.request);
  let reason: GatewayError | undefined;
  for (const target of targets) {
    try {
      const left = say(asked, request, target);
      if (!left) continue;
      if (asked.strict) refuseUntold(left);
      return left;
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      reason ??= error;
    }
  }
  throw reason ?? new GatewayError("noChannelConfigured", { publicText: "No upstream is configured that understands this request's own words." });
}

/** What this one is not told. Undefined: the vendor knows neither these words nor a wish in nobody's. Throws GatewayError for what it cannot be told at all. */
function say({ taskId, action, parent, said }: Asked, { native, wish }: Asked["request"], { channel, upstreamModel }: TaskTarget): readonly string[] | undefined {
  const media = mediaVendor(channel.vendor)?.media;
  const own = native?.vendor === channel.vendor ? native.request : undefined;
  if (!media || (!own && !wish)) return undefined;
  const input: MediaInput = own ? { native: own } : { wish: media.wantsBytes?.(upstreamModel) && wish?.images ? { ...wish, images: wish.images.map((one) => (one.url.startsWith("data:") ? one : { ...one, url: SOME_PICTURE })) } : (wish as NonNullable<typeof wish>) };
  const order: MediaOrder = { taskId, action, model: upstreamModel, baseUrl: channel.baseUrl, input, parent: parent?.vendor_ref ? { ref: parent.vendor_ref, memo: parent.memo ?? {} } : undefined };
  return untold(media.submit(order), input, said);
}

/** What of that which the caller said stands in no order like this, by its own names. */
export const untold = ({ dropped = [] }: Pick<MediaSubmit, "dropped">, input: MediaInput, { names, own }: Said): string[] => [...new Set([...dropped.flatMap((name) => ownOf(names, name) ?? []), ...("wish" in input ? own : [])])];

/** The same of a task that has been taken by a vendor. Undefined: none has it yet. */
export function untoldOf({ attempts, sources, request: { native } }: Pick<Task, "attempts" | "sources" | "request">, said: Said): string[] | undefined {
  const taken = attempts.findLast(({ outcome }) => outcome === "accepted");
  if (!taken) return undefined;
  const input = native !== undefined && sources[taken.source]?.vendor === native.vendor ? { native: native.request } : { wish: { kind: "image" as const } };
  return untold({ dropped: taken.dropped ?? [] }, input, said);
}

/** Throws GatewayError, which names what is left out in strict mode. */
export function refuseUntold(left: readonly string[]): void {
  if (left.length > 0) throw new GatewayError("invalidRequest", { publicText: `No source of this model can be told ${left.map((name) => `"${name}"`).slice(0, NAMED_MAX).join(", ")}, and strict mode is on.`, param: left[0] ?? "" });
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
