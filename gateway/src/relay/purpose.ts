import type { Model } from "../catalog/index.ts";
import type { DialectId } from "../dialects/canonical/dialect.ts";
import { GatewayError } from "../errors/gateway-error.ts";

/** What models of one purpose put out (`modalities.output` of the catalog), what we call it, and where they are called. */
const PURPOSES = [
  { output: "embedding", name: "embeddings", address: "/v1/embeddings", dialects: new Set<DialectId>(["openai-embeddings", "gemini-embeddings"]) },
  { output: "moderation", name: "moderations", address: "/v1/moderations", dialects: new Set<DialectId>(["openai-moderations"]) },
  { output: "ranking", name: "rankings", address: "/v1/rerank", dialects: new Set<DialectId>(["rerank"]) },
] as const;

/**
 * Refuses a model at an address where it does nothing, with a text that tells where it does; vendors answer such a call with a 404 of the model. A model of the
 * operator's own may do what the catalog does not know. Throws GatewayError invalidRequest.
 */
export function refuseOtherPurpose(model: Model, dialect: DialectId): void {
  if (model.own) return;
  const { output } = model.modalities;
  const asked = PURPOSES.find((purpose) => purpose.dialects.has(dialect));
  if (asked && !output.includes(asked.output))
    throw new GatewayError("invalidRequest", { publicText: `The model "${model.id}" makes no ${asked.name}.`, param: "model" });
  const only = asked ? undefined : PURPOSES.find((purpose) => output.every((kind) => kind === purpose.output));
  if (only) throw new GatewayError("invalidRequest", { publicText: `The model "${model.id}" makes ${only.name}: call it at ${only.address}.`, param: "model" });
}
