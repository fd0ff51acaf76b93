import type { Config } from "../config.ts";
import type { ChannelRow } from "../store/queries/channels.ts";
import { VENDORS } from "../vendors/registry.ts";
import { type Channel, channelId, DEFAULT_TIMEOUTS } from "./channel.ts";
import type { SecretBox } from "./secrets.ts";

const defaults = { modelMapping: {}, models: undefined, groups: undefined, priority: 0, weight: 1, timeouts: DEFAULT_TIMEOUTS, proxy: undefined, enabled: true };

/** Of a channel whose server asks for none: one, that is empty, since each attempt is made with a credential. */
const NO_CREDENTIAL: readonly string[] = [""];

/** Several keys of one account family, separated by commas, as people write them; a JSON document (Google's service account) is one. */
export function splitCredentials(text: string): readonly string[] {
  if (text.trimStart().startsWith("{")) return [text];
  const keys = text.split(",").map((key) => key.trim()).filter((key) => key !== "");
  return keys.length > 0 ? keys : NO_CREDENTIAL;
}

/** Channels that the settings name: one per vendor with a credential in the environment, and those of the file. */
export function configuredChannels(config: Config): Channel[] {
  const channels: Channel[] = [];
  if (config.sandbox !== "on")
    for (const vendor of VENDORS.values()) {
      const setting = config.vendors[vendor.id];
      // A server of one's own is there when its address is; all others when there is a credential.
      const baseUrl = setting?.baseUrl ?? (vendor.defaultBaseUrl || undefined);
      if (!baseUrl || (!vendor.keyless && !setting?.credential)) continue;
      channels.push({
        ...defaults,
        id: channelId("environment", vendor.id),
        name: vendor.id,
        vendor: vendor.id,
        baseUrl,
        credentials: splitCredentials(setting?.credential ?? ""),
        simulated: false,
        servesLive: true,
        source: "environment",
      });
    }
  if (config.sandbox !== "on")
    for (const setting of config.channels)
      channels.push({
        ...defaults,
        id: channelId("file", setting.name),
        name: setting.name,
        vendor: setting.vendor,
        baseUrl: setting.baseUrl ?? VENDORS.get(setting.vendor)?.defaultBaseUrl ?? "",
        credentials: setting.credentials.length > 0 ? setting.credentials : NO_CREDENTIAL,
        models: setting.models,
        modelMapping: setting.modelMapping,
        groups: setting.groups,
        priority: setting.priority,
        weight: setting.weight,
        timeouts: { firstByteMs: setting.timeouts.firstByteMs ?? DEFAULT_TIMEOUTS.firstByteMs, idleMs: setting.timeouts.idleMs ?? DEFAULT_TIMEOUTS.idleMs },
        proxy: setting.proxy,
        enabled: setting.enabled,
        simulated: false,
        servesLive: true,
        source: "file",
      });
  return channels;
}

/**
 * The simulators as channels. Test keys always reach them; live keys in a sandbox that is `on`, or (`auto`) while the vendor has no other channel, which
 * ChannelBook decides anew with every change.
 */
export function sandboxChannels(config: Config, sandboxUrl: string): Channel[] {
  return [...VENDORS.values()].map((vendor) => ({
    ...defaults,
    id: channelId("sandbox", vendor.id),
    name: `sandbox-${vendor.id}`,
    vendor: vendor.id,
    baseUrl: `${sandboxUrl}/${vendor.id}`,
    credentials: [`sk-sandbox-${vendor.id}`],
    // Behind every real channel of the vendor.
    priority: -1_000,
    simulated: true,
    servesLive: config.sandbox === "on",
    source: "sandbox",
  }));
}

/** A channel of the database, its credentials opened. Throws when the master key is another one. */
export function storedChannel(row: ChannelRow, box: SecretBox): Channel {
  const timeouts = row.timeouts as Partial<typeof DEFAULT_TIMEOUTS>;
  return {
    id: channelId("database", row.name),
    name: row.name,
    vendor: row.vendor,
    baseUrl: row.base_url ?? VENDORS.get(row.vendor)?.defaultBaseUrl ?? "",
    credentials: row.sealed?.length || !VENDORS.get(row.vendor)?.keyless ? (row.sealed ?? []).map((sealed) => box.open(sealed)) : NO_CREDENTIAL,
    resting: (row.resting ?? []).map((sealed) => box.open(sealed)),
    models: row.models ?? undefined,
    modelMapping: row.model_mapping as Record<string, string>,
    groups: row.groups ?? undefined,
    priority: row.priority,
    weight: row.weight,
    timeouts: { ...DEFAULT_TIMEOUTS, ...timeouts },
    proxy: row.proxy ?? undefined,
    enabled: row.enabled,
    simulated: false,
    servesLive: true,
    source: "database",
  };
}
