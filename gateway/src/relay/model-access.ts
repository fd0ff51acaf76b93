import type { KeyRecord } from "../accounts/key-record.ts";
import { type Catalog, isClosed, type Model, mayUseGroup, type PricedGroup } from "../catalog/index.ts";
import type { Plan, Target } from "../channels/plan.ts";
import type { DialectId } from "../dialects/canonical/dialect.ts";
import type { SessionDialectId } from "../dialects/canonical/session.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import { modelRetired } from "../errors/model-retired.ts";
import type { RelayServices } from "./call.ts";
import { mayUse } from "./model-limits.ts";

/** Seconds told to a caller when every channel of the model is out and none says for how long. */
const NO_CHANNEL_RETRY_SECONDS = 5;

/** At what prices a group has a model. */
export interface Terms {
  group: PricedGroup;
  /** with the group's own prices, where it has some */
  model: Model;
  ratioMicro: bigint;
}

/** A model that a key may have, as the catalog had it when it was asked for. */
export interface Admitted {
  model: Model;
  /** the key's own group, then those that it falls back to */
  terms: readonly [Terms, ...Terms[]];
  priceVersion: string;
}

/** The model of that name, and at what prices the key has it. Throws GatewayError where the key may not have it, or it is no more. */
export function admitModel(key: KeyRecord, name: string, services: RelayServices): Admitted {
  const catalog = services.catalog();
  const model = catalog.find(name);
  const group = catalog.group(key.group);
  if (!group || group.disabled === true) throw new GatewayError("groupDisabled");
  if (!mayUseGroup(group, key.userId)) throw new GatewayError("groupDisabled", { publicText: "The account may not use the API key's group." });
  if (!model) throw new GatewayError("modelNotFound", { publicText: `The model "${name.slice(0, 100)}" does not exist.`, param: "model" });
  if (!mayUse(key, model, catalog)) throw new GatewayError("modelNotAllowed", { param: "model" });
  if (isClosed(model, services.clock.now())) throw modelRetired(model);
  return { model, terms: termsOf(catalog, model, group, key.userId), priceVersion: catalog.priceVersion };
}

function termsOf(catalog: Catalog, model: Model, group: PricedGroup, userId: number): Admitted["terms"] {
  const own = { group, ...catalog.priced(model, group) };
  if (!group.fallback) return [own];
  const others = group.fallback.flatMap((name) => catalog.group(name) ?? []).filter((other) => mayUseGroup(other, userId));
  return [own, ...others.map((other) => ({ group: other, ...catalog.priced(model, other) }))];
}

/** The groups that serve a model to callers of a group, the group itself first: what a list of models goes by. */
export function groupsServing(catalog: Catalog, name: string, userId: number): PricedGroup[] {
  const group = catalog.group(name);
  if (!group || !mayUseGroup(group, userId)) return [];
  return [group, ...(group.fallback ?? []).flatMap((other) => catalog.group(other) ?? []).filter((other) => mayUseGroup(other, userId))];
}

/** A plan over all groups of a key, in their order: whom one group serves by is asked at that group's prices, once. `planOf` plans for one group. */
export function planOverGroups({ terms }: Pick<Admitted, "terms">, planOf: (group: PricedGroup) => Plan): { plan: Plan; termsOf: ReadonlyMap<Target, Terms> | undefined; first: Terms } {
  if (terms.length === 1) return { plan: planOf(terms[0].group), termsOf: undefined, first: terms[0] };
  // Where only some groups have a price, only those can serve.
  const [own, ...others] = terms.some(({ model }) => model.compiled) ? terms.filter(({ model }) => model.compiled) : terms;
  if (!own) throw new GatewayError("internal");
  const plan = planOf(own.group);
  if (others.length === 0) return { plan, termsOf: undefined, first: own };
  const termsOfTarget = new Map<Target, Terms>(plan.targets.map((target) => [target, own]));
  const asked = new Set(plan.targets.map(({ channel, key }) => `${channel.id}#${key}`));
  let { configured, blocked } = plan;
  for (const one of others) {
    const more = planOf(one.group);
    configured += more.configured;
    blocked ??= more.blocked;
    for (const target of more.targets) {
      const id = `${target.channel.id}#${target.key}`;
      if (asked.has(id)) continue;
      asked.add(id);
      termsOfTarget.set(target, one);
    }
  }
  const targets = [...termsOfTarget.keys()];
  const [first] = targets;
  return { plan: { targets, configured, blocked: targets.length > 0 ? undefined : blocked }, termsOf: termsOfTarget, first: (first && termsOfTarget.get(first)) ?? own };
}

/** Throws GatewayError for a model that is made as a task (`Model.kind`): nobody answers it at once. */
export function refuseTaskModel(model: Model): void {
  if (model.kind) throw new GatewayError("invalidRequest", { publicText: `The model "${model.id}" is made as a task, which this address does not take.`, param: "model" });
}

/** Throws GatewayError when a plan has nobody to ask, with the reason that helps most. */
export function refuseWithoutChannel(plan: Plan, model: Model, key: KeyRecord, dialect: DialectId | SessionDialectId, services: RelayServices): void {
  if (plan.targets.length > 0) return;
  if (plan.configured > 0) {
    const internalText = `all channels of ${model.id} are out: ${plan.blocked?.reason ?? "?"}`;
    if (plan.blocked?.cure === "operator") throw new GatewayError("accountsOut", { internalText });
    if (plan.blocked?.cure === "none") throw new GatewayError("modelNotFound", { internalText, param: "model" });
    const rateLimited = plan.blocked?.reason === "rate_limited";
    throw new GatewayError(rateLimited ? "rateLimited" : "noChannel", {
      internalText,
      retryAfterSeconds: Math.max(1, Math.ceil((plan.blocked?.retryInMs ?? NO_CHANNEL_RETRY_SECONDS * 1000) / 1000)),
    });
  }
  if (services.channels.servedInOtherDialect(model, dialect))
    throw new GatewayError("dialectMismatch", {
      publicText: `The model "${model.id}" is served in its vendor's own API format only; this address speaks another one.`,
      param: "model",
    });
  if (services.channels.servedInOtherGroup(model, dialect, key.sandbox))
    throw new GatewayError("modelNotAllowed", { publicText: `The API key's group does not include the model "${model.id}".`, param: "model" });
  throw new GatewayError("noChannelConfigured", { publicText: `No upstream is configured for the model "${model.id}".` });
}
