import type { CHANNEL_ROUTES } from "@yescale/contract";
import type { Channel } from "../../channels/channel.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { isDuplicate } from "../../store/database.ts";
import * as stored from "../../store/queries/channels.ts";
import { channelBalances, channelModels, testChannel } from "../../upkeep/channel-care.ts";
import { channelFault, type ChannelWish } from "../../upkeep/channel-wish.ts";
import type { Db } from "../../store/database.ts";
import type { Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";

/** Characters of a credential that are shown. */
const ENDS = 4;
const DONE = { done: true } as const;

interface Credential {
  id: number | null;
  ends: string;
  enabled: boolean;
}

/** Channels, for operators. */
export function channelHandlers({ db, box, channels, catalog, egress }: ApiServices): Handlers<typeof CHANNEL_ROUTES> {
  const named = (name: string): Channel => {
    const found = channels.list().find((channel) => channel.id === name);
    if (!found) throw new GatewayError("notFound", { publicText: "There is no such channel." });
    return found;
  };
  const missing = (): GatewayError => new GatewayError("notFound", { publicText: "The database has no such channel." });
  const row = async (tx: Db, id: string): Promise<stored.ChannelRow> => {
    const found = await stored.oneChannel(tx, Number(id));
    if (!found) throw missing();
    return found;
  };
  const credentialView = ({ id, sealed, enabled }: { id: string; sealed: string; enabled: boolean }): Credential => ({ id: Number(id), ends: endsOf(box.open(sealed)), enabled });
  const view = (found: stored.ChannelRow, credentials: readonly Credential[]) => {
    const channel = `database:${found.name}`;
    return {
      ...settingsOf(found),
      id: Number(found.id),
      channel,
      source: "database" as const,
      base_url: withoutPassword(found.base_url ?? channels.list().find((each) => each.id === channel)?.baseUrl ?? "") ?? "",
      proxy: withoutPassword(found.proxy),
      simulated: false,
      serves_live: found.enabled,
      credentials: [...credentials],
      circuits: circuits(channel),
    };
  };
  const circuits = (channel: string) => channels.health.circuitsOf(channel).map(({ key, model, reason, retryInMs }) => ({ key, model, reason, retry_in_ms: retryInMs }));
  const shown = async (id: string) => view(await row(db, id), (await stored.credentialsOf(db, id)).map(credentialView));
  const fixedView = (channel: Channel) => ({
    id: null,
    channel: channel.id,
    name: channel.name,
    vendor: channel.vendor,
    source: channel.source,
    base_url: withoutPassword(channel.baseUrl) ?? "",
    models: channel.models === undefined ? null : [...channel.models],
    model_mapping: { ...channel.modelMapping },
    groups: channel.groups === undefined ? null : [...channel.groups],
    priority: channel.priority,
    weight: channel.weight,
    timeouts: { ...channel.timeouts },
    proxy: withoutPassword(channel.proxy ?? null),
    enabled: channel.enabled,
    simulated: channel.simulated,
    serves_live: channel.servesLive && channel.enabled,
    credentials: channel.credentials.map((secret) => ({ id: null, ends: endsOf(secret), enabled: true })),
    circuits: circuits(channel.id),
  });
  const refuseFault = (wish: ChannelWish): void => {
    const fault = channelFault(wish, catalog());
    if (fault) throw new GatewayError("invalidRequest", { publicText: fault.text, param: fault.param });
  };
  const taken = (error: unknown): never => {
    if (isDuplicate(error)) throw new GatewayError("conflict", { publicText: "There is a channel of that name.", param: "name" });
    throw error;
  };

  return {
    async list() {
      const credentials = Map.groupBy(await stored.allCredentials(db), (credential) => credential.channel_id);
      const rows = await stored.allChannels(db);
      return { data: [...rows.map((found) => view(found, (credentials.get(found.id) ?? []).map(credentialView))), ...channels.list().filter((channel) => channel.source !== "database").map(fixedView)] };
    },

    async make({ body, change }) {
      const { name, vendor, credentials = [], base_url, models, model_mapping = {}, groups, priority = 0, weight = 1, timeouts = {}, proxy, enabled = true } = body;
      refuseFault({ vendor, hasAddress: typeof base_url === "string", credentials: credentials.length, models: models ?? [], mapped: model_mapping, groups: groups ?? [] });
      const id = await change(async (tx, note) => {
        const made = await stored
          .addChannel(tx, {
            name, vendor, priority, weight, enabled, modelMapping: model_mapping, timeouts: timeouts as Record<string, number>, sealed: credentials.map((secret) => box.seal(secret)),
            ...(typeof base_url === "string" ? { baseUrl: base_url } : {}), ...(models ? { models } : {}), ...(groups ? { groups } : {}), ...(typeof proxy === "string" ? { proxy } : {}),
          })
          .catch(taken);
        note({ action: "channel.add", subject: `channel:${made}`, after: { ...logged(body), credentials: credentials.length } });
        return made;
      });
      return shown(id);
    },

    async test({ query }) {
      return { data: await testChannel(named(query.channel), egress) };
    },

    async models({ query }) {
      const { models, note } = await channelModels(named(query.channel), catalog(), egress);
      return { data: models, note };
    },

    async balance({ query }) {
      const balances = await channelBalances(named(query.channel), egress);
      return { told: balances !== undefined, data: balances ?? [] };
    },

    async bulk({ body: { ids, action }, change }) {
      const names = [...new Set(ids)].map(String);
      const count = await change(async (tx, note) => {
        const changed = action === "delete" ? await stored.removeChannels(tx, names) : await stored.enableChannels(tx, names, action === "enable");
        if (changed !== names.length) throw missing();
        for (const id of names) note({ action: `channel.${action}`, subject: `channel:${id}` });
        return changed;
      });
      return { done: count };
    },

    read: ({ params }) => shown(params.id),

    async change({ params, body, change }) {
      await change(async (tx, note) => {
        const before = await row(tx, params.id);
        const after = { ...before, ...Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) };
        refuseFault({
          vendor: after.vendor, hasAddress: after.base_url !== null, credentials: (await stored.credentialsOf(tx, params.id)).length, models: after.models ?? [], mapped: after.model_mapping as Record<string, string>, groups: after.groups ?? [],
        });
        await stored.changeChannel(tx, params.id, { ...body, timeouts: body.timeouts as Record<string, number> | undefined }).catch(taken);
        const old = settingsOf(before) as Record<string, unknown>;
        note({ action: "channel.change", subject: `channel:${params.id}`, before: logged(Object.fromEntries(Object.keys(body).map((name) => [name, old[name]]))), after: logged(body) });
      });
      return shown(params.id);
    },

    remove: ({ params, change }) =>
      change(async (tx, note) => {
        const before = await row(tx, params.id);
        await stored.removeChannels(tx, [params.id]);
        note({ action: "channel.delete", subject: `channel:${params.id}`, before: logged(settingsOf(before)) });
        return DONE;
      }),

    async addCredential({ params, body, change }) {
      await change(async (tx, note) => {
        await row(tx, params.id);
        const { id } = await stored.addCredential(tx, params.id, box.seal(body.credential));
        note({ action: "channel.credential.add", subject: `channel:${params.id}`, after: { credential: Number(id) } });
      });
      return shown(params.id);
    },

    async changeCredential({ params, body, change }) {
      await change(async (tx, note) => {
        if (!(await stored.enableCredential(tx, params.id, params.credential_id, body.enabled))) throw missing();
        note({ action: "channel.credential.change", subject: `channel:${params.id}`, after: { credential: Number(params.credential_id), enabled: body.enabled } });
      });
      return shown(params.id);
    },

    async removeCredential({ params, change }) {
      await change(async (tx, note) => {
        if (!(await stored.removeCredential(tx, params.id, params.credential_id))) throw missing();
        note({ action: "channel.credential.delete", subject: `channel:${params.id}`, before: { credential: Number(params.credential_id) } });
      });
      return shown(params.id);
    },
  };
}

/** What can be set of a channel, as it is. */
const settingsOf = (row: stored.ChannelRow) => ({
  name: row.name,
  vendor: row.vendor,
  base_url: row.base_url,
  models: row.models,
  model_mapping: row.model_mapping as Record<string, string>,
  groups: row.groups,
  priority: row.priority,
  weight: row.weight,
  timeouts: row.timeouts as { firstByteMs?: number; idleMs?: number },
  proxy: row.proxy,
  enabled: row.enabled,
});

/** The same for the audit log: no secret stands in it. */
const logged = (settings: Record<string, unknown>): Record<string, unknown> => ({
  ...settings,
  ...(typeof settings["proxy"] === "string" ? { proxy: withoutPassword(settings["proxy"]) } : {}),
  ...(typeof settings["base_url"] === "string" ? { base_url: withoutPassword(settings["base_url"]) } : {}),
  ...("credentials" in settings ? { credentials: undefined } : {}),
});

/** The last characters of a secret, of which the rest cannot be guessed; of a document nothing. */
const endsOf = (secret: string): string => (secret.length < ENDS * 4 || secret.trimStart().startsWith("{") ? "" : secret.slice(-ENDS));

function withoutPassword(address: string | null): string | null {
  if (address === null || !URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.password === "" && url.username === "") return address;
  url.password = "";
  url.username = "";
  return url.href;
}
