import { defineCommand } from "citty";
import type { Channel } from "../channels/channel.ts";
import { configuredChannels, storedChannel } from "../channels/sources.ts";
import type { SecretBox } from "../channels/secrets.ts";
import { type Config, environmentVariable } from "../config.ts";
import { redact } from "../errors/redact.ts";
import { openSecretBox } from "../process/master-key.ts";
import type { Db } from "../store/database.ts";
import { addChannel, allChannels, enableChannel } from "../store/queries/channels.ts";
import { VENDORS } from "../vendors/registry.ts";
import { print, refuse, withDatabase } from "./open.ts";

/** A vendor that does not answer its model list by then is not well. */
const TEST_LIMIT_MS = 15_000;
const json = { type: "boolean", description: "print JSON" } as const;

async function channels(db: Db, config: Config, box: SecretBox): Promise<Channel[]> {
  return [...configuredChannels(config), ...(await allChannels(db)).map((row) => storedChannel(row, box))];
}

/** Asks the vendor's model list with each credential: free of charge, and it needs the key. */
async function probe(channel: Channel, key: number): Promise<{ ok: boolean; status: number; note: string; ms: number }> {
  const vendor = VENDORS.get(channel.vendor);
  const headers: Record<string, string> = {};
  const credential = channel.credentials[key] ?? "";
  vendor?.authorize(headers, credential);
  const startedAt = performance.now();
  try {
    const url = vendor?.address(channel.baseUrl, { name: "test", upstreamPath: vendor.testPath, billable: false }, "", "") ?? "";
    const response = await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(TEST_LIMIT_MS) });
    const text = response.ok ? "" : redact((await response.text()).slice(0, 300), [credential]);
    return { ok: response.ok, status: response.status, note: text, ms: Math.round(performance.now() - startedAt) };
  } catch (error) {
    return { ok: false, status: 0, note: redact(String(error), [credential]), ms: Math.round(performance.now() - startedAt) };
  }
}

const test = defineCommand({
  meta: { name: "test", description: "ask the vendor of each channel (or of one) whether its credentials are good" },
  args: { json, name: { type: "positional", description: "channel", required: false } },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      const all = (await channels(db, config, openSecretBox(config.dataDir, config.masterKey))).filter((channel) => args.name === undefined || channel.name === args.name);
      if (all.length === 0) refuse(args.name ? `There is no channel "${args.name}".` : "No channel is configured: the sandbox plays every vendor.");
      const rows = await Promise.all(all.flatMap((channel) => channel.credentials.map(async (_, key) => ({ channel: channel.name, key, ...(await probe(channel, key)) }))));
      print(rows, args.json);
      if (rows.some((row) => !row.ok)) process.exitCode = 1;
    }),
});

const list = defineCommand({
  meta: { name: "list", description: "list channels" },
  args: { json },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      const all = await channels(db, config, openSecretBox(config.dataDir, config.masterKey));
      print(all.map(({ name, vendor, baseUrl, credentials, priority, weight, enabled, source }) => ({ name, vendor, baseUrl, keys: credentials.length, priority, weight, enabled, source })), args.json);
    }),
});

const add = defineCommand({
  meta: { name: "add", description: "add a channel to the database; credentials are read from an environment variable and sealed" },
  args: {
    json,
    name: { type: "positional", description: "name", required: true },
    vendor: { type: "string", description: "vendor", required: true },
    "key-env": { type: "string", description: "environment variable with the credentials, separated by commas", required: true },
    "base-url": { type: "string", description: "address" },
    models: { type: "string", description: "models, separated by commas (default: all of the vendor)" },
    priority: { type: "string", default: "0", description: "higher first" },
    weight: { type: "string", default: "1", description: "share within a priority" },
  },
  run: ({ args }) =>
    withDatabase(async (db, config) => {
      if (!VENDORS.has(args.vendor)) refuse(`Unknown vendor "${args.vendor}" (known: ${[...VENDORS.keys()].join(", ")}).`);
      const secrets = (environmentVariable(args["key-env"]) ?? "").split(",").filter((secret) => secret !== "");
      if (secrets.length === 0) refuse(`The environment has no ${args["key-env"]}.`);
      const box = openSecretBox(config.dataDir, config.masterKey);
      const id = await addChannel(db, {
        name: args.name,
        vendor: args.vendor,
        priority: Number(args.priority),
        weight: Number(args.weight),
        sealed: secrets.map((secret) => box.seal(secret)),
        ...(args["base-url"] === undefined ? {} : { baseUrl: args["base-url"] }),
        ...(args.models === undefined ? {} : { models: args.models.split(",") }),
      });
      print({ id: Number(id), name: args.name }, args.json);
    }),
});

const switchTo = (enabled: boolean) =>
  defineCommand({
    meta: { name: enabled ? "enable" : "disable", description: `${enabled ? "enable" : "disable"} a channel of the database` },
    args: { name: { type: "positional", description: "channel", required: true } },
    run: ({ args }) =>
      withDatabase(async (db) => {
        if (!(await enableChannel(db, args.name, enabled))) refuse(`The database has no channel "${args.name}".`);
      }),
  });

export const channelCommand = defineCommand({
  meta: { name: "channel", description: "upstream accounts" },
  subCommands: { add, list, test, enable: switchTo(true), disable: switchTo(false) },
});
