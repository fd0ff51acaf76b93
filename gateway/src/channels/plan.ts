import type { VendorDialectId } from "../dialects/canonical/dialect.ts";
import type { Channel } from "./channel.ts";
import { serving } from "./channel.ts";
import { type Health, UNWATCHED } from "./health.ts";

/** One attempt that may be made: a channel with one of its credentials. */
export interface Target {
  channel: Channel;
  /** position of the credential in the channel */
  key: number;
  /** what health knows it by; a simulator has no health, since its faults come on demand and say nothing of the next request */
  id: string;
  upstreamModel: string;
  /** what the vendor is spoken to in: the caller's own dialect where it can be */
  dialect: VendorDialectId;
}

export interface Group {
  name: string;
  channels: "*" | readonly string[];
}

export interface Plan {
  /** in the order to try them; each stands here once */
  targets: Target[];
  /** channels that would serve the model, healthy or not */
  configured: number;
  /** when nothing can be tried now: why, in how many milliseconds it may be, and what helps */
  blocked: Blocked | undefined;
}

/** Of all targets that are out, the one that says most: first what passes by itself, soonest first; then what its operator must cure; then a missing model. */
export interface Blocked {
  reason: string;
  retryInMs: number;
  cure: "time" | "operator" | "none";
}

export const CURES: Readonly<Record<string, Blocked["cure"]>> = { auth: "operator", no_balance: "operator", no_model: "none" };
const CURE_ORDER: readonly Blocked["cure"][] = ["time", "operator", "none"];

export function saysMore(one: Blocked, other: Blocked | undefined): boolean {
  if (!other) return true;
  const order = CURE_ORDER.indexOf(one.cure) - CURE_ORDER.indexOf(other.cure);
  return order < 0 || (order === 0 && one.retryInMs < other.retryInMs);
}

/** Test keys go to simulators only; live keys to a simulator only where it stands in for a vendor. */
export const reaches = (channel: Channel, sandbox: boolean): boolean => (sandbox ? channel.simulated : !channel.simulated || channel.servesLive);

export const inGroup = (channel: Channel, group: Group): boolean =>
  (channel.groups?.includes(group.name) ?? true) &&
  (group.channels === "*" || group.channels.includes(channel.name) || group.channels.includes(`vendor:${channel.vendor}`));

/**
 * The targets for a model, computed once per request: by priority, within a priority in random order by weight; the healthy credentials of each
 * channel in random order. `vendor` is the model's vendor by the catalog, `own` says that only the settings know it; `healthModel` is the name health keeps the model under, if another.
 * `random` gives numbers in [0, 1).
 */
export function planTargets(
  channels: readonly Channel[],
  want: { model: string; healthModel?: string; vendor: string; own?: boolean | undefined; dialectOf: (vendor: string, upstreamModel: string) => VendorDialectId | undefined; group: Group; sandbox: boolean },
  health: Health,
  random: () => number,
): Plan {
  const fitting = serving(channels, { id: want.model, vendor: want.vendor, own: want.own }).filter(
    (channel) =>
      channel.enabled &&
      reaches(channel, want.sandbox) &&
      want.dialectOf(channel.vendor, mappedModel(channel, want.model)) !== undefined &&
      inGroup(channel, want.group),
  );
  const targets: Target[] = [];
  let blocked: Plan["blocked"];
  for (const channel of inOrder(fitting, random)) {
    const upstreamModel = mappedModel(channel, want.model);
    const dialect = want.dialectOf(channel.vendor, upstreamModel) as VendorDialectId;
    for (const key of shuffled(channel.credentials.length, random)) {
      const id = channel.simulated ? UNWATCHED : `${channel.id}#${key}`;
      const availability = health.availability(id, want.healthModel ?? want.model);
      if (availability.state !== "open") {
        targets.push({ channel, key, id, upstreamModel, dialect });
        continue;
      }
      const { reason, retryInMs } = availability;
      const out: Blocked = { reason, retryInMs, cure: CURES[reason] ?? "time" };
      if (saysMore(out, blocked)) blocked = out;
    }
  }
  return { targets, configured: fitting.length, blocked: targets.length === 0 ? blocked : undefined };
}

/** Follows the mapping as a chain; a circle ends where it began. */
export function mappedModel(channel: Channel, model: string): string {
  let name = model;
  for (let step = 0; step < 5; step += 1) {
    const next = channel.modelMapping[name];
    if (next === undefined || next === name) break;
    name = next;
  }
  return name;
}

/** Highest priority first; weighted random within one (Efraimidis and Spirakis 2006: sort by random^(1/weight)). */
export function inOrder(channels: readonly Channel[], random: () => number): Channel[] {
  if (channels.length < 2) return [...channels];
  return channels
    .map((channel) => ({ channel, draw: random() ** (1 / Math.max(channel.weight, 1e-6)) }))
    .sort((a, b) => b.channel.priority - a.channel.priority || b.draw - a.draw)
    .map(({ channel }) => channel);
}

export function shuffled(count: number, random: () => number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
