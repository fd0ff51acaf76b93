import type { Message, Part } from "../canonical/parts.ts";
import { type BlockNotes, readContent } from "./decode-blocks.ts";
import { fault, listAt, objectAt } from "./request-words.ts";

/** "There is a limit of 100,000 messages in a single request" (SDK: MessageCreateParamsBase.messages). */
const MESSAGES_MAX = 100_000;

/** `system` and `messages` as one conversation. Throws GatewayError for what the vendor refuses, too: unknown roles, tool results without their call. `lost`: see BlockNotes. */
export function readMessages(system: unknown, value: unknown, lost: Set<string>): Message[] {
  const notes: BlockNotes = { callSignatures: new Map(), lost };
  const messages: Message[] = [];
  if (system !== undefined && system !== null && system !== "") {
    const parts = readContent(system, "system", notes);
    textOnly(parts, "system");
    if (parts.length > 0) messages.push({ role: "system", parts });
  }
  if (value === undefined) throw fault("messages", "Field required");
  const list = listAt(value, "messages", MESSAGES_MAX);
  if (list.length === 0) throw fault("messages", "at least one message is required");
  const calls = new CallBook();
  for (const [index, item] of list.entries()) {
    const at = `messages.${index}`;
    const message = objectAt(item, at);
    const { role } = message;
    if (role !== "user" && role !== "assistant" && role !== "system") throw fault(`${at}.role`, "Input should be 'user', 'assistant' or 'system'");
    const parts = readContent(message["content"], `${at}.content`, notes);
    if (role === "system") {
      textOnly(parts, `${at}.content`);
      messages.push({ role, parts });
      continue;
    }
    calls.check(role, parts, at);
    if (role === "assistant") messages.push({ role, parts });
    else pushUser(messages, parts);
  }
  if (notes.callSignatures.size > 0) sign(messages, notes.callSignatures);
  return messages;
}

function sign(messages: readonly Message[], signatures: ReadonlyMap<string, string>): void {
  for (const { parts } of messages)
    for (const part of parts) {
      const signature = part.type === "tool-call" ? signatures.get(part.id) : undefined;
      if (part.type === "tool-call" && signature !== undefined) part.signature = signature;
    }
}

function textOnly(parts: Part[], at: string): void {
  if (parts.some((part) => part.type !== "text")) throw fault(at, "a system prompt may hold text only");
}

/** Tool results of a user message become a `tool` message before the rest of it. */
function pushUser(messages: Message[], parts: Part[]): void {
  const results = parts.filter((part) => part.type === "tool-result");
  if (results.length === 0) return void messages.push({ role: "user", parts });
  const rest = parts.filter((part) => part.type !== "tool-result");
  messages.push({ role: "tool", parts: results });
  if (rest.length > 0) messages.push({ role: "user", parts: rest });
}

/** Keeps the books of tool calls: ids once only, every result after its call, every call answered by the next message of the user. */
class CallBook {
  private readonly names = new Map<string, string>();
  private readonly answered = new Set<string>();
  private open: string[] = [];

  check(role: "user" | "assistant", parts: Part[], at: string): void {
    for (const part of parts) {
      if (part.type === "tool-call") this.call(role, part, at);
      if (part.type === "tool-result") {
        const name = this.names.get(part.callId);
        if (role !== "user" || name === undefined)
          throw fault(at, `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${part.callId}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`);
        if (this.answered.has(part.callId)) throw fault(at, `each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${part.callId}`);
        this.answered.add(part.callId);
        part.name = name;
      }
    }
    if (role !== "user" || this.open.length === 0) return;
    const missing = this.open.filter((id) => !this.answered.has(id));
    if (missing.length > 0)
      throw fault(at, `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.slice(0, 5).join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`);
    this.open = [];
  }

  private call(role: string, part: { id: string; name: string }, at: string): void {
    if (role !== "assistant") throw fault(at, "`tool_use` blocks can only be in `assistant` messages");
    if (this.names.has(part.id)) throw fault(at, `\`tool_use\` ids must be unique: ${part.id}`);
    this.names.set(part.id, part.name);
    this.open.push(part.id);
  }
}
