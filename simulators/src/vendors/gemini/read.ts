/** Reads a GenerateContentRequest into the simulators' own form, and counts its tokens by modality. */
import { emptyTurn, type Conversation, type ToolChoice, type Turn } from "../../kit/conversation.ts";
import { asList, asNumber, asObject, asText, textList, type JsonObject } from "../../kit/json.ts";
import { tokenize } from "../../kit/tokens.ts";
import { thinks } from "./models.ts";

/** Tokens of a picture or a document page (token guide: 258 for each tile or page). */
const IMAGE = 258;
/** Bytes of sound per token: 32 tokens a second (token guide) of 16 kHz, 16-bit mono. */
const SOUND_BYTES_PER_TOKEN = 1000;
/** Tokens of a video: 263 a second (token guide); every video counts as ten seconds. */
const VIDEO = 2630;
/** Thinking tokens without a budget, at most with one, and by level; the numbers are ours. */
const THINKING = 48;
const THINKING_MAX = 128;
const LEVELS: Record<string, number> = { minimal: 0, low: 16, medium: 48, high: 128 };

/** Modalities as `promptTokensDetails` names them (SDK: MediaModality). */
export type Modality = "TEXT" | "IMAGE" | "AUDIO" | "VIDEO" | "DOCUMENT";

/** A request to generate, understood. */
export interface GenerateRequest {
  conversation: Conversation;
  /** the prompt's text tokens in order, for the prompt cache */
  tokens: string[];
  promptTokens: Map<Modality, number>;
  /** thoughts are wanted in the answer, not only counted */
  showThoughts: boolean;
  candidates: number;
}

/** Google's JSON takes both spellings of a field: camelCase and snake_case (proto3 JSON mapping). */
function field(object: JsonObject, name: string): unknown {
  return object[name] ?? object[name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}

interface Counter {
  text: string;
  tokens: Map<Modality, number>;
}

function countMedia(blob: JsonObject, turn: Turn, counter: Counter): void {
  const kind = asText(field(blob, "mimeType")).split("/")[0];
  const bytes = asText(blob["data"]).length * 0.75;
  const add = (modality: Modality, tokens: number): void =>
    void counter.tokens.set(modality, (counter.tokens.get(modality) ?? 0) + tokens);
  if (kind === "audio") {
    turn.sounds += 1;
    add("AUDIO", Math.max(Math.ceil(bytes / SOUND_BYTES_PER_TOKEN), 1));
  } else if (kind === "application" || kind === "text") add("DOCUMENT", IMAGE);
  else {
    turn.images += 1;
    add(kind === "video" ? "VIDEO" : "IMAGE", kind === "video" ? VIDEO : IMAGE);
  }
}

function readTurn(content: JsonObject, role: Turn["role"], counter: Counter): Turn {
  const turn = emptyTurn(role);
  for (const part of asList(content["parts"]).map(asObject)) {
    const media = field(part, "inlineData") ?? field(part, "fileData");
    const result = asObject(field(part, "functionResponse"));
    if (typeof part["text"] === "string") {
      counter.text += `${part["text"]}\n`;
      if (part["thought"] !== true) turn.text += (turn.text === "" ? "" : "\n") + part["text"];
    } else if (media !== undefined) countMedia(asObject(media), turn, counter);
    else if (result["name"] !== undefined) {
      const answer = asObject(result["response"]);
      const value = answer["output"] ?? answer["result"] ?? answer;
      turn.results.push({
        name: asText(result["name"]),
        text: typeof value === "string" ? value : JSON.stringify(value),
      });
      counter.text += `${JSON.stringify(result)}\n`;
    } else if (field(part, "functionCall") !== undefined)
      counter.text += `${JSON.stringify(field(part, "functionCall"))}\n`;
  }
  return turn;
}

function readChoice(body: JsonObject): ToolChoice {
  const config = asObject(field(asObject(field(body, "toolConfig")), "functionCallingConfig"));
  const mode = asText(config["mode"]).toUpperCase();
  const names = asList(field(config, "allowedFunctionNames")).map(asText);
  return {
    mode: mode === "ANY" ? "required" : mode === "NONE" ? "none" : "auto",
    names: mode === "ANY" || mode === "VALIDATED" ? names : [],
  };
}

function thinkingTokens(model: string, config: JsonObject): number {
  if (!thinks(model)) return 0;
  const budget = asNumber(field(config, "thinkingBudget"));
  if (budget !== undefined) return budget < 0 ? THINKING : Math.min(budget, THINKING_MAX);
  return LEVELS[asText(field(config, "thinkingLevel")).toLowerCase()] ?? THINKING;
}

function readSchema(config: JsonObject): JsonObject | undefined {
  if (asText(field(config, "responseMimeType")) !== "application/json") return undefined;
  return asObject(field(config, "responseJsonSchema") ?? field(config, "responseSchema"));
}

/** Takes the model's id and a parsed body; gives it understood. */
export function readGenerate(model: string, body: JsonObject): GenerateRequest {
  const counter: Counter = { text: "", tokens: new Map() };
  const turns: Turn[] = [];
  const declarations = asList(body["tools"]).flatMap((tool) =>
    asList(field(asObject(tool), "functionDeclarations")).map(asObject),
  );
  const system = field(body, "systemInstruction");
  if (system !== undefined) turns.push(readTurn(asObject(system), "system", counter));
  for (const content of asList(body["contents"]).map(asObject))
    turns.push(readTurn(content, content["role"] === "model" ? "model" : "user", counter));
  if (declarations.length > 0) counter.text += JSON.stringify(declarations);
  const tokens = tokenize(counter.text);
  const config = asObject(field(body, "generationConfig"));
  const thinking = asObject(field(config, "thinkingConfig"));
  return {
    conversation: {
      model,
      turns,
      tools: declarations.map((one) => ({
        name: asText(one["name"]),
        schema: asObject(field(one, "parametersJsonSchema") ?? one["parameters"]),
      })),
      toolChoice: readChoice(body),
      parallelTools: true,
      answerSchema: readSchema(config),
      stop: textList(field(config, "stopSequences")),
      maxTokens: asNumber(field(config, "maxOutputTokens")),
      thinkingTokens: thinkingTokens(model, thinking),
    },
    tokens,
    promptTokens: new Map<Modality, number>([["TEXT", tokens.length], ...counter.tokens]),
    showThoughts: field(thinking, "includeThoughts") === true,
    candidates: asNumber(field(config, "candidateCount")) ?? 1,
  };
}
