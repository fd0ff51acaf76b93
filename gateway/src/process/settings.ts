import { AddressList } from "../accounts/address-list.ts";
import { type Catalog, CatalogError, loadCatalog } from "../catalog/index.ts";
import { type Claims, type Config, readConfig } from "../config.ts";
import { FetchRules } from "../egress/guarded/fetch-rules.ts";
import { VENDOR_ENVIRONMENT } from "../vendors/registry.ts";
import { reason } from "./start-error.ts";

/** All settings, checked against everything they speak of. `environment` is the process's own unless given. Throws ConfigError with every fault at once. */
export function readSettings(environment?: Record<string, string | undefined>): Config {
  return readConfig(VENDOR_ENVIRONMENT, environment, faultsOf);
}

function faultsOf(claims: Claims): string[] {
  const faults: string[] = [];
  const check = (setting: string, make: () => unknown): void => {
    try {
      make();
    } catch (error) {
      faults.push(`${setting}: ${reason(error)}`);
    }
  };
  for (const entry of claims.trustedProxies) check("YESCALE_TRUSTED_PROXIES", () => new AddressList([entry]));
  for (const entry of claims.fetchAllow) check("YESCALE_FETCH_ALLOW", () => new FetchRules([entry]));
  try {
    const catalog = loadCatalog({ models: claims.models, groups: claims.groups });
    for (const channel of claims.channels) faults.push(...unknownNames(channel, catalog).map((fault) => `${channel.where}: ${fault}`));
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    // Without a catalog nothing can be said of the names in channels.
    faults.push(...error.faults);
  }
  return faults;
}

/** Groups and models that a channel names and nobody could ask it for. */
function unknownNames(channel: Claims["channels"][number], catalog: Catalog): string[] {
  const groups = channel.groups.filter((name) => !catalog.group(name)).map((name) => `groups: there is no group "${name}"`);
  const models = channel.models
    .filter((name) => (name.endsWith("*") ? !catalog.models().some((model) => model.id.startsWith(name.slice(0, -1))) : !catalog.find(name)))
    .map((name) => `models: there is no model "${name}"; add it under "models"`);
  const mapped = channel.mapped.filter((name) => !catalog.find(name)).map((name) => `modelMapping: there is no model "${name}"; add it under "models"`);
  return [...groups, ...models, ...mapped];
}
