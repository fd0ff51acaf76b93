import type { Clock } from "../clock/clock.ts";
import { type DialectId, sameFamily, type VendorDialectId } from "../dialects/canonical/dialect.ts";
import type { SessionDialectId } from "../dialects/canonical/session.ts";
import { isConverted } from "../vendors/_kit/adapter.ts";
import { VENDORS } from "../vendors/registry.ts";
import { type Channel, type Served, serving, vendorsServed } from "./channel.ts";
import { Health } from "./health.ts";
import { type Group, inGroup, mappedModel, type Plan, planTargets, reaches, type Server, serversOf } from "./plan.ts";
import { credentialMark, planTask, type TaskPlan } from "./task-plan.ts";
import { RetryBudget } from "./retry-budget.ts";

/**
 * What a vendor is spoken to in when a caller speaks `wanted`: the same where vendor and model take it, else the one it wants for the model, else the first of its formats that `wanted` can be put into. A session is passed
 * on as it is: its vendors answer with their own first format, which nothing of the session needs.
 */
function dialectFor(vendorId: string, wanted: DialectId | SessionDialectId, upstreamModel: string): VendorDialectId | undefined {
  const vendor = VENDORS.get(vendorId);
  if (isSession(wanted)) return vendor?.session?.dialect === wanted ? vendor.dialects[0] : undefined;
  if (vendor && isConverted(vendor, wanted)) return wanted;
  const spoken = vendor?.dialects.filter((dialect) => vendor.speaks?.(dialect, upstreamModel) ?? true) ?? [];
  if (spoken.includes(wanted)) return wanted;
  const fitting = spoken.filter((dialect) => sameFamily(dialect, wanted));
  const own = vendor?.translated?.(upstreamModel);
  return fitting.find((dialect) => dialect === own) ?? fitting[0];
}

/** Of a group: models, dialects and kinds of keys are few; a bound all the same. */
const SERVERS_KEPT_MAX = 10_000;

/** Channels that are gone, of which this is remembered: more than anybody deletes while their jobs run. */
const LEFT_MAX = 200;

const isSession = (wanted: DialectId | SessionDialectId): wanted is SessionDialectId => wanted === "openai-realtime" || wanted === "gemini-live";

export interface Wanted {
  model: string;
  /** the name health keeps the model under, if another: an endpoint may have a health of its own */
  healthModel?: string;
  /** the model's vendor by the catalog */
  vendor: string;
  /** only the operator's settings know the model */
  own?: boolean | undefined;
  dialect: DialectId | SessionDialectId;
  group: Group;
  sandbox: boolean;
  /** numbers in [0, 1) in the place of chance, where requests that belong together are to be planned alike */
  draws?: (() => number) | undefined;
}

/** All channels in memory, from settings, file and database, with their health. */
export class ChannelBook {
  private fixed: readonly Channel[] = [];
  private stored = new Map<number, Channel>();
  private sandbox: readonly Channel[] = [];
  private all: readonly Channel[] = [];
  /** channels that were deleted and credentials that were taken out, newest first: what was ordered there is followed up as long as this process lives */
  private left: readonly Channel[] = [];
  private servers = new WeakMap<Group, Map<string, readonly Server[]>>();
  readonly health: Health;
  readonly budget = new RetryBudget();

  constructor(clock: Clock, private readonly random: () => number) {
    this.health = new Health(clock);
  }

  /** Channels of the environment and the file: as they were at start. */
  setFixed(channels: readonly Channel[]): void {
    this.fixed = channels;
    this.rebuild();
  }

  /** The simulators. One that does not serve live keys by itself does so while no real channel, enabled or not, has its vendor. */
  setSandbox(channels: readonly Channel[]): void {
    this.sandbox = channels;
    this.rebuild();
  }

  /** All channels of the database. */
  setStored(channels: ReadonlyMap<number, Channel>): void {
    const before = this.stored;
    this.stored = new Map(channels);
    for (const [id, channel] of before) this.keepLeft(channel, channels.get(id));
    this.rebuild();
  }

  /** One channel of the database was made, edited or deleted (undefined). Its health starts anew. */
  changed(id: number, channel: Channel | undefined): void {
    const old = this.stored.get(id);
    if (old) {
      this.health.forget(old.id);
      this.keepLeft(old, channel);
    }
    this.budget.refill();
    if (channel) this.stored.set(id, channel);
    else this.stored.delete(id);
    this.rebuild();
  }

  list(): readonly Channel[] {
    return this.all;
  }

  /** Where a job is that was ordered of a channel, with the credential whose `credentialMark` that is: also when the credential is switched off by now, or the channel gone. Nothing new is ordered with what this gives. */
  placeOf(channelId: string | null, mark: string | null): { channel: Channel; key: number; inUse: boolean } | undefined {
    for (const channel of this.all) {
      const key = channel.id === channelId ? channel.credentials.findIndex((one) => credentialMark(one) === mark) : -1;
      if (key >= 0) return { channel, key, inUse: true };
    }
    for (const channel of [...this.all, ...this.left]) {
      const secret = channel.id === channelId ? channel.resting?.find((one) => credentialMark(one) === mark) : undefined;
      if (secret !== undefined) return { channel: { ...channel, credentials: [secret] }, key: 0, inUse: false };
    }
    return undefined;
  }

  private keepLeft(old: Channel, now: Channel | undefined): void {
    const there = now?.id === old.id ? new Set([...now.credentials, ...(now.resting ?? [])]) : new Set<string>();
    const gone = [...old.credentials, ...(old.resting ?? [])].filter((one) => !there.has(one));
    if (gone.length > 0) this.left = [{ ...old, credentials: [], resting: gone }, ...this.left].slice(0, LEFT_MAX);
  }

  plan(wanted: Wanted): Plan {
    return planTargets(this.serversOf(wanted), wanted.healthModel ?? wanted.model, this.health, wanted.draws ?? this.random);
  }

  /** Whoever would serve this, looked up once until the channels change; a catalog that changes brings groups of its own. */
  private serversOf(wanted: Wanted): readonly Server[] {
    const { model, vendor, own, dialect, group, sandbox } = wanted;
    let known = this.servers.get(group);
    if (!known) this.servers.set(group, (known = new Map()));
    const name = `${model}\n${vendor}\n${dialect}\n${own === true ? "own" : ""}\n${sandbox ? "sandbox" : ""}`;
    let servers = known.get(name);
    if (!servers) {
      servers = serversOf(this.all, { ...wanted, dialectOf: (of, upstreamModel) => dialectFor(of, dialect, upstreamModel) });
      if (known.size >= SERVERS_KEPT_MAX) known.clear();
      known.set(name, servers);
    }
    return servers;
  }

  /** Who may make a task, in order. */
  planTask(want: Parameters<typeof planTask>[1]): TaskPlan {
    return planTask(this.all, want, this.health, this.random);
  }

  /** Whether a key of that group could reach the model at all, healthy or not, in its vendor's dialect. */
  offers(model: Served, group: Group, sandbox: boolean): boolean {
    return serving(this.all, model).some((channel) => channel.enabled && reaches(channel, sandbox) && inGroup(channel, group));
  }

  /** Whether a live key could be served with the model at this moment: some channel of it is enabled, and not all its credentials are out. */
  isUp(model: Served): boolean {
    return serving(this.all, model).some(
      (channel) => channel.enabled && reaches(channel, false) && (channel.simulated || channel.credentials.some((_, key) => this.health.availability(`${channel.id}#${key}`, model.id).state !== "open")),
    );
  }

  /** Whether some channel serves the model, but speaks another dialect. */
  servedInOtherDialect(model: Served, dialect: DialectId | SessionDialectId): boolean {
    const enabled = serving(this.all, model).filter((channel) => channel.enabled);
    return enabled.length > 0 && enabled.every((channel) => dialectFor(channel.vendor, dialect, mappedModel(channel, model.id)) === undefined);
  }

  /** Whether some channel serves the model in this dialect, for another group. */
  servedInOtherGroup(model: Served, dialect: DialectId | SessionDialectId, sandbox: boolean): boolean {
    return serving(this.all, model).some((channel) => channel.enabled && dialectFor(channel.vendor, dialect, mappedModel(channel, model.id)) !== undefined && reaches(channel, sandbox));
  }

  private rebuild(): void {
    const real = [...this.fixed, ...this.stored.values()];
    const vendors = new Set(real.flatMap((channel) => vendorsServed(channel.vendor)));
    // A vendor with a real channel, even one that fails or is switched off, is never simulated for keys that pay; nor is one whose models such a channel resells.
    const sandbox = this.sandbox.map((channel) => ({ ...channel, servesLive: channel.servesLive || !vendors.has(channel.vendor) }));
    this.all = [...real, ...sandbox];
    this.servers = new WeakMap();
  }
}
