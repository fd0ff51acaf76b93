/** What a realtime session remembers: its items, their tokens, and what a response therefore costs. */
import { replyTo, type Reply } from "../../../kit/brain.ts";
import { emptyTurn, type Conversation, type Tool, type Turn } from "../../../kit/conversation.ts";
import { asList, asObject, asText, type JsonObject } from "../../../kit/json.ts";
import { countTokens } from "../../../kit/tokens.ts";

/** One token of the client's sound is 100 ms, one of the model's 50 ms (realtime cost guide); PCM of 24 kHz and 16 bits. */
const BYTES_PER_TOKEN_IN = 4_800;
/** Tokens that are read again come from the cache, in steps (prompt caching guide: 128; 64 for realtime is our number). */
const CACHE_STEP = 64;

/** Tokens by kind. */
export interface Tokens {
  text: number;
  audio: number;
}

/** One item of the conversation with what it costs to read. */
export interface Item extends Tokens {
  id: string;
  raw: JsonObject;
  turn: Turn;
}

const soundTokens = (base64: string): number => (base64 === "" ? 0 : Math.max(Math.ceil((base64.length * 0.75) / BYTES_PER_TOKEN_IN), 1));

/** Takes bytes of the client's sound; gives their tokens. */
export const tokensOfSound = (bytes: number): number => Math.max(Math.ceil(bytes / BYTES_PER_TOKEN_IN), 1);

/** Takes an item as a client sends it, its id, and the names of calls made before; gives it understood. */
export function readItem(raw: JsonObject, id: string, callNames: ReadonlyMap<string, string>): Item {
  const role = raw["role"] === "assistant" ? "model" : raw["role"] === "system" ? "system" : "user";
  const item: Item = { id, raw: { ...raw, id }, turn: emptyTurn(raw["type"] === "function_call_output" ? "tool" : role), text: 0, audio: 0 };
  if (raw["type"] === "function_call_output") item.turn.results.push({ name: callNames.get(asText(raw["call_id"])) ?? "", text: asText(raw["output"]) });
  for (const part of asList(raw["content"]).map(asObject)) {
    const text = asText(part["text"]) || asText(part["transcript"]);
    item.turn.text += (item.turn.text === "" ? "" : "\n") + text;
    if (asText(part["audio"]) !== "") {
      item.turn.sounds += 1;
      item.audio += soundTokens(asText(part["audio"]));
    }
  }
  item.text = countTokens(item.turn.text) + item.turn.results.reduce((sum, result) => sum + countTokens(result.text), 0);
  return item;
}

const toolsOf = (config: JsonObject): Tool[] =>
  asList(config["tools"]).map(asObject).filter((tool) => tool["type"] === "function").map((tool) => ({ name: asText(tool["name"]), schema: asObject(tool["parameters"]) }));

/** Takes the model, its items, the settings in force and the token limit; gives the reply. */
export function replyFor(model: string, items: readonly Item[], config: JsonObject, maxTokens: number | undefined): Reply {
  const system = { ...emptyTurn("system"), text: asText(config["instructions"]) };
  const conversation: Conversation = {
    model,
    turns: [system, ...items.map((item) => item.turn)],
    tools: toolsOf(config),
    toolChoice: { mode: config["tool_choice"] === "none" ? "none" : config["tool_choice"] === "required" ? "required" : "auto", names: [] },
    parallelTools: true,
    answerSchema: undefined,
    stop: [],
    maxTokens,
    thinkingTokens: 0,
  };
  return replyTo(conversation);
}

/** Takes the items, the settings and what the response before has read; gives what this one reads. */
export function promptOf(items: readonly Item[], config: JsonObject): Tokens {
  const tools = asList(config["tools"]);
  const text = countTokens(asText(config["instructions"])) + (tools.length > 0 ? countTokens(JSON.stringify(tools)) : 0);
  return items.reduce((sum, item) => ({ text: sum.text + item.text, audio: sum.audio + item.audio }), { text, audio: 0 });
}

/** Takes what was read, what the response before had read, and what was said; gives the usage (SDK: RealtimeResponseUsage). */
export function usageOf(prompt: Tokens, before: Tokens, said: Tokens): JsonObject {
  const cached = (kind: keyof Tokens): number => Math.floor(Math.min(prompt[kind], before[kind]) / CACHE_STEP) * CACHE_STEP;
  const input = prompt.text + prompt.audio;
  const output = said.text + said.audio;
  return {
    total_tokens: input + output,
    input_tokens: input,
    output_tokens: output,
    input_token_details: {
      text_tokens: prompt.text,
      audio_tokens: prompt.audio,
      image_tokens: 0,
      cached_tokens: cached("text") + cached("audio"),
      cached_tokens_details: { text_tokens: cached("text"), audio_tokens: cached("audio"), image_tokens: 0 },
    },
    output_token_details: { text_tokens: said.text, audio_tokens: said.audio },
  };
}
