import { objectOf, textOf } from "../canonical/fields.ts";
import type { Part } from "../canonical/parts.ts";
import type { CanonicalResponse, Choice } from "../canonical/response.ts";
import { readStopReason } from "./finish.ts";
import { CallSignatures } from "./call-signatures.ts";
import { readAnswerBlock } from "./read-block.ts";
import { AnthropicUsage } from "./usage.ts";

/** A whole message (SDK: Message) in the canonical form. Never throws; an error body gives a choice that ended with "error". */
export function decodeResponse(body: Record<string, unknown>): CanonicalResponse {
  const reported = new AnthropicUsage();
  reported.merge(body["usage"]);
  const choice: Choice = body["type"] === "error" ? failed(body) : readChoice(body);
  const response: CanonicalResponse = {
    id: textOf(body["id"], ""),
    model: textOf(body["model"], ""),
    choices: [choice],
    usage: reported.reported ? reported.classes() : undefined,
  };
  const tier = objectOf(body["usage"])["service_tier"];
  if (typeof tier === "string") response.serviceTier = tier;
  return response;
}

const failed = (body: Record<string, unknown>): Choice => ({
  index: 0,
  parts: [],
  finish: "error",
  finishDetail: textOf(objectOf(body["error"])["message"], "an error inside an answer"),
});

function readChoice(body: Record<string, unknown>): Choice {
  const blocks = Array.isArray(body["content"]) ? body["content"] : [];
  const signatures = new CallSignatures();
  const parts: Part[] = [];
  for (const [n, block] of blocks.entries()) {
    if (signatures.take(block)) continue;
    const part = readAnswerBlock(block, n, textOf(body["id"], ""));
    if (part) parts.push(part);
  }
  signatures.give(parts);
  const explanation = readRefusal(body["stop_details"]);
  if (explanation) parts.push(explanation);
  const { finish, detail } = readStopReason(body["stop_reason"]);
  const choice: Choice = { index: 0, parts, finish };
  if (detail !== undefined) choice.finishDetail = detail;
  if (typeof body["stop_sequence"] === "string") choice.stopSequence = body["stop_sequence"];
  return choice;
}

/** `stop_details` (SDK: RefusalStopDetails): the vendor's words for a refusal. */
export function readRefusal(value: unknown): Part | undefined {
  const explanation = objectOf(value)["explanation"];
  return typeof explanation === "string" && explanation !== "" ? { type: "refusal", text: explanation } : undefined;
}
