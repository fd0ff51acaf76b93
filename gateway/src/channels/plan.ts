import type { VendorDialectId } from "../dialects/canonical/dialect.ts";
import { ownOf } from "../dialects/canonical/fields.ts";
import type { Channel } from "./channel.ts";
import { serving } from "./channel.ts";
import { type Health, UNWATCHED } from "./health.ts";
import { table } from "../table.ts";

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

export const CURES: Readonly<Record<string, Blocked["cure"]>> = table({ auth: "operator", no_balance: "operator", no_model: "none" });
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

/** A channel that would serve a model, healthy or not, and how it would be asked. */
export interface Server {
  channel: Channel;
  upstreamModel: string;
  dialect: VendorDialectId;
  /** what health knows its credentials by, in their order */
  ids: readonly string[];
}

/**
 * Who would serve a model: the same for every request until channels or catalog change, so it is worth keeping. `vendor` is the model's vendor by the catalog, `own` says that only the
 * settings know it; `dialectOf` gives what a vendor is spoken to in, undefined where it cannot be.
 */
export function serversOf(
  channels: readonly Channel[],
  want: { model: string; vendor: string; own?: boolean | undefined; dialectOf: (vendor: string, upstreamModel: string) => VendorDialectId | undefined; group: Group; sandbox: boolean },
): Server[] {
  return serving(channels, { id: want.model, vendor: want.vendor, own: want.own }).flatMap((channel) => {
    if (!channel.enabled || !reaches(channel, want.sandbox) || !inGroup(channel, want.group)) return [];
    const upstreamModel = mappedModel(channel, want.model);
    const dialect = want.dialectOf(channel.vendor, upstreamModel);
    return dialect === undefined ? [] : [{ channel, upstreamModel, dialect, ids: channel.credentials.map((_, key) => (channel.simulated ? UNWATCHED : `${channel.id}#${key}`)) }];
  });
}

/**
 * The targets for a model, computed once per request: by priority, within a priority in random order by weight; the healthy credentials of each
 * channel in random order. `healthModel` is the name health keeps the model under. `random` gives numbers in [0, 1).
 */
export function planTargets(servers: readonly Server[], healthModel: string, health: Health, random: () => number): Plan {
  const targets: Target[] = [];
  let blocked: Plan["blocked"];
  for (const { channel, upstreamModel, dialect, ids } of inOrder(servers, random)) {
    for (const key of shuffled(ids.length, random)) {
      const id = ids[key] as string;
      const availability = health.availability(id, healthModel);
      if (availability.state !== "open") {
        targets.push({ channel, key, id, upstreamModel, dialect });
        continue;
      }
      const { reason, retryInMs } = availability;
      const out: Blocked = { reason, retryInMs, cure: CURES[reason] ?? "time" };
      if (saysMore(out, blocked)) blocked = out;
    }
  }
  return { targets, configured: servers.length, blocked: targets.length === 0 ? blocked : undefined };
}

/** Follows the mapping as a chain; a circle ends where it began. */
export function mappedModel(channel: Channel, model: string): string {
  let name = model;
  for (let step = 0; step < 5; step += 1) {
    const next = ownOf(channel.modelMapping, name);
    if (next === undefined || next === name) break;
    name = next;
  }
  return name;
}

/** Highest priority first; weighted random within one (Efraimidis and Spirakis 2006: sort by random^(1/weight)). */
export function inOrder<T extends { channel: Channel }>(entries: readonly T[], random: () => number): readonly T[] {
  if (entries.length < 2) return entries;
  return entries
    .map((entry) => ({ entry, draw: random() ** (1 / Math.max(entry.channel.weight, 1e-6)) }))
    .sort((a, b) => b.entry.channel.priority - a.entry.channel.priority || b.draw - a.draw)
    .map(({ entry }) => entry);
}

const ONLY: readonly number[] = [0];

/** The positions of so many in random order. */
export function shuffled(count: number, random: () => number): readonly number[] {
  if (count === 1) return ONLY;
  const order = Array.from({ length: count }, (_, index) => index);
  for (let i = count - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}
