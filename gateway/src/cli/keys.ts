import { defineCommand } from "citty";
import { AddressList, splitAddressList } from "../accounts/address-list.ts";
import { keyHash, maskKey, newApiKey } from "../accounts/api-key.ts";
import { KEY_STATUS } from "../accounts/key-record.ts";
import { usdToNano } from "../catalog/money.ts";
import { loadCatalog } from "../catalog/index.ts";
import { createKey, listKeys, setKeyStatus, userByName } from "../store/queries/accounts.ts";
import { print, refuse, withDatabase } from "./open.ts";

const json = { type: "boolean", description: "print JSON" } as const;
const user = { type: "string", default: "owner", description: "user name" } as const;

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
      const owner = await userByName(db, args.user);
      if (!owner) refuse(`There is no user "${args.user}". Start the gateway once first.`);
      if (!loadCatalog({ models: config.models, groups: config.groups }).group(args.group)) refuse(`There is no group "${args.group}".`);
      const addresses = args.ips === undefined ? undefined : splitAddressList(args.ips);
      if (addresses) new AddressList(addresses);
      const key = newApiKey(args.sandbox ?? false);
      const id = await createKey(db, {
        userId: owner.id,
        name: args.name,
        hash: keyHash(key),
        visible: maskKey(key),
        group: args.group,
        sandbox: args.sandbox ?? false,
        ...(args.quota === undefined ? {} : { quotaNano: usdToNano(args.quota) }),
        ...(args.days === undefined ? {} : { expiresAt: new Date(Date.now() + Number(args.days) * 86_400_000) }),
        ...(args.models === undefined ? {} : { models: args.models.split(",").map((model) => model.trim()) }),
        ...(addresses ? { addresses } : {}),
      });
      print({ id: Number(id), key, name: args.name, group: args.group }, args.json);
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
      if (!/^\d+$/.test(args.id) || !(await setKeyStatus(db, args.id, KEY_STATUS.disabled))) refuse(`There is no key ${args.id}.`);
      print({ id: Number(args.id), status: KEY_STATUS.disabled }, args.json);
    }),
});

export const keyCommand = defineCommand({ meta: { name: "key", description: "API keys" }, subCommands: { create, list, revoke } });
