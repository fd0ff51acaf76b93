import { defineCommand } from "citty";
import { CatalogError, loadCatalog } from "../catalog/index.ts";
import { catalogOverride, catalogOverrides, lockCatalog, type OverrideKind, setCatalogOverride } from "../store/queries/prices.ts";
import { changed, print, refuse, withDatabase } from "./open.ts";

const json = { type: "boolean", description: "print JSON" } as const;
const kind = { type: "positional", description: "model or group", required: true } as const;
const name = { type: "positional", description: "its name", required: true } as const;

const kindOf = (text: string): OverrideKind => (text === "model" || text === "group" ? text : refuse(`kind: "${text}" is neither model nor group.`));

function entryOf(text: string): object {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    return refuse("entry: is not valid JSON.");
  }
  return typeof entry === "object" && entry !== null && !Array.isArray(entry) ? entry : refuse("entry: is no JSON object.");
}

/** Sets an entry, or takes it away; what makes no catalog changes nothing. */
const change = (kindText: string, named: string, entryText: string | undefined, asJson: boolean | undefined): Promise<void> =>
  withDatabase(async (db, config) => {
    const of = kindOf(kindText);
    const entry = entryText === undefined ? undefined : entryOf(entryText);
    const priceVersion = await changed(db, async (tx, note) => {
      await lockCatalog(tx);
      const before = await catalogOverride(tx, of, named);
      await setCatalogOverride(tx, of, named, entry);
      note({ action: `${of}.${entry === undefined ? "reset" : "set"}`, subject: `${of}:${named}`, before, after: entry });
      try {
        return loadCatalog({ models: config.models, groups: config.groups }, await catalogOverrides(tx)).priceVersion;
      } catch (error) {
        if (!(error instanceof CatalogError)) throw error;
        return refuse(error.faults.join("\n"));
      }
    });
    print({ [of]: named, price_version: priceVersion }, asJson);
  });

const set = defineCommand({
  meta: { name: "set", description: "lay an entry over a model or group, as the settings file would; running gateways follow" },
  args: { json, kind, name, entry: { type: "positional", description: 'JSON, such as \'{"ratio":"1.2"}\'', required: true } },
  run: ({ args }) => change(args.kind, args.name, args.entry, args.json),
});

const remove = defineCommand({
  meta: { name: "remove", description: "take an entry away again" },
  args: { json, kind, name },
  run: ({ args }) => change(args.kind, args.name, undefined, args.json),
});

const list = defineCommand({
  meta: { name: "list", description: "all entries that were set" },
  args: { json },
  run: ({ args }) =>
    withDatabase(async (db) => {
      const { models, groups } = await catalogOverrides(db);
      const row = (of: string) => (entry: object) => ({ kind: of, entry: JSON.stringify(entry) });
      print([...groups.map(row("group")), ...models.map(row("model"))], args.json);
    }),
});

export const catalogCommand = defineCommand({ meta: { name: "catalog", description: "models, prices and groups laid over the shipped ones" }, subCommands: { set, remove, list } });
