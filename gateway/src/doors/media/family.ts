import type { KeyRecord } from "../../accounts/key-record.ts";
import type { AssetStore } from "../../assets/asset-store.ts";
import type { Catalog, Options } from "../../catalog/index.ts";
import type { Usage } from "../../dialects/canonical/usage.ts";
import type { GatewayError } from "../../errors/gateway-error.ts";
import type { IdForm } from "../../tasks/ids.ts";
import type { Said } from "../../tasks/sayable.ts";
import type { Task, TaskRequest } from "../../tasks/task.ts";
import type { Tasks } from "../../tasks/tasks.ts";
import type { FormPart, JsonObject } from "../../vendors/_kit/media/adapter.ts";
import type { BodyKind } from "../body.ts";
import type { UploadAllowance } from "./uploads.ts";

/** A request at a door of tasks: authenticated, its body read. */
export interface MediaCall {
  method: string;
  path: string;
  /** what stands in the path where a route has `{name}` */
  params: Record<string, string>;
  query: URLSearchParams;
  /** the caller's, names in lower case */
  headers: Readonly<Record<string, string>>;
  key: KeyRecord;
  requestId: string;
  /** the body, where the route takes one: JSON, or the parts of a form */
  json: JsonObject;
  form: FormPart[] | undefined;
  /** our own address as the caller reaches it, without a slash at the end */
  origin: string;
  left: () => boolean;
  /** what the answer tells in a header: filled when something is ordered */
  told: { untold: readonly string[] };
}

/** The same of a caller who shows no key. */
export type OpenCall = Omit<MediaCall, "key">;

/** What a handler works with. */
export interface MediaTools {
  tasks: Tasks;
  catalog(): Catalog;
  assets: AssetStore;
  uploads: UploadAllowance;
  brand: string;
  now(): number;
}

/** An answer of JSON, or what a handler made itself (a picture, a stream of events). */
export type MediaAnswer = { status?: number; headers?: Record<string, string>; json: unknown } | Response;

interface Address {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** all its spellings, with `{name}` for one segment and `{name*}` for the rest of the path */
  paths: readonly string[];
}

/** One address of a family, for callers with an API key. */
export interface KeyedRoute extends Address {
  open?: undefined;
  /** none: no body is read */
  bodies?: readonly BodyKind[];
  /** whether it costs money */
  priced?: true;
  handle(call: MediaCall, tools: MediaTools): Promise<MediaAnswer> | MediaAnswer;
}

/** One for whoever knows it: a secret stands in its path, which the handler checks. It reads no body and costs nothing. */
export interface OpenRoute extends Address {
  open: true;
  bodies?: undefined;
  priced?: undefined;
  handle(call: OpenCall, tools: MediaTools): Promise<MediaAnswer> | MediaAnswer;
}

export type MediaRoute = KeyedRoute | OpenRoute;

/** How tasks are seen by the clients of one vendor: its addresses, its envelope, its errors. All families are views over the same rows. */
export interface MediaFamily {
  id: string;
  /** the name under which tasks of it are listed */
  platform: string;
  idForm: IdForm;
  routes: readonly MediaRoute[];
  /** a task as its clients see it */
  render(task: Task, tools: Pick<MediaTools, "brand">, origin: string): object;
  /** what notices carry, where it is not that */
  notice?(task: Task, tools: Pick<MediaTools, "brand">, origin: string): object;
  /** an error in its own form */
  error(error: GatewayError, requestId: string): { status: number; json: object };
}

/** What a route makes of a request: the order, without what every family does alike. */
export interface MediaWanted {
  action: string;
  model: string;
  request: TaskRequest;
  options: Options;
  /** what the caller said, by its own names (`saidBy`); undefined: as most doors name the members of a wish, and nothing beside it */
  said?: Said;
  counts?: Usage;
  worstCounts?: Usage;
  parent?: Task | undefined;
  /** notices other than those that every door takes (`NOTIFY_NAMES`): their address by a name of the family's, which of them, their form */
  notices?: TaskRequest["notices"] & { url?: string };
}
