import type { KeyRecord } from "../accounts/key-record.ts";
import { isRetired, mayUseGroup, type Model, type Options, type PricedGroup, quoteTask, servedSources, type TaskQuote } from "../catalog/index.ts";
import type { TaskTarget } from "../channels/task-plan.ts";
import type { Usage } from "../dialects/canonical/usage.ts";
import { AssetError } from "../assets/storage.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { modelRetired } from "../errors/model-retired.ts";
import type { Pass } from "../limits/limit-book.ts";
import type { Meter } from "../limits/meter.ts";
import { limitError } from "../limits/refusal.ts";
import { mayUse } from "../relay/model-limits.ts";
import { type Acceptance, type NewTask, type TaskRow, tasksById } from "../store/queries/tasks.ts";
import type { TaskEngine } from "./engine.ts";
import { type IdForm, newTaskId } from "./ids.ts";
import { givenInputs, refuseInside } from "../relay/given-inputs.ts";
import { requestHash } from "./request-hash.ts";
import { refuseUnsayable, type Said } from "./sayable.ts";
import type { TaskServices } from "./services.ts";
import { stowed } from "./stow.ts";
import { type Task, taskOf, type TaskRequest } from "./task.ts";
import { mediaVendor } from "./vendor-call.ts";
import { checkWish, wishFor } from "./wish-for.ts";

/** Time beyond the vendor's own limit: waiting for a target, copying. */
const WAITING_MS = 600_000;
/** How long a task may take whose sources say nothing of it. */
const USUAL_MS = 1_800_000;
/** When a caller with as many open tasks as may be tries again. */
const CROWDED_RETRY_MS = 5_000;
/** Longest Idempotency-Key (Stripe's limit, which clients know). */
const IDEMPOTENCY_KEY_MAX = 255;

/** Letters of the secret in the address of a task's notices; behind it stands which of its orders one is of. */
export const CALLBACK_SECRET_LENGTH = 32;

/** A task as a door wants it made. */
export interface TaskOrder {
  key: KeyRecord;
  /** UUID of the request, which the log knows it by */
  requestId: string;
  /** whose envelope it is shown in */
  family: string;
  platform: string;
  action: string;
  /** the model as the caller named it, or as the door names what is to be done */
  model: string;
  idForm: IdForm;
  request: TaskRequest;
  /** what the caller said, by its own names */
  said: Said;
  /** nothing of it may be left out */
  strict: boolean;
  /** what the price looks at, by the names of the model's parameters */
  options: Options;
  counts?: Usage;
  worstCounts?: Usage;
  notifyUrl?: string | undefined;
  idempotencyKey?: string | undefined;
  parent?: Task | undefined;
  /** what the caller says of it, for the log */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/** What a caller whose model is not sold may tell the gateway's operator. */
const HOW_PRICED = 'An operator gives it one by PUT /api/admin/models/{name}, or under "models" in yescale.config.json.';

const random = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));

/** Media models, and those that answer at once and are made elsewhere as well (`sources`): Seedream, Recraft's. */
const isMadeAsTask = ({ kind, sources }: Model): boolean => kind !== undefined || sources !== undefined;

/** What a task would cost. Throws GatewayError for a model that the key may not have, that nobody makes, or that has no price for this. */
export function quoted({ key, model: name, options, counts, worstCounts }: Pick<TaskOrder, "key" | "model" | "options" | "counts" | "worstCounts">, services: TaskServices): { model: Model; group: PricedGroup; quote: TaskQuote } {
  const catalog = services.catalog();
  const model = catalog.find(name);
  const group = catalog.group(key.group);
  if (!group || group.disabled === true || !mayUseGroup(group, key.userId)) throw new GatewayError("groupDisabled");
  if (!model || !isMadeAsTask(model)) throw new GatewayError("modelNotFound", { publicText: `The model "${name.slice(0, 100)}" has no price here, so it is not made as a task. ${HOW_PRICED}`, param: "model" });
  if (!mayUse(key, model, catalog)) throw new GatewayError("modelNotAllowed", { param: "model" });
  const configured = (vendor: string): boolean => services.channels.planTask({ model: model.id, sources: [{ vendor, model: model.id }], withImages: false, group, sandbox: key.sandbox }).configured > 0;
  if (isRetired(model, services.clock.now(), (source) => configured(source.vendor)))
    throw modelRetired(model);
  const quote = quoteTask(model, group, { options, ...(counts ? { counts } : {}), ...(worstCounts ? { worstCounts } : {}) }, catalog.priceVersion);
  if (!("fault" in quote)) return { model, group, quote };
  if (quote.fault === "unpriced") throw new GatewayError("modelPrice", { publicText: `The model "${model.id}" has no price yet, so it cannot be called. ${HOW_PRICED}`, param: "model" });
  // What is counted in characters is the text itself.
  const counted = quote.parameter === "characters" ? "prompt" : quote.parameter;
  if (quote.fault === "uncounted") throw new GatewayError("invalidRequest", { publicText: `"${counted}" is missing, and the price depends on it.`, param: counted });
  throw new GatewayError("invalidRequest", { publicText: `"${quote.parameter}" cannot have this value here: ${quote.allowed}.`, param: quote.parameter });
}

/** A task that was accepted, and what the vendor that is asked first is not told, by the caller's names. */
export interface Accepted {
  task: Task;
  untold: readonly string[];
}

/** Accepts a task: when this resolves, row, hold and its first turn are durable. Gives the task that is there already for a repeated `Idempotency-Key`. Rejects with GatewayError; then nothing is held. */
export async function accept(order: TaskOrder, engine: TaskEngine, services: TaskServices): Promise<Accepted> {
  const { key, idempotencyKey, said, strict } = order;
  const { model, group, quote } = quoted(order, services);
  if (idempotencyKey !== undefined && idempotencyKey.length > IDEMPOTENCY_KEY_MAX) throw new GatewayError("invalidRequest", { publicText: `"Idempotency-Key" may have ${IDEMPOTENCY_KEY_MAX} characters at most.` });
  if (order.request.wish && !order.request.native) checkWish(model, order.request.wish, quote.options, { pictures: quote.terms.classes.find((one) => one.class === "images")?.expected, follows: order.parent !== undefined });
  const now = services.clock.now();
  const sources = servedSources(model, now).filter(({ vendor }) => mediaVendor(vendor) !== undefined);
  const plan = services.channels.planTask({ model: model.id, sources, withImages: order.request.withImages, group, sandbox: key.sandbox });
  if (plan.configured === 0) throw new GatewayError("noChannelConfigured", { publicText: `No upstream is configured for the model "${model.id}".` });
  const request: TaskRequest = { ...order.request, ...(order.request.wish ? { wish: wishFor(model, order.request.wish, quote.options, order.options) } : {}), ...(order.metadata ? { metadata: order.metadata } : {}), ...(strict ? { strict: said.names, own: said.own } : {}) };
  const id = newTaskId(order.idForm, random);
  const inputs = givenInputs(request);
  if (order.notifyUrl !== undefined) inputs.addresses.set(order.notifyUrl, "the address of notices");
  const untold = refuseUnsayable({ taskId: id, action: order.action, request, said, strict, parent: order.parent }, placesOf(order.parent, plan.targets));
  await refuseInside(inputs, services.publicUrl(), (address) => services.fetcher.refusePrivate(address));
  const free = key.sandbox;
  const longest = Math.max(USUAL_MS, ...sources.map(({ vendor, model: upstream }) => mediaVendor(vendor)?.media.pace(upstream).giveUpMs ?? 0));
  const task: NewTask = {
    id,
    request_id: order.requestId,
    user_id: key.userId,
    organisation_id: key.organisation ?? null,
    key_id: key.id,
    group_name: group.name,
    sandbox: key.sandbox,
    family: order.family,
    platform: order.platform,
    action: order.action,
    model: model.id,
    parent_id: order.parent?.id ?? null,
    submitted_ms: now,
    deadline_ms: now + longest + WAITING_MS,
    due_ms: now,
    lane: plan.targets[0]?.channel.id ?? "",
    request: await stowed(request, services.assets).catch(noRoom),
    notify_url: order.notifyUrl ?? null,
    callback_token: Buffer.from(random((CALLBACK_SECRET_LENGTH / 4) * 3)).toString("base64url"),
    idempotency_key: idempotencyKey ?? null,
    request_hash: idempotencyKey === undefined ? null : await requestHash([order.family, order.action, model.id, order.request, order.options, order.notifyUrl ?? null]),
    sources: [...sources],
    budgets: free ? [] : [key.walletBudget, ...key.caps.map(({ budget }) => budget)],
    hold_nano: free ? 0 : Number(quote.worstNano),
    terms: quote.terms,
  };
  const meters = services.limits.of(key, group.name, model.id);
  const crowds = meters?.filter(({ kind, scope }) => kind === "concurrency" && scope !== "channel") ?? [];
  if (crowds.length > 0) task.concurrency = crowds.map(({ scope, subject, max }) => ({ scope, subject, max }));
  const pass = meters && (await passLimits(meters, free ? 0 : Number(quote.expectedNano), services));
  let accepted: Awaited<ReturnType<typeof held>>;
  try {
    accepted = await held(task, order, crowds, engine, services);
  } catch (error) {
    pass?.cancel();
    throw error;
  }
  // The same request once more is no second one.
  if (accepted.outcome === "known") pass?.cancel();
  else pass?.end({ tokens: 0, spendNano: task.hold_nano });
  if (accepted.outcome === "accepted") return { task: fresh(task), untold };
  const [row] = await tasksById(services.db, [accepted.task]);
  if (!row) throw new GatewayError("internal", { internalText: "an accepted task is not there" });
  if (row.deleted_at !== null) throw new GatewayError("conflict", { publicText: "This Idempotency-Key was used for a task that has been deleted." });
  return { task: taskOf(row), untold };
}

/** What follows up a task goes where that was made, as long as it is there. */
function placesOf(parent: Task | undefined, targets: readonly TaskTarget[]): readonly TaskTarget[] {
  const same = parent ? targets.filter(({ channel, mark }) => channel.id === parent.channel && mark === parent.credential) : [];
  return same.length > 0 ? same : targets;
}

/** A task as its row is when it was accepted just now. */
const fresh = (task: NewTask): Task => taskOf({
  ...task, user_id: String(task.user_id), organisation_id: task.organisation_id === null ? null : String(task.organisation_id), key_id: String(task.key_id), hold_nano: String(task.hold_nano), budgets: task.budgets.map(String),
  state: "NOT_START", phase: "waiting", progress: 0, progress_estimated: true, submitted_at: new Date(task.submitted_ms), started_at: null, finished_at: null, deadline_at: new Date(task.deadline_ms),
  source: 0, attempts: [], channel: null, credential: null, upstream_model: null, vendor_ref: null, memo: null, told: null, cancel: null, answer: null, outputs: [], error_kind: null, error_text: null, error_detail: null,
  charge_nano: "0", lines: [], usage: {}, deleted_at: null,
} satisfies TaskRow);

/** Room in all limits of requests and spending; in those of requests at a time while it is being accepted. Tasks that are open already are counted where the row is written (`concurrency`). */
async function passLimits(meters: readonly Meter[], spendNano: number, { limits }: TaskServices): Promise<Pass> {
  const taken = await limits.take(meters, { requests: 1, tokens: 0, spendNano, concurrent: 1 });
  if ("refused" in taken) throw limitError(taken);
  return taken;
}

/** What cannot be kept cannot be sent later. */
function noRoom(error: unknown): never {
  throw error instanceof AssetError ? new GatewayError("databaseDown", { internalText: `an input could not be kept: ${error.message}`, retryAfterSeconds: 30 }) : error;
}

/** Holds and keeps it; what other processes have leased and do not need is asked back once. */
async function held(task: NewTask, { key }: TaskOrder, crowds: readonly Meter[], engine: TaskEngine, services: TaskServices): Promise<Extract<Acceptance, { task: string }>> {
  for (let round = 0; ; round += 1) {
    let answer: Acceptance;
    try {
      // As the database gives it back: without members that JSON does not know.
      answer = await engine.accept(task, () => fresh(JSON.parse(JSON.stringify(task)) as NewTask));
    } catch (error) {
      throw new GatewayError("databaseDown", { internalText: String(error), retryAfterSeconds: 2 });
    }
    if (answer.outcome === "conflict") throw new GatewayError("conflict", { publicText: "This Idempotency-Key was used for another request." });
    if (answer.outcome === "crowded") throw limitError({ refused: crowds[answer.limit] as Meter, units: 1, waitMs: CROWDED_RETRY_MS });
    if (answer.outcome !== "insufficient") return answer;
    const { budget, elsewhereNano, freeNano } = answer;
    if (round === 0 && elsewhereNano > 0 && freeNano >= task.hold_nano) {
      await services.reclaim(budget);
      continue;
    }
    throw new GatewayError(budget === key.walletBudget ? "insufficientWallet" : (key.caps.find((cap) => cap.budget === budget)?.refusal ?? "insufficientKey"));
  }
}
