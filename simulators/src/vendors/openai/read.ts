/** Reads a chat request (openai SDK: ChatCompletionCreateParams) into the simulators' own form, and counts its tokens. */
import {
  emptyTurn,
  type Conversation,
  type Tool,
  type ToolChoice,
  type Turn,
} from "../../kit/conversation.ts";
import { asList, asNumber, asObject, asText, textList, type JsonObject } from "../../kit/json.ts";
import { tokenize } from "../../kit/tokens.ts";
import { isReasoning } from "./models.ts";

/** Tokens each message, and each answer to come, costs beside its text (OpenAI cookbook, "How to count tokens"). */
export const PER_MESSAGE = 4;
export const PER_ANSWER = 3;
/** Tokens of a picture: 85 with detail low, 765 for a 1024 × 1024 picture otherwise (vision guide). */
export const IMAGE_LOW = 85;
export const IMAGE_HIGH = 765;
/** Bytes of sound per token: ten tokens a second of 16 kHz, 16-bit mono. */
export const SOUND_BYTES_PER_TOKEN = 3200;
/** Thinking tokens by reasoning_effort; the numbers are ours. */
export const EFFORT: Record<string, number> = { none: 0, minimal: 8, low: 32, medium: 96, high: 256, xhigh: 512 };

/** A chat request, understood. */
export interface ChatRequest {
  conversation: Conversation;
  /** the prompt's text tokens in order, for the prompt cache */
  tokens: string[];
  promptTokens: number;
  audioTokens: number;
  /** legacy `functions` were sent instead of `tools` */
  legacy: boolean;
  /** `tool_choice` or `function_call` named one function */
  named: boolean;
  /** sound is wanted as well as text */
  speaks: boolean;
}

interface Counter {
  text: string;
  images: number;
  audio: number;
}

function readParts(content: unknown, turn: Turn, counter: Counter): void {
  if (typeof content === "string") turn.text += content;
  for (const part of asList(content).map(asObject)) {
    if (part["type"] === "text") turn.text += (turn.text === "" ? "" : "\n") + asText(part["text"]);
    else if (part["type"] === "image_url") {
      turn.images += 1;
      counter.images += asObject(part["image_url"])["detail"] === "low" ? IMAGE_LOW : IMAGE_HIGH;
    } else if (part["type"] === "input_audio") {
      turn.sounds += 1;
      const bytes = asText(asObject(part["input_audio"])["data"]).length * 0.75;
      counter.audio += Math.max(Math.ceil(bytes / SOUND_BYTES_PER_TOKEN), 1);
    }
  }
  counter.text += `${turn.text}\n`;
}

function readMessages(messages: JsonObject[], counter: Counter): Turn[] {
  const turns: Turn[] = [];
  const callNames = new Map<string, string>();
  for (const message of messages) {
    const role = asText(message["role"]);
    const turn = emptyTurn(
      role === "user"
        ? "user"
        : role === "assistant"
          ? "model"
          : role === "tool" || role === "function"
            ? "tool"
            : "system",
    );
    readParts(message["content"], turn, counter);
    for (const call of asList(message["tool_calls"]).map(asObject)) {
      callNames.set(asText(call["id"]), asText(asObject(call["function"])["name"]));
      counter.text += JSON.stringify(call["function"] ?? call);
    }
    if (turn.role !== "tool") {
      turns.push(turn);
      continue;
    }
    const name = asText(message["name"]) || (callNames.get(asText(message["tool_call_id"])) ?? "");
    const last = turns.at(-1);
    const target = last?.role === "tool" ? last : emptyTurn("tool");
    if (target !== last) turns.push(target);
    target.results.push({ name, text: turn.text });
  }
  return turns;
}

function readTools(body: JsonObject): Tool[] {
  const functions = [
    ...asList(body["tools"]).map((tool) => asObject(asObject(tool)["function"])),
    ...asList(body["functions"]).map(asObject),
  ];
  return functions
    .filter((one) => asText(one["name"]) !== "")
    .map((one) => ({ name: asText(one["name"]), schema: asObject(one["parameters"]) }));
}

function readChoice(body: JsonObject): ToolChoice {
  const choice = body["tool_choice"] ?? body["function_call"];
  if (choice === "none") return { mode: "none", names: [] };
  if (choice === "required") return { mode: "required", names: [] };
  const named = asText(asObject(asObject(choice)["function"])["name"]) || asText(asObject(choice)["name"]);
  if (named !== "") return { mode: "required", names: [named] };
  const allowed = asObject(asObject(choice)["allowed_tools"]);
  const names = asList(allowed["tools"]).map(
    (tool) => asText(asObject(asObject(tool)["function"])["name"]) || asText(asObject(tool)["name"]),
  );
  return { mode: allowed["mode"] === "required" ? "required" : "auto", names };
}

function readSchema(format: JsonObject): JsonObject | undefined {
  if (format["type"] === "json_object") return {};
  if (format["type"] !== "json_schema") return undefined;
  const schema = asObject(asObject(format["json_schema"])["schema"]);
  return Object.keys(schema).length === 0 ? {} : schema;
}

/** Takes a checked chat body; gives it understood. */
export function readChat(body: JsonObject): ChatRequest {
  const model = asText(body["model"]);
  const counter: Counter = { text: "", images: 0, audio: 0 };
  const messages = asList(body["messages"]).map(asObject);
  const turns = readMessages(messages, counter);
  for (const extra of ["tools", "functions"]) if (body[extra]) counter.text += JSON.stringify(body[extra]);
  const format = asObject(body["response_format"]);
  if (format["type"] === "json_schema") counter.text += JSON.stringify(format["json_schema"]);
  const tokens = tokenize(counter.text);
  const choice = readChoice(body);
  const effort = asText(body["reasoning_effort"]) || "medium";
  const speaks = asList(body["modalities"]).includes("audio");
  return {
    conversation: {
      model,
      turns,
      tools: readTools(body),
      toolChoice: choice,
      parallelTools: body["parallel_tool_calls"] !== false && asList(body["functions"]).length === 0,
      answerSchema: readSchema(format),
      stop: textList(body["stop"]),
      maxTokens: asNumber(body["max_completion_tokens"]) ?? asNumber(body["max_tokens"]),
      thinkingTokens: isReasoning(model) ? (EFFORT[effort] ?? 96) : 0,
    },
    tokens,
    promptTokens: tokens.length + messages.length * PER_MESSAGE + PER_ANSWER + counter.images + counter.audio,
    audioTokens: counter.audio,
    legacy: asList(body["functions"]).length > 0,
    named: choice.mode === "required" && choice.names.length === 1,
    speaks,
  };
}
