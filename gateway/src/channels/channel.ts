import { VENDORS } from "../vendors/registry.ts";

/** An upstream account: vendor, address, credentials, models. */
export interface Channel {
  /** `source:name`: what health and plans know it by. A name alone may stand in the environment, the file and the database at once. */
  id: string;
  /** unique within its source; shown to operators only */
  name: string;
  vendor: string;
  baseUrl: string;
  /** each is its own account key with its own health; a joined list never leaves this array */
  credentials: readonly string[];
  /** switched off: nothing is ordered with them, and what was is followed up */
  resting?: readonly string[];
  /** the models it serves, `*` as a wildcard at the end; undefined: every model of its vendor (see `serving`) */
  models: readonly string[] | undefined;
  /** public model name -> name at the vendor */
  modelMapping: Readonly<Record<string, string>>;
  /** the groups it serves; undefined: every group that includes it */
  groups: readonly string[] | undefined;
  /** higher first */
  priority: number;
  /** share of traffic among channels of one priority */
  weight: number;
  timeouts: Timeouts;
  /** outbound HTTP proxy */
  proxy: string | undefined;
  enabled: boolean;
  /** played by a simulator: costs nothing, and test keys go nowhere else */
  simulated: boolean;
  /** whether live keys may reach it. Of a simulator as its source gives it: even beside real channels of its vendor (see ChannelBook) */
  servesLive: boolean;
  source: "environment" | "file" | "database" | "sandbox";
}

/** The identity of a channel. */
export const channelId = (source: Channel["source"], name: string): string => `${source}:${name}`;

/** Milliseconds. `firstByteMs` counts from sending to the first event or the answer's head; `idleMs` between bytes of a stream. */
export interface Timeouts {
  firstByteMs: number;
  idleMs: number;
}

/** Long thinking without a byte is normal for large models; a vendor silent for longer is taken for dead. */
export const DEFAULT_TIMEOUTS: Timeouts = { firstByteMs: 300_000, idleMs: 120_000 };

/** What channels need to know of a model; the catalog's own record fits. */
export interface Served {
  id: string;
  vendor: string;
  /** only the operator's settings know it */
  own?: boolean | undefined;
}

/** The vendors whose models a channel of this vendor serves when it has no list of its own: itself, and whom it resells under their names. */
export function vendorsServed(vendor: string): readonly string[] {
  const resold = VENDORS.get(vendor)?.modelsOf;
  return resold === undefined ? [vendor] : [vendor, resold];
}

/** A vendor's name as people write it. */
export const vendorName = (vendor: string): string => VENDORS.get(vendor)?.displayName ?? vendor;

/** Whether the channel, having no list, serves a vendor's models. A simulator plays its own vendor's only: the other has one as well. */
const serves = (channel: Channel, vendor: string): boolean => channel.vendor === vendor || (!channel.simulated && vendorsServed(channel.vendor).includes(vendor));

/**
 * The channels that serve a model, enabled or not: those that name it, and those without a list that are of its vendor or resell it. A model of the operator's own goes
 * only to channels that name it, if there are any: a prompt for one's own server must not reach the vendor whose API that server speaks. Simulators play
 * it all the same.
 */
export function serving(channels: readonly Channel[], model: Served): Channel[] {
  const named = model.own === true && channels.some((channel) => names(channel, model.id));
  return channels.filter((channel) => names(channel, model.id) || (!channel.models && serves(channel, model.vendor) && (!named || channel.simulated)));
}

/** Whether the channel's list or mapping has the model. */
function names(channel: Channel, model: string): boolean {
  if (!channel.models) return Object.hasOwn(channel.modelMapping, model);
  return channel.models.some((entry) => (entry.endsWith("*") ? model.startsWith(entry.slice(0, -1)) : entry === model));
}
