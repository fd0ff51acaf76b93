import type { JsonObject } from "./json.ts";

/** A tool as the model sees it. `schema` is JSON Schema, or Google's variant of it with upper-case types. */
export interface Tool {
  name: string;
  schema: JsonObject;
}

/** One turn of the talk, stripped of its vendor's shape. */
export interface Turn {
  role: "system" | "user" | "model" | "tool";
  text: string;
  /** pictures in this turn */
  images: number;
  /** sound clips in this turn */
  sounds: number;
  /** what a tool answered, when this turn carries tool results */
  results: { name: string; text: string }[];
}

/** Whether the model may, must or must not call a tool; `names` limits which. */
export interface ToolChoice {
  mode: "auto" | "none" | "required";
  names: string[];
}

/** What the model is asked, in the simulators' own form. Every vendor's request is read into this. */
export interface Conversation {
  model: string;
  turns: Turn[];
  tools: Tool[];
  toolChoice: ToolChoice;
  /** false: at most one tool call per answer */
  parallelTools: boolean;
  /** the answer must be JSON that satisfies this schema; `{}` allows any JSON object */
  answerSchema: JsonObject | undefined;
  /** texts that end the answer before they appear */
  stop: string[];
  /** most tokens that may be produced, thinking included; undefined: no limit */
  maxTokens: number | undefined;
  /** tokens to think before answering; 0: no thinking */
  thinkingTokens: number;
}

/** Gives an empty turn of a role, to be filled while reading a request. */
export const emptyTurn = (role: Turn["role"]): Turn => ({
  role,
  text: "",
  images: 0,
  sounds: 0,
  results: [],
});
