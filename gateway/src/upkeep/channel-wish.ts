import type { Catalog } from "../catalog/index.ts";
import { VENDORS } from "../vendors/registry.ts";

/** What is asked of a channel, as far as other parts must judge it. */
export interface ChannelWish {
  vendor: string;
  hasAddress: boolean;
  /** how many credentials it has */
  credentials: number;
  models: readonly string[];
  /** public names that it maps */
  mapped: Readonly<Record<string, string>>;
  groups: readonly string[];
}

/** Why a channel cannot be as it is asked to be: the member at fault and what is wrong; undefined when nothing is. Pure. */
export function channelFault(wish: ChannelWish, catalog: Catalog): { param: string; text: string } | undefined {
  const vendor = VENDORS.get(wish.vendor);
  if (!vendor) return { param: "vendor", text: `There is no vendor "${wish.vendor.slice(0, 100)}" (known: ${[...VENDORS.keys()].join(", ")}).` };
  if (!wish.hasAddress && vendor.defaultBaseUrl === "") return { param: "base_url", text: `${vendor.displayName} has no address that all accounts share.` };
  if (wish.credentials === 0 && !vendor.keyless) return { param: "credentials", text: `${vendor.displayName} wants at least one.` };
  const unknownGroup = wish.groups.find((name) => !catalog.group(name));
  if (unknownGroup !== undefined) return { param: "groups", text: `There is no group "${unknownGroup}".` };
  const unknownModel = wish.models.find((name) => (name.endsWith("*") ? !catalog.models().some((model) => model.id.startsWith(name.slice(0, -1))) : !catalog.find(name)));
  if (unknownModel !== undefined) return { param: "models", text: `There is no model "${unknownModel}": add it first.` };
  // A name that only another mapping leads to need not be public.
  const targets = new Set(Object.values(wish.mapped));
  const unmapped = Object.keys(wish.mapped).find((name) => !targets.has(name) && !catalog.find(name));
  return unmapped === undefined ? undefined : { param: "model_mapping", text: `There is no model "${unmapped}": add it first.` };
}
