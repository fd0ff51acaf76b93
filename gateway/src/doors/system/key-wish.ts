import { AddressList, splitAddressList } from "../../accounts/address-list.ts";
import { type Catalog, mayUseGroup } from "../../catalog/index.ts";
import { quotaToNano } from "../../catalog/money.ts";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { KeyChanges } from "../../store/queries/keys.ts";

/** More models or addresses than this are no list that a person keeps. */
const LISTED_MAX = 500;
const NEVER = -1;

/** A key as the family's clients write it; what is undefined was not said. */
export interface FamilyKey {
  name?: string | undefined;
  expired_time?: number | undefined;
  remain_quota?: number | undefined;
  unlimited_quota?: boolean | undefined;
  group?: string | undefined;
  allow_ips?: string | null | undefined;
  model_limits_enabled?: boolean | undefined;
  model_limits?: string | undefined;
  status?: number | undefined;
}

/** What a key of an account is to become. Throws GatewayError invalidRequest, with the member that names what does not exist. */
export function keyChangesOf(key: FamilyKey, catalog: Catalog, userId: string): KeyChanges {
  const group = key.group === undefined ? undefined : key.group === "" ? catalog.groups()[0] : catalog.group(key.group);
  // A group that is not for the account is as good as none.
  if (key.group !== undefined && !(group && mayUseGroup(group, Number(userId)))) throw wrong("group", `There is no group "${key.group}".`);
  if (key.remain_quota !== undefined && key.remain_quota < 0) throw wrong("remain_quota", "No key may spend less than nothing.");
  return {
    ...(key.name === undefined ? {} : { name: key.name }),
    ...(key.expired_time === undefined ? {} : { expiresAt: key.expired_time === NEVER ? null : new Date(key.expired_time * 1000) }),
    ...(key.remain_quota === undefined ? {} : { quotaNano: quotaToNano(BigInt(key.remain_quota)) }),
    ...(key.unlimited_quota === undefined ? {} : { unlimited: key.unlimited_quota }),
    ...(group === undefined ? {} : { group: group.name }),
    ...(key.allow_ips === undefined || key.allow_ips === null ? {} : { addresses: addressesOf(key.allow_ips) }),
    ...modelsOf(key, catalog),
    ...(key.status === undefined ? {} : { status: key.status }),
  };
}

function addressesOf(text: string): string[] | null {
  const entries = splitAddressList(text);
  if (entries.length > LISTED_MAX) throw wrong("allow_ips", `At most ${LISTED_MAX} addresses.`);
  try {
    new AddressList(entries);
  } catch (error) {
    throw wrong("allow_ips", `${error instanceof Error ? error.message.slice(0, 200) : "not an address"}.`);
  }
  return entries.length > 0 ? entries : null;
}

/** The models a key may call; a list that is not enabled limits nothing. A key keeps ids, under whatever name a model is asked for. */
function modelsOf({ model_limits_enabled: enabled, model_limits: text }: FamilyKey, catalog: Catalog): Pick<KeyChanges, "models"> {
  if (enabled === false) return { models: null };
  if (text === undefined) {
    if (enabled === undefined) return {};
    throw wrong("model_limits", "Name the models, separated by commas.");
  }
  const names = text.split(",").map((name) => name.trim()).filter((name) => name !== "");
  if (names.length === 0) {
    if (enabled === undefined) return { models: null };
    throw wrong("model_limits", "Name the models, separated by commas.");
  }
  if (names.length > LISTED_MAX) throw wrong("model_limits", `At most ${LISTED_MAX} models.`);
  return {
    models: names.map((name) => {
      const model = catalog.find(name);
      if (!model) throw wrong("model_limits", `There is no model "${name.slice(0, 100)}".`);
      return model.id;
    }),
  };
}

const wrong = (param: string, publicText: string): GatewayError => new GatewayError("invalidRequest", { publicText, param });
