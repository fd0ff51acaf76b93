import type { CompiledPrices } from "../catalog/compile-prices.ts";
import type { CallFacts } from "../dialects/canonical/dialect.ts";
import { USAGE_CLASSES, type Usage } from "../dialects/canonical/usage.ts";

/** What a call is expected to consume beside tokens, as far as the model has prices for it: a reranker is paid by the search at one vendor, by the token at another. */
export function pricedUnits({ units }: CallFacts, prices: CompiledPrices | undefined): Usage | undefined {
  if (!units) return undefined;
  const priced: Usage = {};
  for (const name of USAGE_CLASSES) {
    const count = units[name];
    if (count !== undefined && prices?.base.unit[name] !== undefined) priced[name] = count;
  }
  return priced;
}
