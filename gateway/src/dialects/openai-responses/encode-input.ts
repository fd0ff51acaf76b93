import { audioFeature, type HostedResultPart, type Message, type Part, type ReasoningPart, type ToolCallPart } from "../canonical/parts.ts";
import { nothingToAnswer } from "../canonical/nothing-to-answer.ts";
import type { CanonicalRequest, Tool } from "../canonical/request.ts";
import { codeInWords, encodeInputParts, encodeModelText, encodeOutput } from "./encode-content.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { failureInWords } from "../canonical/failed-result.ts";
import { writeHostedItem } from "./hosted-items.ts";
import { writeReasoningItem } from "./reasoning.ts";

type Wire = Record<string, unknown>;

/** How the messages are written. */
export interface InputOptions {
  tools: ReadonlyMap<string, Tool>;
  traits: ReadonlySet<string>;
  dropped: DroppedFeatures;
}

/** The conversation as `instructions` (a leading system text) and `input` (a list of items). Throws GatewayError when neither holds anything. */
export function encodeInput(request: CanonicalRequest, options: InputOptions): { instructions?: string; input: Wire[] } {
  const [first, ...others] = request.messages;
  const instructions = first && others.length > 0 ? plainSystemText(first) : undefined;
  const messages = instructions === undefined ? request.messages : others;
  const input = messages.flatMap((message) => encodeMessage(message, options));
  if (instructions === undefined && input.every(isEmpty)) throw nothingToAnswer();
  return { ...(instructions === undefined ? {} : { instructions }), input };
}

const isEmpty = (item: Wire): boolean => item["type"] === "message" && Array.isArray(item["content"]) && item["content"].length === 0;

function plainSystemText(message: Message): string | undefined {
  const [only] = message.parts;
  if (message.role !== "system" || message.parts.length !== 1 || only?.type !== "text" || only.cache || message.name !== undefined) return undefined;
  return only.text === "" ? undefined : only.text;
}

function encodeMessage(message: Message, options: InputOptions): Wire[] {
  const { traits, dropped } = options;
  if (message.name !== undefined) dropped.add("messages.name");
  if (message.role === "assistant") return encodeAssistant(message.parts, options);
  if (message.role === "tool")
    return message.parts.flatMap((part): Wire[] => {
      if (part.type !== "tool-result") return [];
      const type = part.custom ? "custom_tool_call_output" : "function_call_output";
      return [{ type, call_id: part.callId, output: encodeOutput(failureInWords(part), traits, dropped) }];
    });
  const role = message.role === "developer" && traits.has("no-developer") ? "system" : message.role;
  const items = message.parts.flatMap((part) => opaqueItem(part, dropped));
  const content = encodeInputParts(message.parts, traits, dropped);
  return content.length > 0 || items.length === 0 ? [{ type: "message", role, content }, ...items] : items;
}

/** The model's own turn: texts together in messages, everything else an item of its own, in the order they came. */
function encodeAssistant(parts: readonly Part[], { tools, dropped }: InputOptions): Wire[] {
  const items: Wire[] = [];
  let content: Wire[] | undefined;
  const say = (part: Wire): void => {
    if (!content) {
      content = [];
      items.push({ type: "message", role: "assistant", content });
    }
    content.push(part);
  };
  const put = (...more: Wire[]): void => {
    if (more.length > 0) content = undefined;
    items.push(...more);
  };
  for (const part of parts)
    switch (part.type) {
      case "text":
        say(encodeModelText(part));
        break;
      case "refusal":
        say({ type: "refusal", refusal: part.text });
        break;
      case "tool-call":
        put(encodeCall(part, tools));
        break;
      case "reasoning":
        put(...ownReasoning(part));
        break;
      case "hosted-call":
        if (part.tool === "code-execution") say({ type: "output_text", text: codeInWords(part) });
        else put(writeHostedItem(part, resultOf(parts, part.id), "completed"));
        break;
      case "hosted-result":
        if (part.tool === "code-execution") say({ type: "output_text", text: codeInWords(part) });
        break;
      case "image":
        if (part.source.kind === "base64") put({ type: "image_generation_call", id: `ig_${items.length}`, status: "completed", result: part.source.data });
        break;
      case "audio":
        if (part.transcript !== undefined) say({ type: "output_text", text: part.transcript });
        else dropped.add(audioFeature(part));
        break;
      case "opaque":
        put(...opaqueItem(part, dropped));
        break;
      default:
        // Videos, files and tool results are nothing that a model of OpenAI's says.
        break;
    }
  return items.map(asPlainText);
}

/** A message of the model's that is one text and no more, in the form that needs no id (`EasyInputMessage`): in the published document `output_text` stands only in messages with ids. */
function asPlainText(item: Wire): Wire {
  const content = item["content"] as Wire[] | undefined;
  const [only, ...others] = item["type"] === "message" && content ? content : [];
  return only?.["type"] === "output_text" && others.length === 0 && Object.keys(only).length === 2 ? { ...item, content: only["text"] } : item;
}

function encodeCall(part: ToolCallPart, tools: ReadonlyMap<string, Tool>): Wire {
  const tool = tools.get(part.name);
  const namespace = tool && "namespace" in tool ? tool.namespace : undefined;
  const name = { name: namespace?.tool ?? part.name, ...(namespace ? { namespace: namespace.name } : {}) };
  if (part.custom) return { type: "custom_tool_call", call_id: part.id, ...name, input: part.arguments };
  return { type: "function_call", call_id: part.id, ...name, arguments: part.arguments === "" ? "{}" : part.arguments };
}

/** Reasoning goes back only with OpenAI's own seal: an item without it is looked up by its id, and not found. */
function ownReasoning(part: ReasoningPart): Wire[] {
  if (part.sealedBy !== "openai-responses" || part.encrypted === undefined) return [];
  const { id, ...item } = writeReasoningItem(part, part.id ?? "");
  return [id === "" ? item : { id, ...item }];
}

function resultOf(parts: readonly Part[], callId: string): HostedResultPart | undefined {
  return parts.find((part): part is HostedResultPart => part.type === "hosted-result" && part.callId === callId);
}

function opaqueItem(part: Part, dropped: DroppedFeatures): Wire[] {
  if (part.type !== "opaque") return [];
  if (part.dialect === "openai-responses") return [part.value as Wire];
  dropped.add(part.name);
  return [];
}
