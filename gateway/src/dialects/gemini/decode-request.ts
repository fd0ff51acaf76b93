import type { Message, Part } from "../canonical/parts.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { CallIds } from "./call-ids.ts";
import { decodeGenerationConfig } from "./decode-config.ts";
import { decodePart, type PartContext } from "./decode-part.ts";
import { FIELD_NAMES } from "./field-names.ts";
import { addPart } from "./fragments.ts";
import { decodeToolConfig, decodeTools } from "./decode-tools.ts";
import { invalid, Members } from "./members.ts";
import { table } from "../../table.ts";

/** SDK enum ServiceTier; OpenAI's word for the standard tier is "default". */
const TIERS: Record<string, string | undefined> = table({ flex: "flex", priority: "priority", standard: "default", unspecified: undefined });

/**
 * A request to generate (SDK types GenerateContentParameters as the REST API takes it). Model and stream stand in the address.
 * Throws GatewayError (400) with the path of the field at fault.
 */
export function decodeRequest(body: Record<string, unknown>, address: { model?: string; stream?: boolean }): CanonicalRequest {
  const members = Members.of(body, "");
  const own = new Map<string, unknown>();
  const inBody = members.text("model");
  const request: CanonicalRequest = { model: address.model ?? inBody?.replace(/^models\//, "") ?? "", stream: address.stream ?? false, messages: [] };
  request.fields = { ...FIELD_NAMES };

  request.messages = decodeConversation(members, own, request.fields);
  const tools = decodeTools(members, own);
  if (tools) request.tools = tools;
  decodeToolConfig(members, request, own);
  decodeGenerationConfig(members, request, own);
  const tier = members.text("serviceTier")?.toLowerCase();
  if (tier !== undefined) {
    if (!Object.hasOwn(TIERS, tier)) throw invalid("serviceTier", "must be flex, standard or priority.");
    const told = TIERS[tier];
    if (told !== undefined) request.serviceTier = told;
  }
  decodeLabels(members, request);
  for (const [name, value] of members.rest()) if (!(Array.isArray(value) && value.length === 0)) own.set(name, value);
  if (own.size > 0) request.own = { dialect: "gemini", values: Object.fromEntries(own) };
  return request;
}

/** `labels` mark the bill (Vertex AI): metadata elsewhere. */
function decodeLabels(members: Members, request: CanonicalRequest): void {
  const labels = members.object("labels");
  if (!labels) return;
  const entries = labels.rest();
  for (const [name, value] of entries) if (typeof value !== "string") throw invalid(labels.at(name), "must be a text.");
  if (entries.length === 0) return;
  request.metadata = Object.fromEntries(entries) as Record<string, string>;
  (request.fields ??= {})["metadata"] = "labels";
}

function decodeConversation(members: Members, own: Map<string, unknown>, fields: NonNullable<CanonicalRequest["fields"]>): Message[] {
  const messages: Message[] = [];
  const context: PartContext = { ids: new CallIds(), codeIds: [], own, fields };
  const system = members.object("systemInstruction");
  if (system) {
    system.text("role");
    const parts = (system.list("parts") ?? []).flatMap((part, index) => decodePart(part, `systemInstruction.parts[${index}]`, context));
    if (parts.some((part) => part.type === "tool-call" || part.type === "tool-result")) throw invalid("systemInstruction", "cannot hold function calls.");
    if (parts.length > 0) messages.push({ role: "system", parts });
  }
  const contents = members.list("contents");
  if (!contents) throw invalid("contents", "is missing.");
  if (contents.length === 0) throw invalid("contents", "must not be empty.");
  for (const [index, item] of contents.entries())
    for (const message of decodeContent(Members.of(item, `contents[${index}]`), context)) {
      const last = messages.at(-1);
      // The SDK's chat keeps every piece of a stream as a content of its own.
      if (last?.role === "assistant" && message.role === "assistant") for (const [at, part] of message.parts.entries()) addPart(last.parts, part, at === 0);
      else messages.push(message);
    }
  return messages;
}

/** One content; function responses become a message of their own, in the order of the parts. */
function decodeContent(content: Members, context: PartContext): Message[] {
  const role = content.text("role") ?? "user";
  if (!["", "user", "model", "function"].includes(role)) throw invalid(content.at("role"), 'must be "user", "model" or "function".');
  const wire = content.list("parts") ?? [];
  if (wire.length === 0) throw invalid(content.at("parts"), "must not be empty.");
  const messages: Message[] = [];
  for (const [index, value] of wire.entries())
    for (const part of decodePart(value, `${content.path}.parts[${index}]`, context)) {
      const speaker = speakerOf(part, role, content);
      const last = messages.at(-1);
      if (last?.role === speaker) addPart(last.parts, part, false);
      else messages.push({ role: speaker, parts: [part] });
    }
  for (const [name, value] of content.rest()) context.own.set(content.at(name), value);
  return messages;
}

function speakerOf(part: Part, role: string, content: Members): Message["role"] {
  if (part.type === "tool-result") {
    if (role === "model") throw invalid(content.path, "is the model's and cannot hold a functionResponse.");
    return "tool";
  }
  if (part.type === "tool-call" && role !== "model") throw invalid(content.path, "holds a functionCall, which only the model can make.");
  return role === "model" ? "assistant" : "user";
}
