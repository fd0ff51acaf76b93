import { objectOf } from "../canonical/fields.ts";
import { madeUpId } from "../canonical/made-up-id.ts";
import type { Part, ToolCallPart } from "../canonical/parts.ts";
import type { CanonicalResponse, TokenLogprob } from "../canonical/response.ts";
import { readAnnotations } from "./citations.ts";
import { readFinish } from "./finish.ts";
import { readHostedItem } from "./hosted-items.ts";
import { joinedName } from "./namespaces.ts";
import { readReasoningItem } from "./reasoning.ts";
import { paidCalls } from "./paid-tools.ts";
import { readResponsesUsage } from "./usage.ts";

type Wire = Record<string, unknown>;

const string = (value: unknown): string => (typeof value === "string" ? value : "");

/** A whole response (SDK type `Response`) in canonical form. What is not known, or broken, is passed over. */
export function decodeResponse(answer: Wire): CanonicalResponse {
  const body = objectOf(answer);
  const output = Array.isArray(body["output"]) ? body["output"].map(objectOf) : [];
  const parts = readItems(output, string(body["id"]));
  const logprobs = output.flatMap((item) => (item["type"] === "message" && Array.isArray(item["content"]) ? item["content"].flatMap((part) => readLogprobs(objectOf(part)["logprobs"])) : []));
  const report = readResponsesUsage(body["usage"], paidCalls(output, body["tools"]));
  return {
    id: string(body["id"]),
    model: string(body["model"]),
    ...(typeof body["created_at"] === "number" ? { created: body["created_at"] } : {}),
    choices: [{ index: 0, parts, ...readFinish(body, heldBy(parts)), ...(logprobs.length > 0 ? { logprobs } : {}) }],
    usage: report?.usage,
    ...(report?.anomaly === undefined ? {} : { anomaly: report.anomaly }),
    ...(typeof body["service_tier"] === "string" ? { serviceTier: body["service_tier"] } : {}),
  };
}

const heldBy = (parts: readonly Part[]): { text: boolean; calls: boolean; refusal: boolean } => ({
  text: parts.some((part) => part.type === "text" && part.text !== ""),
  calls: parts.some((part) => part.type === "tool-call"),
  refusal: parts.some((part) => part.type === "refusal"),
});

/** The items of an answer as parts. Seals of tool calls (our envelopes) go to their calls. */
export function readItems(items: readonly Wire[], answerId: string): Part[] {
  const parts: Part[] = [];
  const seals = new Map<string, string>();
  for (const [index, item] of items.entries()) {
    if (item["type"] === "reasoning") {
      const { part, seal } = readReasoningItem(item);
      if (part) parts.push(part);
      if (seal?.callId !== undefined && seal.signature !== undefined) seals.set(seal.callId, seal.signature);
    } else parts.push(...readItem(item, index, answerId));
  }
  for (const part of parts) {
    const signature = part.type === "tool-call" ? seals.get(part.id) : undefined;
    if (part.type === "tool-call" && signature !== undefined) part.signature = signature;
  }
  return parts;
}

/** One item as parts. `index`: its place in the answer, for ids that are missing, which are made of it and the answer's id. Reasoning is read by `readReasoningItem`. */
export function readItem(item: Wire, index: number, answerId: string): Part[] {
  const type = string(item["type"]);
  switch (type) {
    case "message":
      return Array.isArray(item["content"]) ? item["content"].flatMap((part) => readContentPart(objectOf(part)) ?? []) : [];
    case "function_call":
    case "custom_tool_call":
      return [readCall(item, index, answerId)];
    case "image_generation_call": {
      const data = string(item["result"]);
      const format = string(item["output_format"]) || "png";
      return data === "" ? [] : [{ type: "image", source: { kind: "base64", mediaType: `image/${format}`, data } }];
    }
    case "":
    case "reasoning":
      return [];
    default:
      return readHostedItem(item, string(item["id"]) || madeUpId("hosted", index, answerId)) ?? [{ type: "opaque", dialect: "openai-responses", name: type, value: item }];
  }
}

export function readCall(item: Wire, index: number, answerId: string): ToolCallPart {
  const custom = item["type"] === "custom_tool_call";
  const name = string(item["name"]);
  const namespace = string(item["namespace"]);
  return {
    type: "tool-call",
    id: string(item["call_id"]) || string(item["id"]) || madeUpId("call", index, answerId),
    name: namespace === "" ? name : joinedName(namespace, name),
    arguments: string(custom ? item["input"] : item["arguments"]),
    ...(custom ? { custom } : {}),
  };
}

/** A part of a message: text with its citations, or a refusal. */
function readContentPart(part: Wire): Part | undefined {
  if (part["type"] === "refusal") return { type: "refusal", text: string(part["refusal"]) };
  if (part["type"] !== "output_text" || typeof part["text"] !== "string") return undefined;
  const citations = readAnnotations(part["annotations"]);
  return { type: "text", text: part["text"], ...(citations.length > 0 ? { citations } : {}) };
}

/** Log probabilities of a text or of a delta (SDK type `ResponseOutputText.Logprob`). */
export function readLogprobs(value: unknown): TokenLogprob[] {
  if (!Array.isArray(value)) return [];
  return value.map(objectOf).flatMap((one) => {
    const read = readLogprob(one);
    if (!read) return [];
    const top = Array.isArray(one["top_logprobs"]) ? one["top_logprobs"].map(objectOf).flatMap((other) => readLogprob(other) ?? []) : [];
    return [top.length > 0 ? { ...read, top } : read];
  });
}

function readLogprob(one: Wire): { token: string; logprob: number; bytes?: number[] } | undefined {
  const { token, logprob, bytes } = one;
  if (typeof token !== "string" || typeof logprob !== "number") return undefined;
  const numbers = Array.isArray(bytes) ? bytes.filter((byte): byte is number => typeof byte === "number") : undefined;
  return { token, logprob, ...(numbers ? { bytes: numbers } : {}) };
}
