import type { Message, Part, Role, ToolCallPart, ToolResultPart } from "../canonical/parts.ts";
import type { Tool } from "../canonical/request.ts";
import { decodeContent, decodeOutput } from "./decode-content.ts";
import { fault, list, object, optional, text } from "./fault.ts";
import { readHostedItem } from "./hosted-items.ts";
import { joinedName } from "./namespaces.ts";
import { readReasoningItem } from "./reasoning.ts";

/** More items than this in one request is a mistake: the longest agents' sessions have some thousands. */
const ITEMS_MAX = 50_000;
const ROLES: ReadonlySet<string> = new Set(["user", "assistant", "system", "developer"]);
/** Items that come from the caller and not from the model, with no tool call of their own kind in the canonical form. */
const CALLER_ITEMS = /_output$|^mcp_approval_response$|^item_reference$|^compaction_trigger$/;

export interface DecodedInput {
  messages: Message[];
  /** tools that stand among the items (`additional_tools`, `tool_search_output`): the wire's values */
  tools: { value: unknown; param: string }[];
}

/**
 * `input` (SDK types `ResponseInput`, `ResponseInputItem`): a text, or a list of items. The model's items that follow one another become one assistant message, tool
 * outputs one tool message. `complete`: false when earlier turns are kept elsewhere (`previous_response_id`), so that an output may lack its call.
 */
export function decodeInput(input: unknown, complete: boolean): DecodedInput {
  if (typeof input === "string") return { messages: [{ role: "user", parts: [{ type: "text", text: input }] }], tools: [] };
  if (Array.isArray(input) && input.length === 0 && complete) throw fault('"input" is empty.', "input");
  const reader = new InputReader(complete);
  for (const [index, item] of list(input, "input", ITEMS_MAX).entries()) reader.item(object(item, `input[${index}]`), `input[${index}]`);
  return { messages: reader.messages, tools: reader.tools };
}

class InputReader {
  readonly messages: Message[] = [];
  readonly tools: { value: unknown; param: string }[] = [];
  private readonly calls = new Map<string, ToolCallPart>();
  private hosted = 0;

  constructor(private readonly complete: boolean) {}

  item(item: Record<string, unknown>, param: string): void {
    const type = optional(item["type"], "string", `${param}.type`) ?? (item["role"] === undefined && item["id"] !== undefined ? "item_reference" : "message");
    switch (type) {
      case "message":
        return this.message(item, param);
      case "function_call":
      case "custom_tool_call":
        return this.call(item, type === "custom_tool_call", param);
      case "function_call_output":
      case "custom_tool_call_output":
        return this.result(item, type === "custom_tool_call_output", param);
      case "reasoning":
        return this.reasoning(item);
      case "image_generation_call":
        if (typeof item["result"] === "string" && item["result"] !== "")
          this.add("assistant", { type: "image", source: { kind: "base64", mediaType: "image/png", data: item["result"] } });
        return;
      case "additional_tools":
      case "tool_search_output":
        for (const [index, value] of list(item["tools"], `${param}.tools`, ITEMS_MAX).entries()) this.tools.push({ value, param: `${param}.tools[${index}]` });
        if (type === "tool_search_output") this.opaque(item, type);
        return;
      default:
        this.hosted += 1;
        for (const part of readHostedItem(item, optional(item["id"], "string", `${param}.id`) ?? `hosted_${this.hosted}`) ?? []) this.add("assistant", part);
        if (!HOSTED_ITEMS.has(type)) this.opaque(item, type);
    }
  }

  private message(item: Record<string, unknown>, param: string): void {
    const role = text(item["role"], `${param}.role`);
    if (!ROLES.has(role)) throw fault(`"${param}.role" is "${role.slice(0, 60)}", which is none of: user, assistant, system, developer.`, `${param}.role`);
    const parts = decodeContent(item["content"], `${param}.content`);
    if (role === "assistant") for (const part of parts) this.add("assistant", part);
    else this.messages.push({ role: role as Role, parts });
  }

  private call(item: Record<string, unknown>, custom: boolean, param: string): void {
    const id = text(item["call_id"], `${param}.call_id`);
    if (this.calls.has(id)) throw fault(`"${param}.call_id" is the id of an earlier call.`, `${param}.call_id`);
    const name = text(item["name"], `${param}.name`);
    const namespace = optional(item["namespace"], "string", `${param}.namespace`);
    const call: ToolCallPart = {
      type: "tool-call",
      id,
      name: namespace === undefined ? name : joinedName(namespace, name),
      arguments: custom ? text(item["input"], `${param}.input`) : text(item["arguments"], `${param}.arguments`),
      ...(custom ? { custom } : {}),
    };
    this.calls.set(id, call);
    const signature = this.signatures.get(id);
    if (signature !== undefined) call.signature = signature;
    this.add("assistant", call);
  }

  private result(item: Record<string, unknown>, custom: boolean, param: string): void {
    const callId = text(item["call_id"], `${param}.call_id`);
    const call = this.calls.get(callId);
    if (!call && this.complete) throw fault(`No tool call found for the output with call_id "${callId.slice(0, 80)}".`, `${param}.call_id`);
    const parts = decodeOutput(item["output"], `${param}.output`);
    const result: ToolResultPart = { type: "tool-result", callId, ...(call ? { name: call.name } : {}), parts, ...(custom ? { custom } : {}) };
    this.add("tool", result);
  }

  /** Seals of tool calls that came before their call. */
  private readonly signatures = new Map<string, string>();

  private reasoning(item: Record<string, unknown>): void {
    const { part, seal } = readReasoningItem(item);
    if (part) this.add("assistant", part);
    if (seal?.callId === undefined || seal.signature === undefined) return;
    const call = this.calls.get(seal.callId);
    if (call) call.signature = seal.signature;
    else this.signatures.set(seal.callId, seal.signature);
  }

  private opaque(item: Record<string, unknown>, name: string): void {
    const part: Part = { type: "opaque", dialect: "openai-responses", name, value: item };
    if (CALLER_ITEMS.test(name)) this.messages.push({ role: "user", parts: [part] });
    else this.add("assistant", part);
  }

  /** Puts a part into the last message if that is of the same role, else into a new one. */
  private add(role: "assistant" | "tool", part: Part): void {
    const last = this.messages.at(-1);
    if (last?.role === role) last.parts.push(part);
    else this.messages.push({ role, parts: [part] });
  }
}

const HOSTED_ITEMS: ReadonlySet<string> = new Set(["web_search_call", "code_interpreter_call", "file_search_call"]);

/** Tools by their joined name, as encoders look them up. */
export function toolsByName(tools: readonly Tool[] | undefined): Map<string, Tool> {
  return new Map((tools ?? []).flatMap((tool) => ("name" in tool ? [[tool.name, tool] as const] : [])));
}
