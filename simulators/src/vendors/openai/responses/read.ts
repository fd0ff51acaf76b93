/** Reads a Responses request (openai SDK: ResponseCreateParams) into the simulators' own form, and counts its tokens. */
import { emptyTurn, type Conversation, type Tool, type ToolChoice, type Turn } from "../../../kit/conversation.ts";
import { asList, asNumber, asObject, asText, type JsonObject } from "../../../kit/json.ts";
import { tokenize } from "../../../kit/tokens.ts";
import { isReasoning } from "../models.ts";
import { EFFORT, IMAGE_HIGH, IMAGE_LOW, PER_ANSWER, PER_MESSAGE } from "../read.ts";

/** What a tool offered here is on the wire. */
export interface OfferedTool {
  kind: "function" | "custom";
  name: string;
  namespace?: string;
}

/** A Responses request, understood. */
export interface ResponsesRequest {
  conversation: Conversation;
  /** by the name the model calls it: the namespace's, then its own */
  offered: Map<string, OfferedTool>;
  /** web search is offered and the prompt speaks of searching */
  searches: boolean;
  tokens: string[];
  inputTokens: number;
}

interface Counter {
  text: string;
  images: number;
}

function readContent(content: unknown, turn: Turn, counter: Counter): void {
  if (typeof content === "string") turn.text += content;
  for (const part of asList(content).map(asObject)) {
    const text = asText(part["text"]) || asText(part["refusal"]);
    if (text !== "") turn.text += (turn.text === "" ? "" : "\n") + text;
    if (part["type"] === "input_image") {
      turn.images += 1;
      counter.images += part["detail"] === "low" ? IMAGE_LOW : IMAGE_HIGH;
    }
  }
  counter.text += `${turn.text}\n`;
}

const ROLES: Record<string, Turn["role"]> = { user: "user", assistant: "model", system: "system", developer: "system" };

function readItems(items: JsonObject[], counter: Counter): Turn[] {
  const turns: Turn[] = [];
  const names = new Map<string, string>();
  for (const item of items) {
    const kind = asText(item["type"]) || "message";
    if (kind === "function_call" || kind === "custom_tool_call") {
      names.set(asText(item["call_id"]), asText(item["name"]));
      counter.text += asText(item["name"]) + (asText(item["arguments"]) || asText(item["input"]));
    } else if (kind === "function_call_output" || kind === "custom_tool_call_output") {
      const turn = emptyTurn("tool");
      readContent(item["output"], turn, counter);
      const last = turns.at(-1);
      const target = last?.role === "tool" ? last : turn;
      if (target !== last) turns.push(target);
      target.results.push({ name: names.get(asText(item["call_id"])) ?? "", text: turn.text });
      target.text = "";
    } else if (kind === "message") {
      const turn = emptyTurn(ROLES[asText(item["role"])] ?? "user");
      readContent(item["content"], turn, counter);
      turns.push(turn);
    }
  }
  return turns;
}

const CUSTOM_SCHEMA = { type: "object", properties: { input: { type: "string" } }, required: ["input"] };

function readTools(values: unknown[], namespace?: string): { tool: Tool; offered: OfferedTool }[] {
  return values.map(asObject).flatMap((tool) => {
    const kind = asText(tool["type"]);
    if (kind === "namespace") return readTools(asList(tool["tools"]), asText(tool["name"]));
    if (kind !== "function" && kind !== "custom") return [];
    const name = asText(tool["name"]);
    const schema = kind === "custom" ? CUSTOM_SCHEMA : asObject(tool["parameters"]);
    return [
      {
        tool: { name: `${namespace ?? ""}${name}`, schema },
        offered: { kind, name, ...(namespace === undefined ? {} : { namespace }) },
      },
    ];
  });
}

function readChoice(choice: unknown, names: (wire: JsonObject) => string[]): ToolChoice {
  if (choice === "none") return { mode: "none", names: [] };
  if (choice === "required") return { mode: "required", names: [] };
  const wire = asObject(choice);
  if (wire["type"] === "function" || wire["type"] === "custom") return { mode: "required", names: names(wire) };
  if (wire["type"] !== "allowed_tools") return { mode: "auto", names: [] };
  return {
    mode: wire["mode"] === "required" ? "required" : "auto",
    names: asList(wire["tools"]).flatMap((tool) => names(asObject(tool))),
  };
}

function readSchema(body: JsonObject): JsonObject | undefined {
  const format = asObject(asObject(body["text"])["format"]);
  if (format["type"] === "json_object") return {};
  return format["type"] === "json_schema" ? asObject(format["schema"]) : undefined;
}

/** Takes a checked body and the items of the whole conversation, earlier turns included; gives the request understood. */
export function readResponses(body: JsonObject, items: JsonObject[]): ResponsesRequest {
  const model = asText(body["model"]);
  const counter: Counter = { text: "", images: 0 };
  const instructions = emptyTurn("system");
  if (typeof body["instructions"] === "string") readContent(body["instructions"], instructions, counter);
  const turns = [...(instructions.text === "" ? [] : [instructions]), ...readItems(items, counter)];
  const values = [
    ...asList(body["tools"]),
    ...items.filter((item) => item["type"] === "additional_tools").flatMap((item) => asList(item["tools"])),
  ];
  if (values.length > 0) counter.text += JSON.stringify(values);
  const tools = readTools(values);
  const format = asObject(body["text"])["format"];
  if (asObject(format)["type"] === "json_schema") counter.text += JSON.stringify(format);
  const tokens = tokenize(counter.text);
  const offered = new Map(tools.map((one) => [one.tool.name, one.offered]));
  const named = (wire: JsonObject): string[] =>
    [...offered].filter(([, tool]) => tool.name === wire["name"]).map(([name]) => name);
  const asked = turns.findLast((turn) => turn.role === "user")?.text ?? "";
  const effort = asText(asObject(body["reasoning"])["effort"]) || "medium";
  return {
    conversation: {
      model,
      turns,
      tools: tools.map((one) => one.tool),
      toolChoice: readChoice(body["tool_choice"], named),
      parallelTools: body["parallel_tool_calls"] !== false,
      answerSchema: readSchema(body),
      stop: [],
      maxTokens: asNumber(body["max_output_tokens"]),
      thinkingTokens: isReasoning(model) ? (EFFORT[effort] ?? EFFORT["medium"] ?? 0) : 0,
    },
    offered,
    searches: values.some((tool) => asText(asObject(tool)["type"]).startsWith("web_search")) && /\bsearch\b/i.test(asked),
    tokens,
    inputTokens: tokens.length + items.length * PER_MESSAGE + PER_ANSWER + counter.images,
  };
}
