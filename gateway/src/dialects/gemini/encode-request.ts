import type { EncodedRequest, RequestTarget } from "../canonical/codec.ts";
import { DroppedFeatures } from "../canonical/dropped-features.ts";
import { formatInWords } from "../canonical/format-in-words.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { encodeGenerationConfig } from "./encode-config.ts";
import { encodeContents } from "./encode-contents.ts";
import { encodeToolConfig, encodeTools } from "./encode-tools.ts";
import { placeOwn } from "./own-values.ts";
import { targetModel } from "./target-model.ts";
import { table } from "../../table.ts";

/** OpenAI's and Anthropic's words for SDK enum ServiceTier; "auto" is what happens by itself. */
const TIERS: Record<string, string | undefined> = table({ flex: "flex", priority: "priority", default: "standard", standard: "standard", standard_only: "standard", auto: undefined });
/** Label grammar of Google Cloud: other metadata would be refused. */
const LABEL_NAME = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_VALUE = /^[a-z0-9_-]{0,63}$/;

/**
 * A request as `generateContent` takes it; model and stream go into the address. `traits`: see target-model.ts. Throws GatewayError (see encodeContents).
 */
export function encodeRequest(given: CanonicalRequest, target: RequestTarget): EncodedRequest {
  const dropped = new DroppedFeatures(given);
  const model = targetModel(target);
  const request = !model.jsonWithTools && (given.tools ?? []).length > 0 ? formatInWords(given, dropped) : given;
  const own = placeOwn(ownValues(request, dropped));
  for (const path of own.lost) dropped.add(path);

  const { systemInstruction, contents } = encodeContents(request.messages, model, dropped);
  const tools = encodeTools(request, model, own.tools, dropped);
  const toolConfig = encodeToolConfig(request, model, own, dropped);
  const generationConfig = encodeGenerationConfig(request, target, model, own, dropped);
  const tier = serviceTier(request, dropped);
  const labels = model.labels ? labelsOf(request) : undefined;
  if (Object.keys(labels ?? {}).length < Object.keys(request.metadata ?? {}).length) dropped.add("metadata");
  for (const feature of ["minP", "logitBias", "verbosity"] as const) if (request[feature] !== undefined) dropped.add(feature);
  if (request.store) dropped.addNamed("store");
  if (request.parallelToolCalls === false && (request.tools ?? []).length > 0) dropped.add("parallelToolCalls");
  return {
    body: {
      contents,
      ...(systemInstruction ? { systemInstruction } : {}),
      ...(tools ? { tools } : {}),
      ...(toolConfig ? { toolConfig } : {}),
      ...(generationConfig ? { generationConfig } : {}),
      ...(tier === undefined ? {} : { serviceTier: tier }),
      ...(labels ? { labels } : {}),
      ...Object.fromEntries(own.body),
    },
    dropped: dropped.list(),
  };
}

function ownValues({ own }: CanonicalRequest, dropped: DroppedFeatures): Record<string, unknown> {
  if (!own) return {};
  if (own.dialect === "gemini") return { ...own.harmless, ...own.values };
  for (const name of Object.keys(own.values)) dropped.add(name);
  return {};
}

function serviceTier({ serviceTier: tier }: CanonicalRequest, dropped: DroppedFeatures): string | undefined {
  if (tier === undefined) return undefined;
  if (!Object.hasOwn(TIERS, tier)) dropped.add("serviceTier");
  return TIERS[tier];
}

function labelsOf({ metadata }: CanonicalRequest): Record<string, string> | undefined {
  const taken = Object.entries(metadata ?? {}).filter(([name, value]) => LABEL_NAME.test(name) && LABEL_VALUE.test(value));
  return taken.length > 0 ? Object.fromEntries(taken) : undefined;
}
