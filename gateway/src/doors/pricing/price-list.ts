import type { Catalog, CompiledPrices, Model, PricedGroup } from "../../catalog/index.ts";
import type { UsageSum } from "../../store/queries/usage.ts";
import { percentiles } from "../../usage/latency.ts";
import { usualPrice } from "./usual-price.ts";

/** The family's unit of prices: 1 is $2 for a million tokens, in pico-dollars a token. */
const RATIO_UNIT_PICO = 2_000_000;
const PICO_PER_USD = 1e12;
/** Fewer requests than this are chance and no measure of a model, and would tell of single callers. */
const MEASURED_MIN = 20;

/** What a price list is made of; `offers`: whether a group's callers are served a model. */
export interface ListSources {
  catalog: Catalog;
  offers: (model: Model, group: PricedGroup) => boolean;
  /** usage of the last days by model */
  measured: readonly UsageSum[];
}

/** The public price list in the family's form with members of our own beside. Pure. Groups that are not for everybody do not stand in it, nor do models that nobody is served. */
export function priceList({ catalog, offers, measured }: ListSources) {
  const groups = catalog.groups().filter((group) => group.only === undefined && group.disabled !== true);
  const sums = new Map(measured.map((sum) => [sum.of["model"], sum]));
  const data = catalog.models().flatMap((model) => {
    if (!model.compiled) return [];
    const serving = groups.filter((group) => offers(model, group));
    return serving.length === 0 ? [] : [rowOf(model, model.compiled, serving, sums.get(model.id))];
  });
  return {
    success: true,
    message: "",
    data,
    group_ratio: Object.fromEntries(groups.map((group) => [group.name, Number(group.ratio)])),
    usable_group: Object.fromEntries(groups.map((group) => [group.name, group.description ?? ""])),
    auto_groups: [...(catalog.group("auto")?.fallback ?? [])].filter((name) => groups.some((group) => group.name === name)),
    price_version: catalog.priceVersion,
  };
}

function rowOf(model: Model, compiled: CompiledPrices, serving: readonly PricedGroup[], sum: UsageSum | undefined) {
  const { input, output, cacheRead, request } = compiled.base.unit;
  const byToken = input !== undefined && input > 0n && request === undefined;
  const known = sum !== undefined && sum.requests >= MEASURED_MIN ? sum : undefined;
  return {
    model_name: model.id,
    vendor: model.vendor,
    display_name: model.displayName,
    quota_type: byToken ? 0 : 1,
    model_ratio: byToken ? Number(input) / RATIO_UNIT_PICO : 0,
    completion_ratio: byToken ? Number(output ?? 0n) / Number(input) : 0,
    cache_ratio: byToken ? Number(cacheRead ?? input) / Number(input) : 0,
    model_price: byToken ? 0 : request === undefined ? (usualPrice(model) ?? 0) : Number(request) / PICO_PER_USD,
    prices: model.prices as Record<string, unknown>,
    group_prices: Object.fromEntries(serving.flatMap((group) => (group.own.has(model.id) ? [[group.name, group.own.get(model.id)?.prices]] : []))),
    enable_groups: serving.map((group) => group.name),
    supported_endpoint_types: endpointTypes(model),
    context_tokens: model.contextTokens,
    max_output_tokens: model.maxOutputTokens,
    abilities: model.abilities,
    deprecated: model.retiredAt !== undefined || model.replacedBy !== undefined,
    retires_at: model.retiredAt ?? null,
    replaced_by: model.replacedBy ?? null,
    uptime: known ? Math.round((1 - known.errors / known.requests) * 10_000) / 10_000 : null,
    duration_ms: known ? percentiles(known.durations) : null,
    first_byte_ms: known ? percentiles(known.firstBytes) : null,
  };
}

/** The family's words for where a model is called. */
function endpointTypes({ kind, modalities: { output } }: Model): string[] {
  if (kind) return [kind];
  if (output.includes("text")) return ["openai", "openai-response", "anthropic", "gemini"];
  if (output.includes("embedding")) return ["embeddings"];
  if (output.includes("ranking")) return ["jina-rerank"];
  if (output.includes("image")) return ["image-generation"];
  return output;
}
