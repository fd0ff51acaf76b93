import { GatewayError } from "../../errors/gateway-error.ts";
import { wrapCustomInput } from "../canonical/custom-tool.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { refuseBrokenArguments } from "../canonical/call-arguments.ts";
import { objectOf, parseJson } from "../canonical/fields.ts";
import { nothingToAnswer } from "../canonical/nothing-to-answer.ts";
import { audioFeature, type CacheMark, type Message, type Part, type ReasoningPart, type ToolCallPart, type ToolResultPart } from "../canonical/parts.ts";
import { DocumentNames, documentBlock, mediaBlock } from "./encode-media.ts";
import type { ConverseModel } from "./model.ts";

type Words = Record<string, unknown>;
type Role = "user" | "assistant";

/** Documents need a text beside them (API reference, ContentBlock). */
const WITH_DOCUMENT = "See the document.";

interface Writing {
  model: ConverseModel;
  dropped: DroppedFeatures;
  names: DocumentNames;
  calls: Set<string>;
}

/** A conversation in Bedrock's form, and the names of tools that were called in it. */
export interface Conversation {
  system: Words[];
  messages: { role: Role; content: Words[] }[];
  called: Set<string>;
}

/**
 * Messages as Converse takes them: system messages apart, turns that alternate, tool results first in their turn. Throws GatewayError when nothing remains to be answered or a
 * tool result has no call.
 */
export function encodeMessages(messages: readonly Message[], model: ConverseModel, dropped: DroppedFeatures): Conversation {
  const writing: Writing = { model, dropped, names: new DocumentNames(), calls: new Set() };
  const system: Words[] = [];
  const turns: Conversation["messages"] = [];
  const called = new Set<string>();
  for (const message of messages) {
    if (message.name !== undefined) dropped.add("messages.name");
    if (message.role === "system" || message.role === "developer") {
      for (const part of message.parts)
        if (part.type === "text") push(system, textBlock(part.text), part.cache, model);
        else dropped.add(`parts.${part.type}`);
      continue;
    }
    const role: Role = message.role === "assistant" ? "assistant" : "user";
    const content: Words[] = [];
    for (const part of message.parts) {
      if (part.type === "tool-call") called.add(part.name);
      push(content, encodePart(part, role, writing), "cache" in part ? part.cache : undefined, model);
    }
    if (content.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  // A conversation of instructions only: the API wants somebody to speak.
  if (turns.length === 0 && system.length > 0) return { system: [], messages: [{ role: "user", content: system }], called };
  if (turns.length === 0) throw nothingToAnswer();
  for (const turn of turns) finish(turn);
  return { system, messages: turns, called };
}

const textBlock = (text: string): Words[] => (text.trim() === "" ? [] : [{ text }]);

/** Adds blocks, and after them a cache point where the caller marked one and the model has a cache. */
function push(to: Words[], blocks: Words[], cache: CacheMark | undefined, model: ConverseModel): void {
  to.push(...blocks);
  if (cache && model.cachePoints && blocks.length > 0) to.push(cachePoint(cache, model));
}

export const cachePoint = (cache: CacheMark, model: ConverseModel): Words => ({ cachePoint: { type: "default", ...(cache.ttl === "1h" && model.hourCache ? { ttl: "1h" } : {}) } });

function encodePart(part: Part, role: Role, writing: Writing): Words[] {
  const { dropped } = writing;
  const one = (block: Words | undefined, feature: string): Words[] => {
    if (!block) dropped.add(feature);
    return block ? [block] : [];
  };
  switch (part.type) {
    case "text":
    case "refusal":
      return textBlock(part.text);
    case "image":
      if (part.detail !== undefined && part.detail !== "auto") dropped.add("parts.image.detail");
      return one(role === "user" ? mediaBlock(part) : undefined, "parts.image");
    case "video":
      return one(role === "user" ? mediaBlock(part) : undefined, "parts.video");
    case "audio":
      // What was said aloud by the model is carried as its words.
      if (role === "assistant" && part.transcript !== undefined) return textBlock(part.transcript);
      return one(role === "user" ? mediaBlock(part) : undefined, audioFeature(part));
    case "file":
      return one(role === "user" ? documentBlock(part, writing.names) : undefined, "parts.file");
    case "reasoning":
      return encodeReasoning(part, writing.model);
    case "tool-call":
      writing.calls.add(part.id);
      return [encodeCall(part, dropped)];
    case "tool-result":
      return [encodeResult(part, writing)];
    case "hosted-call":
      return part.tool === "code-execution" && part.input !== "" ? textBlock(`\`\`\`${part.language ?? ""}\n${part.input}\n\`\`\``) : [];
    case "hosted-result":
      return part.tool === "code-execution" && part.output ? textBlock(`\`\`\`\n${part.output}\n\`\`\``) : [];
    case "opaque":
      dropped.add(part.name);
      return [];
  }
}

/** Sealed thinking goes back to who sealed it: Claude's seals hold on all its platforms (Anthropic, extended thinking guide). Unsealed thinking is refused, and is left out. */
function encodeReasoning(part: ReasoningPart, model: ConverseModel): Words[] {
  const ours = part.sealedBy === "bedrock-converse" || (part.sealedBy === "anthropic-messages" && model.claude);
  if (!ours) return [];
  if (part.encrypted !== undefined) return [{ reasoningContent: { redactedContent: part.encrypted } }];
  return part.signature === undefined ? [] : [{ reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } }];
}

/** Ids as Bedrock takes them (API reference, ToolUseBlock: letters, digits, `_` and `-`, 64 at most). */
const callId = (id: string): string => (/^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : `call_${Buffer.from(id).toString("base64url").slice(-59)}`);

function encodeCall(part: ToolCallPart, dropped: DroppedFeatures): Words {
  refuseBrokenArguments(part, dropped);
  const text = part.custom ? wrapCustomInput(part.arguments) : part.arguments;
  return { toolUse: { toolUseId: callId(part.id), name: part.name, input: objectOf(parseJson(text)) } };
}

function encodeResult(part: ToolResultPart, writing: Writing): Words {
  if (!writing.calls.has(part.callId)) throw new GatewayError("invalidRequest", { publicText: `The tool result "${part.callId}" has no tool call before it.`, param: "messages" });
  const content = part.parts.flatMap((inner): Words[] => {
    if (inner.type === "text") return textBlock(inner.text);
    const block = inner.type === "image" ? mediaBlock(inner) : documentBlock(inner, writing.names);
    if (!block) writing.dropped.add(`parts.${inner.type}`);
    return block ? [block] : [];
  });
  // A result without content is refused; the model must see that there was none.
  return { toolResult: { toolUseId: callId(part.callId), content: content.length > 0 ? content : [{ text: "(no output)" }], ...(part.isError ? { status: "error" } : {}) } };
}

/** Tool results stand first in their turn, cache points behind what they close; a document has a text beside it. */
function finish(turn: Conversation["messages"][number]): void {
  const { content } = turn;
  const results = content.filter((block) => block["toolResult"] !== undefined);
  if (results.length > 0 && results.length < content.length) turn.content = [...results, ...content.filter((block) => block["toolResult"] === undefined)];
  const has = (name: string): boolean => content.some((block) => block[name] !== undefined);
  if (has("document") && !has("text")) turn.content.push({ text: WITH_DOCUMENT });
}
