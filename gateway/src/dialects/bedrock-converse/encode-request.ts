import type { EncodedRequest, RequestTarget } from "../canonical/codec.ts";
import { DroppedFeatures } from "../canonical/dropped-features.ts";
import { openaiTier } from "../canonical/service-tier.ts";
import { formatInWords } from "../canonical/format-in-words.ts";
import { dropOpenAIWishes } from "../canonical/openai-wishes.ts";
import { outputLimit } from "../canonical/output-limit.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { encodeMessages } from "./encode-messages.ts";
import { encodeReasoning } from "./encode-reasoning.ts";
import { encodeTools } from "./encode-tools.ts";
import { type ConverseModel, converseModel } from "./model.ts";

type Words = Record<string, unknown>;

/** Metadata as Bedrock takes it: 16 entries (API reference, Converse). */
const METADATA_MAX = 16;
const METADATA_TEXT = /^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$/;

/** A request as Converse takes it (SDK: ConverseRequest; the model stands in the address), and what of it could not be said there. Throws GatewayError (see encodeMessages). */
export function encodeRequest(given: CanonicalRequest, target: RequestTarget): EncodedRequest {
  const dropped = new DroppedFeatures(given);
  const model = converseModel(target);
  // A format needs a schema (SDK: OutputFormat).
  const request = given.format?.type === "json" || !model.jsonSchema ? formatInWords(given, dropped) : given;
  for (const name of Object.keys(request.own?.values ?? {})) dropped.add(name);
  const { system, messages, called } = encodeMessages(request.messages, model, dropped);
  const { config, forced } = encodeTools(request, called, model, dropped);
  const maxTokens = Math.max(1, outputLimit(request, target, dropped) ?? target.maxOutputTokens);
  const reasoning = encodeReasoning(request.reasoning, { model, reasons: target.reasons, maxTokens, forced }, dropped);
  const sampling = encodeSampling(request, model, reasoning.on, dropped);
  const fields = { ...reasoning.fields, ...sampling.fields };
  const output = encodeOutput(request, reasoning.effort, dropped);
  dropOpenAIWishes(request, dropped);
  return {
    body: {
      ...(system.length > 0 ? { system } : {}),
      messages,
      // Thinking is part of the limit, so that a limit is always told where thinking is.
      inferenceConfig: { ...(request.maxOutputTokens !== undefined || reasoning.on ? { maxTokens } : {}), ...sampling.config },
      ...(config ? { toolConfig: config } : {}),
      ...(Object.keys(fields).length > 0 ? { additionalModelRequestFields: fields } : {}),
      ...(Object.keys(output).length > 0 ? { outputConfig: output } : {}),
      ...encodeTier(request, dropped),
      ...encodeMetadata(request),
    },
    dropped: dropped.list(),
  };
}

/** What Converse has words for goes into `inferenceConfig`; `top_k` is a member of the model's own. */
function encodeSampling(request: CanonicalRequest, model: ConverseModel, thinking: boolean, dropped: DroppedFeatures): { config: Words; fields: Words } {
  const [config, fields]: [Words, Words] = [{}, {}];
  const free = model.sampling && !(thinking && model.claude);
  const { temperature, topP, topK } = request;
  if (temperature !== undefined) {
    const top = model.claude ? 1 : 2;
    if (free) config["temperature"] = Math.min(temperature, top);
    if ((!free && temperature !== 1) || temperature > top) dropped.add("temperature");
  }
  if (topP !== undefined && (topP !== 1 || free)) {
    if (free && (model.bothSampling || config["temperature"] === undefined)) config["topP"] = topP;
    else if (topP !== 1) dropped.add("topP");
  }
  if (topK !== undefined) {
    if (free && model.claude) fields["top_k"] = topK;
    else dropped.add("topK");
  }
  const stop = (request.stop ?? []).filter((text) => text.trim() !== "");
  if (stop.length > 0 && model.stop) config["stopSequences"] = stop;
  if (stop.length < (request.stop ?? []).length || (stop.length > 0 && !model.stop)) dropped.add("stop");
  return { config, fields };
}

function encodeOutput({ format }: CanonicalRequest, effort: string | undefined, dropped: DroppedFeatures): Words {
  const output: Words = effort === undefined ? {} : { effort };
  if (!format) return output;
  if (format.type === "json" || typeof format.schema !== "object") {
    dropped.add("format");
    return output;
  }
  // The schema is a text here (SDK: JsonSchemaDefinition).
  const jsonSchema = { schema: JSON.stringify(format.schema), ...(format.name === undefined ? {} : { name: format.name }), ...(format.description === undefined ? {} : { description: format.description }) };
  return { ...output, textFormat: { type: "json_schema", structure: { jsonSchema } } };
}

/** SDK: ServiceTierType. */
function encodeTier(request: CanonicalRequest, dropped: DroppedFeatures): Words {
  const serviceTier = openaiTier(request.serviceTier);
  if (serviceTier === undefined || serviceTier === "auto" || serviceTier === "default") return {};
  if (["flex", "priority", "reserved"].includes(serviceTier)) return { serviceTier: { type: serviceTier } };
  dropped.add("serviceTier");
  return {};
}

function encodeMetadata({ metadata }: CanonicalRequest): Words {
  const taken = Object.entries(metadata ?? {}).filter(([name, value]) => METADATA_TEXT.test(name) && (value === "" || METADATA_TEXT.test(value)));
  return taken.length > 0 ? { requestMetadata: Object.fromEntries(taken.slice(0, METADATA_MAX)) } : {};
}
