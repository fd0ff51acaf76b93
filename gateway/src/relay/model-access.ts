import type { KeyRecord } from "../accounts/key-record.ts";
import type { Model, PricedGroup } from "../catalog/index.ts";
import type { Plan } from "../channels/plan.ts";
import type { DialectId } from "../dialects/canonical/dialect.ts";
import type { SessionDialectId } from "../dialects/canonical/session.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { RelayServices } from "./call.ts";
import { mayUse } from "./model-limits.ts";

/** Seconds told to a caller when every channel of the model is out and none says for how long. */
const NO_CHANNEL_RETRY_SECONDS = 5;

/** The model of that name, and the group of the key that wants it. Throws GatewayError where the key may not have it, or it is no more. */
export function admitModel(key: KeyRecord, name: string, services: RelayServices): { model: Model; group: PricedGroup } {
  const catalog = services.catalog();
  const model = catalog.find(name);
  const group = catalog.group(key.group);
  if (!group) throw new GatewayError("groupDisabled");
  if (!model) throw new GatewayError("modelNotFound", { publicText: `The model "${name.slice(0, 100)}" does not exist.`, param: "model" });
  if (!mayUse(key, model, catalog)) throw new GatewayError("modelNotAllowed", { param: "model" });
  if (model.retiredAt !== undefined && Date.parse(model.retiredAt) <= services.clock.now())
    throw new GatewayError("modelRetired", {
      publicText: `The model "${model.id}" was retired by its vendor on ${model.retiredAt}.${model.replacedBy ? ` Use "${model.replacedBy}" instead.` : ""}`,
      param: "model",
    });
  return { model, group };
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
