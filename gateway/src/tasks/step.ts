import type { TaskTarget } from "../channels/task-plan.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { MediaWish } from "../dialects/canonical/media-wish.ts";
import type { StandIns } from "../dialects/canonical/stand-ins.ts";
import { tasksById, type Turn } from "../store/queries/tasks.ts";
import type { MediaJob, MediaOrder } from "../vendors/_kit/media/adapter.ts";
import type { Moves } from "./moves.ts";
import type { FetchedMedia } from "../egress/guarded-fetch.ts";
import type { TaskServices } from "./services.ts";
import { restored } from "./stow.ts";
import { type LookedAt, type Task, taskOf } from "./task.ts";
import { type MediaVendor, mediaVendor } from "./vendor-call.ts";

/** One step of a task: whose turn it is, and what its work needs. */
export interface Step {
  task: Task;
  turn: Turn;
  moves: Moves;
  services: TaskServices;
  /** there is more to do at once */
  wake(): void;
}

/** Where a task is: its account at the vendor, found by what its row names. Undefined when that account is known no more. */
export function placeOf(task: Pick<Task, "channel" | "credential">, services: TaskServices): (Pick<TaskTarget, "channel" | "key" | "id"> & MediaVendor) | undefined {
  const place = services.channels.placeOf(task.channel, task.credential);
  const media = place && mediaVendor(place.channel.vendor);
  return media && { channel: place.channel, key: place.key, id: place.channel.simulated || !place.inUse ? "" : `${place.channel.id}#${place.key}`, ...media };
}

/** The task that this one follows up. */
export async function parentOf({ parent_id: id }: Pick<Task, "parent_id">, { db }: Pick<TaskServices, "db">): Promise<Task | undefined> {
  return id === null ? undefined : (await tasksById(db, [id])).map(taskOf)[0];
}

/** What is ordered, and the files that stand-ins in it stand for. */
export interface FiledOrder {
  order: MediaOrder;
  files: StandIns;
}

/** What a target is asked for. `whole`: for who compares it with what the vendor has, without stand-ins. Rejects with AssetError when what was stowed away is gone, with GatewayError for what was said in another vendor's words only. */
export async function orderOf(task: Task, target: { channel: { vendor: string; baseUrl: string; simulated: boolean }; upstreamModel: string }, parent: Task | undefined, services: TaskServices, { whole = false } = {}): Promise<FiledOrder> {
  const { request: { native, wish }, files } = await restored(task.request, services.assets, { whole });
  const own = native?.vendor === target.channel.vendor ? native.request : undefined;
  if (!own && !wish) throw new GatewayError("invalidRequest", { publicText: "This was asked in words that only another vendor understands." });
  const callbackBase = services.callbackUrl(target.channel.simulated);
  const order: MediaOrder = {
    taskId: task.id,
    model: target.upstreamModel,
    action: task.action,
    baseUrl: target.channel.baseUrl,
    input: own ? { native: own } : { wish: await inBytes(wish as MediaWish, mediaVendor(target.channel.vendor)?.media.wantsBytes?.(target.upstreamModel) === true, whole ? undefined : files, services) },
    callbackUrl: callbackBase === undefined ? undefined : `${callbackBase}/callbacks/${callbackName(task)}`,
    parent: parent?.vendor_ref ? { ref: parent.vendor_ref, memo: parent.memo ?? {} } : undefined,
  };
  return { order, files };
}

/** A task's secret and which of its orders a notice is of: one that comes late from another vendor must not be taken for the present one's. */
const callbackName = (task: Task): string => `${task.callback_token}${orderNumber(task)}`;

/** Which order of the task is under way: its try is noted once it is answered. */
export const orderNumber = ({ phase, attempts }: Pick<Task, "phase" | "attempts">): number => (phase === "waiting" || phase === "sending" ? attempts.length : attempts.length - 1);

export const jobOf = (task: Pick<Task, "id" | "upstream_model" | "action" | "vendor_ref" | "memo">): MediaJob => ({ taskId: task.id, model: task.upstream_model ?? "", action: task.action, ref: task.vendor_ref ?? "", memo: task.memo ?? {} });

/** Headers that only simulators get. */
export const sandboxOf = (task: Pick<LookedAt, "request">, simulated: boolean): Record<string, string> => (simulated ? (task.request.sandboxHeaders ?? {}) : {});

const uriOf = ({ mediaType, bytes }: FetchedMedia, files: StandIns | undefined): string => `data:${mediaType};base64,${files ? files.ofFile(bytes) : bytes.toString("base64")}`;

/** A wish with its pictures as `data:` URIs, for vendors that take files only. Rejects with GatewayError for an address that leads nowhere it may. */
async function inBytes(wish: MediaWish, wanted: boolean, files: StandIns | undefined, services: TaskServices): Promise<MediaWish> {
  const named = wish.images?.filter(({ url }) => !url.startsWith("data:")) ?? [];
  if (!wanted || named.length === 0) return wish;
  const fetched = await services.fetcher.fetchAll(named.map(({ url }) => ({ url, kind: "image" as const })), { left: () => false });
  const uris = new Map(named.map((one, index) => [one, uriOf(fetched[index] as FetchedMedia, files)]));
  return { ...wish, images: wish.images?.map((one) => ({ ...one, url: uris.get(one) ?? one.url })) ?? [] };
}
