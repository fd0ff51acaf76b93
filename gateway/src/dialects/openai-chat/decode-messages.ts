import { objectOf } from "../canonical/fields.ts";
import { sniffSound } from "../canonical/media-types.ts";
import type { AudioPart, Citation, Message, Part, ToolCallPart, ToolResultPart } from "../canonical/parts.ts";
import { readAnnotations } from "./annotations.ts";
import { contentAt } from "./decode-content.ts";
import { imageOfUrl, readImages, takeImages } from "./images.ts";
import { readReasoning } from "./reasoning-details.ts";
import { defined, fault, listAt, missing, numberIn, objectAt, required, textAt, textIn, wordAt } from "../canonical/wire-fields.ts";

type Json = Record<string, unknown>;

const ROLES = ["system", "developer", "user", "assistant", "tool", "function"] as const;

/** One call of the conversation so far. `id`: what we call it; `wire`: what the caller does. */
interface KnownCall {
  id: string;
  name: string;
  custom: boolean;
  answered: boolean;
}

/** Reads `messages`, keeping which tool calls were made and answered. */
class Conversation {
  /** latest call by the caller's id */
  private readonly calls = new Map<string, KnownCall>();
  private readonly ids = new Set<string>();
  /** calls of the legacy form, which have no ids */
  private readonly legacy: KnownCall[] = [];

  message(value: unknown, at: string): Message {
    const message = required(objectAt(value, at), at);
    const role = required(wordAt(message["role"], `${at}.role`, ROLES), `${at}.role`);
    if (role === "tool") return { role, parts: [this.toolResult(message, at)] };
    if (role === "function") return { role: "tool", parts: [this.legacyResult(message, at)] };
    const parts = role === "assistant" ? this.assistant(message, at) : contentAt(required(message["content"] ?? undefined, `${at}.content`), role, `${at}.content`);
    return defined<Message>({ role, parts, name: textAt(message["name"], `${at}.name`) });
  }

  private assistant(message: Json, at: string): Part[] {
    const parts: Part[] = [...readReasoning(message)];
    const content = contentAt(message["content"], "assistant", `${at}.content`);
    parts.push(...withImages(content, readImages(message["images"]), readAnnotations(message["annotations"])));
    const refusal = textAt(message["refusal"], `${at}.refusal`);
    if (refusal && !content.some((part) => part.type === "refusal")) parts.push({ type: "refusal", text: refusal });
    const audio = objectAt(message["audio"], `${at}.audio`);
    if (audio) parts.push(spoken(audio, `${at}.audio`));
    const mine = new Set<string>();
    for (const [index, call] of (listAt(message["tool_calls"], `${at}.tool_calls`) ?? []).entries()) parts.push(this.toolCall(call, mine, `${at}.tool_calls[${index}]`));
    const legacy = objectAt(message["function_call"], `${at}.function_call`);
    if (legacy) parts.push(this.legacyCall(legacy, `${at}.function_call`));
    return parts;
  }

  private toolCall(value: unknown, mine: Set<string>, at: string): ToolCallPart {
    const call = required(objectAt(value, at), at);
    const wire = required(textAt(call["id"], `${at}.id`), `${at}.id`);
    const custom = (wordAt(call["type"], `${at}.type`, ["function", "custom"]) ?? "function") === "custom";
    const member = custom ? "custom" : "function";
    const inner = required(objectAt(call[member], `${at}.${member}`), `${at}.${member}`);
    const name = required(textAt(inner["name"], `${at}.${member}.name`), `${at}.${member}.name`);
    const text = textAt(inner[custom ? "input" : "arguments"], `${at}.${member}.${custom ? "input" : "arguments"}`) ?? "";
    const before = this.calls.get(wire);
    if (mine.has(wire) || (before && !before.answered)) throw fault(`${at}.id`, `The tool call id "${wire.slice(0, 100)}" is given twice.`);
    mine.add(wire);
    const id = this.unused(wire);
    this.calls.set(wire, { id, name, custom, answered: false });
    const signature = textIn(objectOf(objectOf(call["extra_content"])["google"])["thought_signature"]);
    return defined<ToolCallPart>({ type: "tool-call", id, name, arguments: custom ? text : text || "{}", custom: custom || undefined, signature: signature || undefined });
  }

  /** Some vendors count their calls anew in every answer ("call_0"), so an id may come again once it was answered; other dialects want it to be unique. */
  private unused(wire: string): string {
    let id = wire;
    for (let again = 2; this.ids.has(id); again += 1) id = `${wire}_${again}`;
    this.ids.add(id);
    return id;
  }

  private legacyCall(call: Json, at: string): ToolCallPart {
    const name = required(textAt(call["name"], `${at}.name`), `${at}.name`);
    const id = this.unused(`call_function_${this.legacy.length + 1}`);
    this.legacy.push({ id, name, custom: false, answered: false });
    return { type: "tool-call", id, name, arguments: textAt(call["arguments"], `${at}.arguments`) || "{}" };
  }

  private toolResult(message: Json, at: string): ToolResultPart {
    const wire = required(textAt(message["tool_call_id"], `${at}.tool_call_id`), `${at}.tool_call_id`);
    const call = this.calls.get(wire);
    // As OpenAI: "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'".
    if (!call) throw fault(`${at}.tool_call_id`, `There is no earlier tool call with the id "${wire.slice(0, 100)}".`);
    return this.result(call, message, at);
  }

  private legacyResult(message: Json, at: string): ToolResultPart {
    const name = required(textAt(message["name"], `${at}.name`), `${at}.name`);
    const call = this.legacy.find((one) => one.name === name && !one.answered);
    if (!call) throw fault(`${at}.name`, `There is no earlier function_call of "${name.slice(0, 100)}" without an answer.`);
    return this.result(call, message, at);
  }

  private result(call: KnownCall, message: Json, at: string): ToolResultPart {
    call.answered = true;
    const parts = contentAt(message["content"], "tool", `${at}.content`) as ToolResultPart["parts"];
    return defined<ToolResultPart>({ type: "tool-result", callId: call.id, name: call.name, parts, custom: call.custom || undefined });
  }
}

/** An assistant's content with its images out of the text and its citations on the text they belong to. Empty texts say nothing. */
function withImages(content: Part[], images: string[], citations: Citation[]): Part[] {
  const left = new Set(images);
  const parts = content.flatMap((part): Part[] => (part.type !== "text" || part.cache ? [part] : takeImages(part.text, left)));
  parts.push(...[...left].map(imageOfUrl));
  const texts = parts.filter((part) => part.type === "text");
  const [only] = texts;
  if (only && texts.length === 1 && citations.length > 0) only.citations = citations;
  return parts;
}

/** `audio` of an earlier answer: callers send its id only (SDK type), or the whole object that they were given. */
function spoken(audio: Json, at: string): AudioPart {
  const id = required(textAt(audio["id"], `${at}.id`), `${at}.id`);
  const data = textIn(audio["data"]);
  return defined<AudioPart>({
    type: "audio",
    source: data ? { kind: "base64", mediaType: sniffSound(data), data } : { kind: "file-id", id },
    id,
    transcript: textIn(audio["transcript"]),
    expiresAt: numberIn(audio["expires_at"]),
  });
}

/** `messages` of a request. Throws GatewayError naming the place of what is wrong. */
export function messagesAt(value: unknown): Message[] {
  if (missing(value)) throw fault("messages", '"messages" is missing.');
  const list = listAt(value, "messages") ?? [];
  if (list.length === 0) throw fault("messages", '"messages" is empty.');
  const conversation = new Conversation();
  const messages = list.map((item, index) => conversation.message(item, `messages[${index}]`));
  return joinResults(messages);
}

/** Results that follow each other answer one turn: one tool message. */
function joinResults(messages: Message[]): Message[] {
  const joined: Message[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (message.role === "tool" && last?.role === "tool") last.parts.push(...message.parts);
    else joined.push(message);
  }
  return joined;
}
