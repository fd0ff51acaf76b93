/** Reads a Messages request (SDK: MessageCreateParams) into the simulators' own form, and cuts it into countable segments. */
import { emptyTurn, type Conversation, type ToolChoice, type Turn } from "../../kit/conversation.ts";
import { asList, asNumber, asObject, asText, isObject, textList, type JsonObject } from "../../kit/json.ts";
import { countTokens } from "../../kit/tokens.ts";

/** Tokens each message costs beside its content; the number is ours. */
const PER_MESSAGE = 3;
/** Tokens of a picture of about one megapixel: width × height / 750 (vision guide). */
const IMAGE = 1334;
/** Tokens of a PDF page with its picture (PDF guide: 1,500 to 3,000 a page); every document counts as one page. */
const DOCUMENT = 1500;
/** Thinking tokens with `adaptive`, by output_config.effort, and at most with `enabled`; the numbers are ours. */
const EFFORT: Record<string, number> = { low: 16, medium: 32, high: 64, xhigh: 128, max: 256 };
const ENABLED_MAX = 64;

/** A stretch of the prompt that the cache treats as one. */
export interface Segment {
  text: string;
  tokens: number;
  /** how long to cache the prompt up to here, when a cache_control asks for it */
  cache: "5m" | "1h" | undefined;
}

/** A Messages request, understood. */
export interface MessagesRequest {
  conversation: Conversation;
  /** tools, then system, then messages: the order in which the cache sees them (prompt caching guide) */
  segments: Segment[];
  /** thinking text is left out of the answer (`display: "omitted"`) */
  hideThinking: boolean;
}

function cacheOf(block: JsonObject): Segment["cache"] {
  const control = block["cache_control"];
  if (!isObject(control)) return undefined;
  return control["ttl"] === "1h" ? "1h" : "5m";
}

/** Text a block adds to the prompt, its tokens counted with pictures at their fixed price. */
function segmentOf(block: JsonObject): Segment {
  const { cache_control: _control, ...rest } = block;
  const cache = cacheOf(block);
  if (block["type"] === "text")
    return { text: asText(block["text"]), tokens: countTokens(asText(block["text"])), cache };
  const text = JSON.stringify(rest);
  if (block["type"] === "image") return { text, tokens: IMAGE, cache };
  if (block["type"] === "document") return { text, tokens: DOCUMENT, cache };
  if (block["type"] === "tool_result") {
    const inner = asList(block["content"]).map((part) => segmentOf(asObject(part)).tokens);
    const tokens =
      typeof block["content"] === "string"
        ? countTokens(block["content"])
        : inner.reduce((sum, count) => sum + count, 0);
    return { text, tokens: tokens + PER_MESSAGE, cache };
  }
  return { text, tokens: countTokens(text), cache };
}

const blocksOf = (content: unknown): JsonObject[] =>
  typeof content === "string" ? [{ type: "text", text: content }] : asList(content).map(asObject);

const textOf = (content: unknown): string =>
  typeof content === "string"
    ? content
    : blocksOf(content)
        .map((block) => asText(block["text"]))
        .filter(Boolean)
        .join("\n");

function readTurn(message: JsonObject, callNames: Map<string, string>): Turn {
  const role = message["role"];
  const turn = emptyTurn(role === "assistant" ? "model" : role === "system" ? "system" : "user");
  for (const block of blocksOf(message["content"])) {
    if (block["type"] === "text") turn.text += (turn.text === "" ? "" : "\n") + asText(block["text"]);
    else if (block["type"] === "image") turn.images += 1;
    else if (block["type"] === "tool_use") callNames.set(asText(block["id"]), asText(block["name"]));
    else if (block["type"] === "tool_result")
      turn.results.push({
        name: callNames.get(asText(block["tool_use_id"])) ?? "",
        text: textOf(block["content"]),
      });
  }
  return turn;
}

function readChoice(value: unknown): ToolChoice {
  const choice = asObject(value);
  if (choice["type"] === "none") return { mode: "none", names: [] };
  if (choice["type"] === "any") return { mode: "required", names: [] };
  if (choice["type"] === "tool") return { mode: "required", names: [asText(choice["name"])] };
  return { mode: "auto", names: [] };
}

function thinkingOf(body: JsonObject): number {
  const thinking = asObject(body["thinking"]);
  if (thinking["type"] === "enabled") return Math.min(asNumber(thinking["budget_tokens"]) ?? 0, ENABLED_MAX);
  if (thinking["type"] !== "adaptive") return 0;
  return EFFORT[asText(asObject(body["output_config"])["effort"]) || "high"] ?? 64;
}

/** Takes a Messages body (also count_tokens'); gives it understood. */
export function readMessages(body: JsonObject): MessagesRequest {
  const segments: Segment[] = asList(body["tools"]).map((tool) => segmentOf(asObject(tool)));
  const turns: Turn[] = [];
  const callNames = new Map<string, string>();
  if (body["system"] !== undefined) {
    segments.push(...blocksOf(body["system"]).map(segmentOf));
    turns.push({ ...emptyTurn("system"), text: textOf(body["system"]) });
  }
  for (const message of asList(body["messages"]).map(asObject)) {
    const blocks = blocksOf(message["content"]).map(segmentOf);
    segments.push({ text: asText(message["role"]), tokens: PER_MESSAGE, cache: undefined }, ...blocks);
    turns.push(readTurn(message, callNames));
  }
  // a cache_control on the request itself marks the last block (SDK: MessageCreateParams.cache_control)
  const [last, whole] = [segments.at(-1), cacheOf(body)];
  if (last && whole) last.cache ??= whole;
  const choice = asObject(body["tool_choice"]);
  const format = asObject(asObject(body["output_config"])["format"] ?? body["output_format"]);
  return {
    conversation: {
      model: asText(body["model"]),
      turns,
      tools: asList(body["tools"])
        .map(asObject)
        .filter((tool) => isObject(tool["input_schema"]))
        .map((tool) => ({ name: asText(tool["name"]), schema: asObject(tool["input_schema"]) })),
      toolChoice: readChoice(choice),
      parallelTools: choice["disable_parallel_tool_use"] !== true,
      answerSchema: format["type"] === "json_schema" ? asObject(format["schema"]) : undefined,
      stop: textList(body["stop_sequences"]),
      maxTokens: asNumber(body["max_tokens"]),
      thinkingTokens: thinkingOf(body),
    },
    segments,
    hideThinking: asObject(body["thinking"])["display"] === "omitted",
  };
}
