import { createHash } from "node:crypto";
import type { CompiledPrices, PriceLevel } from "./compile-prices.ts";
import type { PricedGroup } from "./group.ts";
import type { Model } from "./model.ts";
import { PRICE_CLASSES, type PriceTable } from "./price-table.ts";

/** Hex digits of the hash in a version: 48 bits, no two price lists of one day ever meet. */
const HASH_DIGITS = 12;

/** What a price version stands for: enough to explain an old charge. */
export interface PriceData {
  /** the date the shipped list prices are of */
  pricesAsOf: string;
  /** price tables as written, by model id */
  models: Record<string, PriceTable>;
  /** ratios as written, by group */
  groups: Record<string, string>;
  /** prices of groups' own, by group and model */
  groupPrices?: Record<string, Record<string, PriceTable>>;
}

/** The prices and ratios of a catalog, in a fixed order. */
export function priceDataOf(
  models: readonly Model[],
  groups: readonly PricedGroup[],
  pricesAsOf: string,
): PriceData {
  const tables = models.flatMap((model) => (model.prices ? [[model.id, model.prices] as const] : []));
  return {
    pricesAsOf,
    models: Object.fromEntries(tables.toSorted(byName)),
    groups: Object.fromEntries(groups.map((group) => [group.name, group.ratio] as const).toSorted(byName)),
    ...(groups.some((group) => group.own.size > 0) ? { groupPrices: Object.fromEntries(groups.flatMap((group) => (group.prices ? [[group.name, group.prices] as const] : []))) } : {}),
  };
}

/**
 * Names prices and ratios, for example `2026-11-24-1a2b3c4d5e6f`. With the same date it changes when and only when what somebody pays changes:
 * "3" and "3.0", a price written out that its fall-back gives anyway, the order of members, names and retirements make no difference.
 */
export function priceVersionOf(
  models: readonly Model[],
  groups: readonly PricedGroup[],
  pricesAsOf: string,
): string {
  const canonical = {
    models: models
      .flatMap((model) => (model.compiled ? [[model.id, [...canonicalTable(model.compiled), ...canonicalParameters(model)]] as const] : []))
      .toSorted(byName),
    groups: groups.map((group) => [group.name, group.ratioMicro.toString(), ...canonicalOwn(group)] as const).toSorted(byName),
  };
  return `${pricesAsOf}-${createHash("sha256").update(JSON.stringify(canonical)).digest("hex").slice(0, HASH_DIGITS)}`;
}

function canonicalTable(prices: CompiledPrices): unknown[] {
  const levels = [prices.base, ...prices.tiers].map((level) => [level.abovePromptTokens ?? 0, canonicalLevel(level)]);
  return [...levels, ...prices.variants.map((level) => [level.when, canonicalLevel(level)])];
}

/** What a parameter may be decides who is refused, its default what the others pay. */
const canonicalParameters = ({ parameters }: Model): unknown[] => (parameters ? [Object.entries(parameters).toSorted(byName)] : []);

function canonicalLevel(level: PriceLevel): unknown {
  const prices = PRICE_CLASSES.map((name) => level.unit[name]?.toString() ?? "");
  return Object.keys(level.counts).length > 0 ? [...prices, level.counts, level.worstCounts ?? {}] : prices;
}

const canonicalOwn = ({ own }: PricedGroup): unknown[] => (own.size > 0 ? [[...own].flatMap(([id, { compiled }]) => (compiled ? [[id, canonicalTable(compiled)] as const] : [])).toSorted(byName)] : []);

function byName(a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number {
  if (a[0] === b[0]) return 0;
  return a[0] < b[0] ? -1 : 1;
}
