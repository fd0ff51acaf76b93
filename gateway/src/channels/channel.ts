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
  /** the models it serves, `*` as a wildcard at the end; undefined: every model of its vendor */
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

/** Whether a channel serves a model that its vendor (by the catalog) is `vendor`. */
export function serves(channel: Channel, model: string, vendor: string): boolean {
  if (!channel.models) return channel.vendor === vendor || model in channel.modelMapping;
  return channel.models.some((entry) => (entry.endsWith("*") ? model.startsWith(entry.slice(0, -1)) : entry === model));
}
