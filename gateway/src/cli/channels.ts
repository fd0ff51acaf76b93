import { defineCommand } from "citty";
import { systemClock } from "../clock/clock.ts";
import { Deadlines } from "../egress/deadlines.ts";
import { ConnectionPool } from "../egress/http1/pool.ts";
import type { Egress } from "../egress/upstream.ts";
import { testChannel } from "../upkeep/channel-care.ts";
import { loadCatalog } from "../catalog/index.ts";
import type { Channel } from "../channels/channel.ts";
import { configuredChannels, splitCredentials, storedChannel } from "../channels/sources.ts";
import type { SecretBox } from "../channels/secrets.ts";
import { type Config, environmentVariable } from "../config.ts";
import { openSecretBox } from "../process/master-key.ts";
import type { Db } from "../store/database.ts";
import { catalogOverrides } from "../store/queries/prices.ts";
import { addChannel, allChannels, enableChannel } from "../store/queries/channels.ts";
import { VENDORS } from "../vendors/registry.ts";
import { changed, print, refuse, withDatabase } from "./open.ts";
import { names, share, webAddress, wholeNumber } from "./values.ts";

const json = { type: "boolean", description: "print JSON" } as const;

async function channels(db: Db, config: Config, box: SecretBox): Promise<Channel[]> {
  return [...configuredChannels(config), ...(await allChannels(db)).map((row) => storedChannel(row, box))];
}

/** The way out of a command: ends with it. */
async function withEgress<T>(work: (egress: Egress) => Promise<T>): Promise<T> {
  const pool = new ConnectionPool(systemClock);
  try {
    return await work({ pool, deadlines: new Deadlines(systemClock), clock: systemClock });
  } finally {
    pool.close();
  }
}

const test = defineCommand({
  meta: { name: "test", description: "ask the vendor of each channel (or of one) whether its credentials are good" },
  args: { json, name: { type: "positional", description: "channel", required: false } },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      const all = (await channels(db, config, await openSecretBox(db, config))).filter((channel) => args.name === undefined || channel.name === args.name);
      if (all.length === 0) refuse(args.name ? `There is no channel "${args.name}".` : "No channel is configured: the sandbox plays every vendor.");
      const rows = await withEgress((egress) => Promise.all(all.map(async (channel) => (await testChannel(channel, egress)).map((tested) => ({ channel: channel.name, ...tested }))))).then((tested) => tested.flat());
      print(rows, args.json);
      if (rows.some((row) => !row.ok)) process.exitCode = 1;
    }),
});

const list = defineCommand({
  meta: { name: "list", description: "list channels" },
  args: { json },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      const all = await channels(db, config, await openSecretBox(db, config));
      print(all.map(({ name, vendor, baseUrl, credentials, priority, weight, enabled, source }) => ({ name, vendor, baseUrl, keys: credentials.length, priority, weight, enabled, source })), args.json);
    }),
});

const add = defineCommand({
  meta: { name: "add", description: "add a channel to the database; credentials are read from an environment variable and sealed" },
  args: {
    json,
    name: { type: "positional", description: "name", required: true },
    vendor: { type: "string", description: "vendor", required: true },
    "key-env": { type: "string", description: "environment variable with the credentials, separated by commas (none for servers that ask for none)" },
    "base-url": { type: "string", description: "address" },
    models: { type: "string", description: "models, separated by commas, * at the end of a name as a wildcard (default: all of the vendor)" },
    map: { type: "string", description: "public=vendor's name of a model, separated by commas" },
    groups: { type: "string", description: "groups it serves, separated by commas (default: all)" },
    priority: { type: "string", default: "0", description: "higher first" },
    weight: { type: "string", default: "1", description: "share within a priority" },
    "first-byte-ms": { type: "string", description: "wait for the first byte at most (default: 300000)" },
    "idle-ms": { type: "string", description: "wait between bytes of a stream at most (default: 120000)" },
    proxy: { type: "string", description: "outbound HTTP proxy" },
  },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      const vendor = VENDORS.get(args.vendor);
      if (!vendor) return refuse(`Unknown vendor "${args.vendor}" (known: ${[...VENDORS.keys()].join(", ")}).`);
      const catalog = loadCatalog({ models: config.models, groups: config.groups }, await catalogOverrides(db));
      const groups = args.groups === undefined ? undefined : names(args.groups);
      for (const group of groups ?? []) if (!catalog.group(group)) refuse(`There is no group "${group}".`);
      const timeouts = {
        ...(args["first-byte-ms"] === undefined ? {} : { firstByteMs: wholeNumber(args["first-byte-ms"], "--first-byte-ms", 1) }),
        ...(args["idle-ms"] === undefined ? {} : { idleMs: wholeNumber(args["idle-ms"], "--idle-ms", 1) }),
      };
      const channel = {
        name: args.name,
        vendor: args.vendor,
        priority: wholeNumber(args.priority, "--priority"),
        weight: share(args.weight, "--weight"),
        timeouts,
        modelMapping: mapping(args.map ?? ""),
        ...(args["base-url"] === undefined ? {} : { baseUrl: webAddress(args["base-url"], "--base-url") }),
        ...(args.models === undefined ? {} : { models: names(args.models) }),
        ...(groups === undefined ? {} : { groups }),
        ...(args.proxy === undefined ? {} : { proxy: webAddress(args.proxy, "--proxy") }),
      };
      if (vendor.defaultBaseUrl === "" && args["base-url"] === undefined) refuse(`--base-url is needed: ${vendor.displayName} has no address that all share.`);
      if (args["key-env"] === undefined && !vendor.keyless) refuse("--key-env is needed: the name of the environment variable with the credentials.");
      const secrets = args["key-env"] === undefined ? [] : splitCredentials(environmentVariable(args["key-env"]) ?? "").filter((secret) => secret !== "");
      if (args["key-env"] !== undefined && secrets.length === 0) refuse(`The environment has no ${args["key-env"]}.`);
      const box = await openSecretBox(db, config);
      if ((await channels(db, config, box)).some((other) => other.name === args.name)) refuse(`There is a channel "${args.name}" already.`);
      const id = await changed(db, async (tx, note) => {
        const made = await addChannel(tx, { ...channel, sealed: secrets.map((secret) => box.seal(secret)) });
        // An address of a proxy may have a password in it.
        note({ action: "channel.add", subject: `channel:${made}`, after: { name: args.name, vendor: args.vendor, priority: channel.priority, weight: channel.weight, credentials: secrets.length } });
        return made;
      });
      print({ id: Number(id), name: args.name }, args.json);
    }),
});

/** `public=vendor's` pairs. */
function mapping(text: string): Record<string, string> {
  return Object.fromEntries(
    names(text).map((pair) => {
      const [from, to, more] = pair.split("=");
      return from && to && more === undefined ? [from, to] : refuse(`--map: "${pair}" is not public=vendor's name.`);
    }),
  );
}

const switchTo = (enabled: boolean) =>
  defineCommand({
    meta: { name: enabled ? "enable" : "disable", description: `${enabled ? "enable" : "disable"} a channel of the database` },
    args: { name: { type: "positional", description: "channel", required: true } },
    run: ({ args }) =>
      withDatabase(async (db) => {
        await changed(db, async (tx, note) => {
          if (!(await enableChannel(tx, args.name, enabled))) refuse(`The database has no channel "${args.name}".`);
          note({ action: `channel.${enabled ? "enable" : "disable"}`, subject: `channel:${args.name}` });
        });
      }),
  });

export const channelCommand = defineCommand({
  meta: { name: "channel", description: "upstream accounts" },
  subCommands: { add, list, test, enable: switchTo(true), disable: switchTo(false) },
});
