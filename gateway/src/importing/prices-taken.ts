import type { Catalog } from "../catalog/index.ts";
import type { Model } from "../catalog/model.ts";
import { compilePrices } from "../catalog/compile-prices.ts";
import { parseDecimal } from "../catalog/money.ts";
import type { PlannedChannel } from "./plan-channels.ts";
import { type OldPrices, type OldRatios, pricesOf, ratioText } from "./ratios.ts";

/** Longest fraction of a written price. */
const DIGITS = 12;
/** Where the options name no group at all. */
const DEFAULT_GROUP = "default";
/** What a model of the operator's is taken to be able to do: the callers find out about the rest. */
const ABILITIES = ["text", "tools", "vision"];

/** Entries of the catalog by name, as `setCatalogOverride` takes them. */
export type Entries = Map<string, object>;

/**
 * Entries for the models that imported channels serve: own prices where the ratios make other ones than the catalog has, and models that it does not know. Prices that agree are left to the catalog, which knows tiers and
 * dates as well. Media models whose price hangs on parameters are left alone: a flat ratio would be another price. Pure.
 */
export function modelEntries(channels: readonly PlannedChannel[], ratios: OldRatios, catalog: Catalog, notes: string[]): Entries {
  const entries: Entries = new Map();
  const vendorOf = new Map<string, string>();
  for (const channel of channels) for (const name of channel.models ?? []) if (!vendorOf.has(name)) vendorOf.set(name, channel.vendor);
  for (const [name, vendor] of vendorOf) {
    const known = catalog.find(name);
    const prices = pricesOf(name, ratios);
    if (known?.kind !== undefined) continue;
    if (!prices) {
      if (!known?.prices) notes.push(`model ${name}: it has no price, so it is refused until you give it one`);
      continue;
    }
    if (known && samePrices(prices, known)) continue;
    const faults: string[] = [];
    compilePrices(prices, `model ${name}`, faults);
    if (faults.length > 0) notes.push(...faults.map((fault) => `${fault}: not taken over`));
    else entries.set(known?.id ?? name, known ? { prices } : { vendor, prices, abilities: ABILITIES });
  }
  return entries;
}

/** Whether the catalog's base prices say the same in every class that the ratios name. */
function samePrices(prices: OldPrices, known: Model): boolean {
  const written = known.prices as Record<string, unknown> | undefined;
  return Object.entries(prices).every(([name, price]) => {
    const ours = written?.[name];
    return typeof ours === "string" ? parseDecimal(ours, DIGITS) === parseDecimal(price, DIGITS) : name.startsWith("cache") || name.endsWith("Image") || name.endsWith("Audio");
  });
}

/** Entries for groups that there are not yet, and for ratios that differ. `members`: our ids of the users of a group, who alone may choose one that is not for everybody. Pure. */
export function groupEntries(ratios: OldRatios, catalog: Catalog, members: ReadonlyMap<string, readonly number[]>): Entries {
  const entries: Entries = new Map();
  for (const [name, ratio] of Object.entries(ratios.group)) {
    const known = catalog.group(name);
    const open = name === DEFAULT_GROUP || Object.keys(ratios.usable).length === 0 || ratios.usable[name] !== undefined;
    if (known && open && parseDecimal(known.ratio, DIGITS) === parseDecimal(ratioText(ratio), DIGITS)) continue;
    entries.set(name, { ratio: ratioText(ratio), ...(known ? {} : { channels: "*" }), ...(ratios.usable[name] ? { description: ratios.usable[name] } : {}), ...(open ? {} : { users: [...(members.get(name) ?? [])] }) });
  }
  return entries;
}
