import type { CATALOG_ROUTES } from "@yescale/contract";
import { CatalogError } from "../../catalog/index.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import { catalogOverride, catalogOverrides, lockCatalog, type OverrideKind, priceChanges, priceVersion, setCatalogOverride } from "../../store/queries/prices.ts";
import type { ApiCall, Handlers } from "../api/handler.ts";
import type { ApiServices } from "../api/services.ts";
import { secondsOf } from "../system/family.ts";

/** An entry beyond this is no price list. */
const ENTRY_BYTES_MAX = 200_000;

/** Groups, models and prices: what is set here lies over the shipped data and the settings file, and holds for requests that come in from now on. */
export function catalogHandlers({ db, catalog, catalogWith }: ApiServices): Handlers<typeof CATALOG_ROUTES> {
  /** Sets an entry, or takes it away, in one transaction with its trace; what makes no catalog changes nothing. */
  const change = (call: Pick<ApiCall, "change">, kind: OverrideKind, name: string, entry: object | undefined): Promise<{ price_version: string }> =>
    call.change(async (tx, note) => {
      await lockCatalog(tx);
      const before = await catalogOverride(tx, kind, name);
      if (entry === undefined && before === undefined) throw new GatewayError("notFound", { publicText: `Nothing is set for the ${kind} "${name}".` });
      await setCatalogOverride(tx, kind, name, entry);
      note({ action: `${kind}.${entry === undefined ? "reset" : "set"}`, subject: `${kind}:${name}`, before, after: entry });
      try {
        return { price_version: catalogWith(await catalogOverrides(tx)).priceVersion };
      } catch (error) {
        if (!(error instanceof CatalogError)) throw error;
        throw new GatewayError("invalidRequest", { publicText: error.faults.slice(0, 5).join("; ").slice(0, 1_000) });
      }
    });
  const checked = (entry: Record<string, unknown>, named: "id" | "name", name: string): object => {
    const { [named]: own, ...rest } = entry;
    if (own !== undefined && own !== name) throw new GatewayError("invalidRequest", { publicText: `"${named}" must be the name in the address.`, param: named });
    if (JSON.stringify(rest).length > ENTRY_BYTES_MAX) throw new GatewayError("tooLarge");
    return rest;
  };
  const overridesOf = async (kind: "models" | "groups", named: "id" | "name"): Promise<Map<unknown, Record<string, unknown>>> =>
    new Map((await catalogOverrides(db))[kind].map((entry) => [Reflect.get(entry, named), Object.fromEntries(Object.entries(entry).filter(([member]) => member !== named))]));

  return {
    async groups() {
      const current = catalog();
      const overrides = await overridesOf("groups", "name");
      const data = current.groups().map((group) => ({
        name: group.name, ratio: group.ratio, channels: group.channels, description: group.description ?? "", users: group.users ?? null, fallback: group.fallback ?? [],
        prices: (group.prices ?? {}) as Record<string, Record<string, unknown>>, disabled: group.disabled ?? false, override: overrides.get(group.name) ?? null,
      }));
      return { data, price_version: current.priceVersion };
    },
    setGroup: (call) => change(call, "group", call.params.name, checked(call.body, "name", call.params.name)),
    resetGroup: (call) => change(call, "group", call.params.name, undefined),

    async models({ query }) {
      const current = catalog();
      const overrides = await overridesOf("models", "id");
      const data = current
        .models()
        .filter((model) => (query.vendor === undefined || model.vendor === query.vendor) && (query.unpriced === undefined || (model.compiled === undefined) === (query.unpriced === "true")))
        .map((model) => ({
          id: model.id, vendor: model.vendor, display_name: model.displayName, prices: (model.prices ?? null) as Record<string, unknown> | null,
          retired_at: model.retiredAt ?? null, replaced_by: model.replacedBy ?? null, override: overrides.get(model.id) ?? null,
        }));
      return { data, price_version: current.priceVersion };
    },
    setModel: (call) => change(call, "model", call.params.name, checked(call.body, "id", call.params.name)),
    resetModel: (call) => change(call, "model", call.params.name, undefined),

    async versions({ query }) {
      return { data: (await priceChanges(db, query.limit)).map(({ version, at }) => ({ version, at: secondsOf(at) })) };
    },
    async version({ params }) {
      const found = await priceVersion(db, params.name);
      if (!found) throw new GatewayError("notFound", { publicText: "There is no such price version." });
      return { ...found, at: secondsOf(found.at) };
    },
  };
}
