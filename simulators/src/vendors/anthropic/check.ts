/** What the real API refuses in a Messages request (400, invalid_request_error), with its own words. */
import { asList, asNumber, asObject, asText, isObject, type JsonObject } from "../../kit/json.ts";
import { faultOfBlocks } from "./check-blocks.ts";

/** Smallest thinking budget (extended thinking guide). */
const BUDGET_MIN = 1024;

/** Types of content blocks (SDK: BetaContentBlockParam); of any other the API says that it is none of these. */
const BLOCK_TYPES = (
  "text image document search_result thinking redacted_thinking tool_use tool_result server_tool_use web_search_tool_result " +
  "web_fetch_tool_result advisor_tool_result code_execution_tool_result bash_code_execution_tool_result " +
  "text_editor_code_execution_tool_result tool_search_tool_result mcp_tool_use mcp_tool_result container_upload compaction " +
  "tool_addition tool_removal mcp_tool_listing fallback"
).split(" ");

function blocks(content: unknown[], at: string): string | undefined {
  for (const [index, block] of content.entries()) {
    if (!isObject(block)) return `${at}.${index}: Input should be a valid dictionary`;
    if (!BLOCK_TYPES.includes(asText(block["type"])))
      return `${at}.${index}: Input tag '${asText(block["type"])}' found using 'type' does not match any of the expected tags: ${BLOCK_TYPES.map((type) => `'${type}'`).join(", ")}`;
  }
  return undefined;
}

function thinking(body: JsonObject): string | undefined {
  const wanted = asObject(body["thinking"]);
  const force = asObject(body["tool_choice"])["type"];
  if (wanted["type"] !== "enabled") return undefined;
  const [budget, most] = [asNumber(wanted["budget_tokens"]), asNumber(body["max_tokens"])];
  if (budget === undefined) return "thinking.enabled.budget_tokens: Field required";
  if (budget < BUDGET_MIN)
    return `thinking.enabled.budget_tokens: Input should be greater than or equal to ${BUDGET_MIN}`;
  if (most !== undefined && budget >= most)
    return "`max_tokens` must be greater than `thinking.budget_tokens`.";
  if (force === "any" || force === "tool")
    return "Thinking may not be enabled when tool_choice forces tool use.";
  return undefined;
}

/** Names of the caller's own tools (SDK `Tool.name`; the wording as home-assistant/core#147760 quotes it). Tools of Anthropic's have a type. */
function toolNames(body: JsonObject): string | undefined {
  for (const [index, tool] of asList(body["tools"]).map(asObject).entries())
    if ((tool["type"] ?? "custom") === "custom" && !/^[a-zA-Z0-9_-]{1,128}$/.test(asText(tool["name"])))
      return `tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
  return undefined;
}

/** Takes the parsed body and whether an answer is wanted (not only a count); gives the error text, `undefined` when it is fine. */
export function faultOfMessages(body: JsonObject, answered: boolean): string | undefined {
  if (asText(body["model"]) === "") return "model: Field required";
  const most = asNumber(body["max_tokens"]);
  if (answered && body["max_tokens"] === undefined) return "max_tokens: Field required";
  if (answered && (most === undefined || !Number.isInteger(most) || most < 1))
    return "max_tokens: Input should be greater than or equal to 1";
  const messages = body["messages"];
  if (messages === undefined) return "messages: Field required";
  if (!Array.isArray(messages)) return "messages: Input should be a valid list";
  if (messages.length === 0) return "messages: at least one message is required";
  for (const [index, message] of messages.entries()) {
    const role = asText(asObject(message)["role"]);
    if (!["user", "assistant", "system"].includes(role))
      return `messages.${index}.role: Input should be 'user' or 'assistant'`;
    const content = asObject(message)["content"];
    if (typeof content !== "string" && !Array.isArray(content))
      return `messages.${index}.content: Field required`;
    if (content === "" || (Array.isArray(content) && content.length === 0 && role !== "assistant"))
      return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    const fault = Array.isArray(content) ? blocks(content, `messages.${index}.content`) : undefined;
    if (fault !== undefined) return fault;
  }
  const fault = faultOfBlocks(messages);
  if (fault !== undefined) return fault;
  const temperature = asNumber(body["temperature"]);
  if (temperature === undefined && body["temperature"] !== undefined) return "temperature: Input should be a valid number";
  if (temperature !== undefined && (temperature < 0 || temperature > 1)) return "temperature: range: 0..1";
  return toolNames(body) ?? thinking(body);
}
