/** Running sums per vendor and model. They are never dropped, whatever happens to single exchanges. */
import type { Exchange } from "./exchange.ts";
import { isObject, type JsonObject } from "./json.ts";

/** Sums of one vendor's model. */
export interface ModelTotals {
  requests: number;
  /** answers with a 2xx status that were sent to their proper end */
  completed: number;
  /** answers with another status */
  refused: number;
  /** answers cut short by a fault or by the client */
  broken: number;
  /** requests whose client left before the end */
  aborted: number;
  contentTokensSent: number;
  /** numbers of all usage objects reported, by their path in the vendor's own words */
  usage: Record<string, number>;
}

/** Keeps the sums. */
export interface Totals {
  /** Takes an exchange that has ended. */
  add(exchange: Exchange): void;
  read(): Record<string, Record<string, ModelTotals>>;
  clear(): void;
}

/** Different models counted at most per vendor; later ones go under "(other)". */
const MODELS_MAX = 1000;

function sum(into: Record<string, number>, usage: JsonObject, path: string): void {
  for (const [name, value] of Object.entries(usage)) {
    if (typeof value === "number") into[path + name] = (into[path + name] ?? 0) + value;
    else if (isObject(value)) sum(into, value, `${path}${name}.`);
  }
}

/** Gives empty sums. */
export function totals(): Totals {
  let vendors = new Map<string, Map<string, ModelTotals>>();
  const of = (vendor: string, model: string): ModelTotals => {
    const models = vendors.get(vendor) ?? new Map<string, ModelTotals>();
    vendors.set(vendor, models);
    const name = models.has(model) || models.size < MODELS_MAX ? model : "(other)";
    const found = models.get(name) ?? {
      requests: 0,
      completed: 0,
      refused: 0,
      broken: 0,
      aborted: 0,
      contentTokensSent: 0,
      usage: {},
    };
    models.set(name, found);
    return found;
  };
  return {
    add(exchange) {
      const entry = of(exchange.vendor, exchange.model === "" ? "(none)" : exchange.model);
      entry.requests += 1;
      if (exchange.abortedAt !== undefined) entry.aborted += 1;
      if (exchange.status >= 300) entry.refused += 1;
      else if (exchange.completed) entry.completed += 1;
      else entry.broken += 1;
      entry.contentTokensSent += exchange.contentTokens;
      if (exchange.usage) sum(entry.usage, exchange.usage, "");
    },
    read: () =>
      Object.fromEntries([...vendors].map(([vendor, models]) => [vendor, Object.fromEntries(models)])),
    clear() {
      vendors = new Map();
    },
  };
}
