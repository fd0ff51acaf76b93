import { defineCommand } from "citty";
import { keyHash, maskKey, newApiKey } from "../accounts/api-key.ts";
import { KEY_STATUS } from "../accounts/key-record.ts";
import { type Catalog, loadCatalog } from "../catalog/index.ts";
import { firstStart } from "../process/first-start.ts";
import { catalogOverrides } from "../store/queries/prices.ts";
import { userByName } from "../store/queries/accounts.ts";
import { createKey, listKeys, setKeyStatus } from "../store/queries/keys.ts";
import { changed, print, refuse, withDatabase } from "./open.ts";
import { addressList, days, dollars, names } from "./values.ts";

const json = { type: "boolean", description: "print JSON" } as const;
const user = { type: "string", default: "owner", description: "user name" } as const;

/** Model ids of the names given: a key keeps ids, under whatever name a model is asked for. */
const modelIds = (catalog: Catalog, text: string): string[] =>
  names(text).map((name) => catalog.find(name)?.id ?? refuse(`There is no model "${name}".`));

const create = defineCommand({
  meta: { name: "create", description: "make an API key; it is shown this once" },
  args: {
    json,
    user,
    name: { type: "string", default: "key", description: "name of the key" },
    group: { type: "string", default: "default", description: "price group" },
    quota: { type: "string", description: "dollars it may spend (default: as much as the wallet holds)" },
    days: { type: "string", description: "days until it expires (default: never)" },
    models: { type: "string", description: "models it may call, separated by commas" },
    ips: { type: "string", description: "addresses and ranges it may be used from" },
    sandbox: { type: "boolean", description: "an sk-test- key: simulators only, free" },
  },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      const catalog = loadCatalog({ models: config.models, groups: config.groups }, await catalogOverrides(db));
      if (!catalog.group(args.group)) refuse(`There is no group "${args.group}".`);
      const limits = {
        ...(args.quota === undefined ? {} : { quotaNano: dollars(args.quota, "--quota") }),
        ...(args.days === undefined ? {} : { expiresAt: new Date(Date.now() + days(args.days, "--days") * 86_400_000) }),
        ...(args.models === undefined ? {} : { models: modelIds(catalog, args.models) }),
        ...(args.ips === undefined ? {} : { addresses: addressList(args.ips, "--ips") }),
      };
      if (limits.quotaNano !== undefined && limits.quotaNano < 0n) refuse("--quota: must not be negative.");
      // On an empty database this is the first start: the owner's credentials are shown here, since no later start will.
      const first = await firstStart(db, config);
      const owner = await userByName(db, args.user);
      if (!owner) refuse(`There is no user "${args.user}".`);
      const key = newApiKey(args.sandbox ?? false);
      const id = await changed(db, async (tx, note) => {
        const made = await createKey(tx, { userId: owner.id, name: args.name, hash: keyHash(key), visible: maskKey(key), group: args.group, sandbox: args.sandbox ?? false, ...limits });
        note({ action: "key.add", subject: `key:${made}`, after: { user: Number(owner.id), group: args.group, quota_usd: args.quota, sandbox: args.sandbox ?? false } });
        return made;
      });
      const shown = first && {
        ...(first.presets.apiKey ? {} : { firstKey: first.apiKey }),
        sandboxKey: first.testKey,
        ...(first.presets.accessKey ? {} : { accessKey: first.accessKey }),
        ...(first.presets.adminPassword ? {} : { ownerPassword: first.adminPassword }),
      };
      print({ id: Number(id), key, name: args.name, group: args.group, ...shown }, args.json);
    }),
});

const list = defineCommand({
  meta: { name: "list", description: "list a user's API keys" },
  args: { json, user },
  run: ({ args }) =>
    withDatabase(async (db) => {
      const owner = await userByName(db, args.user);
      if (!owner) refuse(`There is no user "${args.user}".`);
      const rows = await listKeys(db, owner.id, { limit: 10_000 });
      print(rows.map((row) => ({ id: Number(row.id), key: row.visible, name: row.name, status: row.status, group: row.group_name, remainNano: row.unlimited ? "unlimited" : row.remain_nano, usedNano: row.used_nano ?? "0" })), args.json);
    }),
});

const revoke = defineCommand({
  meta: { name: "revoke", description: "disable an API key; every process refuses it within a second" },
  args: { json, id: { type: "positional", description: "id of the key", required: true } },
  run: ({ args }) =>
    withDatabase(async (db) => {
      await changed(db, async (tx, note) => {
        if (!/^\d{1,18}$/.test(args.id) || !(await setKeyStatus(tx, args.id, KEY_STATUS.disabled))) refuse(`There is no key ${args.id}.`);
        note({ action: "key.disable", subject: `key:${args.id}` });
      });
      print({ id: Number(args.id), status: KEY_STATUS.disabled }, args.json);
    }),
});

export const keyCommand = defineCommand({ meta: { name: "key", description: "API keys" }, subCommands: { create, list, revoke } });
