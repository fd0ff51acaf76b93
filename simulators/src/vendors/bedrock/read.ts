/** Reads a Converse request (SDK: ConverseRequest) into the simulators' own form, and says what the real API refuses. */
import { emptyTurn, type Conversation, type ToolChoice, type Turn } from "../../kit/conversation.ts";
import { asList, asNumber, asObject, asText, isObject, textList, type JsonObject } from "../../kit/json.ts";
import { tokenize } from "../../kit/tokens.ts";

/** Tokens of a picture or document; the number is ours. */
const MEDIA_TOKENS = 200;
/** Thinking tokens by effort; the numbers are ours. */
const EFFORT: Record<string, number> = { low: 8, medium: 16, high: 32, xhigh: 48, max: 64 };

/** A Converse request, understood. */
export interface ConverseRequest {
  conversation: Conversation;
  tokens: string[];
  promptTokens: number;
  /** tokens before the last cache point, and whether it lives for an hour */
  marked: { tokens: number; hour: boolean } | undefined;
}

/** Takes a body; gives the text of the ValidationException, `undefined` when all is well. */
export function faultOfConverse(body: JsonObject): string | undefined {
  const messages = asList(body["messages"]).map(asObject);
  if (messages.length === 0) return "1 validation error detected: Value at 'messages' failed to satisfy constraint: Member must not be null";
  const tools = asList(asObject(body["toolConfig"])["tools"]);
  const calls = new Set<string>();
  const names = new Set<string>();
  let before = "";
  for (const [place, message] of messages.entries()) {
    const role = asText(message["role"]);
    if (role !== "user" && role !== "assistant") return `Value '${role}' at 'messages.${place}.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]`;
    if (role === before) return "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.";
    if (place === 0 && role !== "user") return "A conversation must start with a user message. Try again with a conversation that starts with a user message.";
    before = role;
    const blocks = asList(message["content"]).map(asObject);
    if (blocks.length === 0) return `The content field in the Message object at messages.${place} is empty. Add a ContentBlock object to the content field and try again.`;
    for (const block of blocks) {
      if (typeof block["text"] === "string" && block["text"].trim() === "") return `The text field in the ContentBlock object at messages.${place}.content is blank. Add text to the text field, and try again.`;
      if (block["toolUse"] !== undefined) {
        const call = asObject(block["toolUse"]);
        if (tools.length === 0) return "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
        if (!isObject(call["input"])) return "The format of the value at messages.content.toolUse.input is invalid. Provide a json object for the field and try again.";
        calls.add(asText(call["toolUseId"]));
      }
      if (block["toolResult"] !== undefined && !calls.has(asText(asObject(block["toolResult"])["toolUseId"]))) return "The number of toolResult blocks exceeds the number of toolUse blocks of previous turn.";
      const document = asObject(block["document"]);
      const name = asText(document["name"]);
      if (block["document"] !== undefined && (!/^[A-Za-z0-9\-()[\] ]+$/.test(name) || / {2}/.test(name))) return "The provided document name is invalid.";
      if (block["document"] !== undefined && names.has(name)) return "Document names must be unique.";
      if (block["document"] !== undefined) names.add(name);
      if (block["document"] !== undefined && !blocks.some((other) => typeof other["text"] === "string")) return "A text block must be included with a document.";
    }
  }
  for (const [place, tool] of tools.map(asObject).entries()) {
    const name = asObject(tool["toolSpec"])["name"];
    if (name !== undefined && !/^[a-zA-Z0-9_-]{1,64}$/.test(asText(name))) return `1 validation error detected: Value '${asText(name)}' at 'toolConfig.tools.${place + 1}.member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`;
  }
  const thinking = asObject(asObject(body["additionalModelRequestFields"])["thinking"]);
  const most = asNumber(asObject(body["inferenceConfig"])["maxTokens"]);
  const budget = asNumber(thinking["budget_tokens"]);
  if (thinking["type"] === "enabled" && (budget === undefined || budget < 1024 || (most !== undefined && budget >= most))) return "`max_tokens` must be greater than `thinking.budget_tokens`.";
  return undefined;
}

function readTurn(message: JsonObject, counter: { text: string; media: number; marked: number | undefined; hour: boolean }, names: Map<string, string>): Turn {
  const turn = emptyTurn(message["role"] === "assistant" ? "model" : "user");
  for (const block of asList(message["content"]).map(asObject)) {
    if (typeof block["text"] === "string") turn.text += (turn.text === "" ? "" : "\n") + block["text"];
    if (block["image"] !== undefined) turn.images += 1;
    if (block["image"] !== undefined || block["document"] !== undefined) counter.media += MEDIA_TOKENS;
    if (block["toolUse"] !== undefined) {
      const call = asObject(block["toolUse"]);
      names.set(asText(call["toolUseId"]), asText(call["name"]));
      counter.text += JSON.stringify(call["input"]);
    }
    if (block["toolResult"] !== undefined) {
      const result = asObject(block["toolResult"]);
      turn.role = "tool";
      turn.results.push({ name: names.get(asText(result["toolUseId"])) ?? "", text: asList(result["content"]).map((one) => asText(asObject(one)["text"])).join("\n") });
      counter.text += JSON.stringify(result["content"]);
    }
    if (block["cachePoint"] !== undefined) {
      counter.marked = tokenize(counter.text + turn.text).length;
      counter.hour = asObject(block["cachePoint"])["ttl"] === "1h";
    }
  }
  counter.text += `${turn.text}\n`;
  return turn;
}

function readChoice(config: JsonObject): ToolChoice {
  const choice = asObject(config["toolChoice"]);
  if (choice["any"] !== undefined) return { mode: "required", names: [] };
  const name = asText(asObject(choice["tool"])["name"]);
  return name === "" ? { mode: "auto", names: [] } : { mode: "required", names: [name] };
}

function thinkingTokens(body: JsonObject): number {
  const fields = asObject(body["additionalModelRequestFields"]);
  const thinking = asObject(fields["thinking"]);
  if (thinking["type"] === "enabled") return 32;
  if (thinking["type"] === "adaptive") return EFFORT[asText(asObject(body["outputConfig"])["effort"]) || "high"] ?? 32;
  return asObject(fields["reasoningConfig"])["type"] === "enabled" ? 16 : 0;
}

/** Takes the model and a checked body; gives it understood. */
export function readConverse(model: string, body: JsonObject): ConverseRequest {
  const counter: Parameters<typeof readTurn>[1] = { text: "", media: 0, marked: undefined, hour: false };
  const names = new Map<string, string>();
  const system = emptyTurn("system");
  for (const block of asList(body["system"]).map(asObject)) {
    system.text += asText(block["text"]);
    if (block["cachePoint"] === undefined) continue;
    counter.marked = tokenize(system.text).length;
    counter.hour = asObject(block["cachePoint"])["ttl"] === "1h";
  }
  counter.text = system.text;
  const turns = [...(system.text === "" ? [] : [system]), ...asList(body["messages"]).map((message) => readTurn(asObject(message), counter, names))];
  const config = asObject(body["toolConfig"]);
  const specs = asList(config["tools"]).map((tool) => asObject(asObject(tool)["toolSpec"])).filter((spec) => asText(spec["name"]) !== "");
  if (specs.length > 0) counter.text += JSON.stringify(specs);
  const inference = asObject(body["inferenceConfig"]);
  const format = asObject(asObject(asObject(body["outputConfig"])["textFormat"])["structure"]);
  const schema = asText(asObject(format["jsonSchema"])["schema"]);
  const tokens = tokenize(counter.text);
  return {
    conversation: {
      model,
      turns,
      tools: specs.map((spec) => ({ name: asText(spec["name"]), schema: asObject(asObject(spec["inputSchema"])["json"]) })),
      toolChoice: readChoice(config),
      parallelTools: true,
      answerSchema: schema === "" ? undefined : asObject(JSON.parse(schema)),
      stop: textList(inference["stopSequences"]),
      maxTokens: asNumber(inference["maxTokens"]),
      thinkingTokens: thinkingTokens(body),
    },
    tokens,
    promptTokens: tokens.length + counter.media,
    marked: counter.marked === undefined ? undefined : { tokens: counter.marked, hour: counter.hour },
  };
}
