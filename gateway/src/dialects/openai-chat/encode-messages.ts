import { failureInWords } from "../canonical/failed-result.ts";
import { nothingToAnswer } from "../canonical/nothing-to-answer.ts";
import { audioFeature, type Message, type Part, type ReasoningPart, type TextPart, type ToolCallPart, type ToolResultPart } from "../canonical/parts.ts";
import { callId } from "./call-ids.ts";
import { isPrefix } from "./conflicts.ts";
import { type EncodeState, mediaPart, textContent, userContent } from "./encode-content.ts";
import { textOfHosted } from "./hosted-text.ts";
import { writeDetails } from "./reasoning-details.ts";
import { has } from "./traits.ts";

type Json = Record<string, unknown>;

/**
 * Moonshot refuses a tool turn of its thinking models whose `reasoning_content` is missing or empty; a conversation begun with another vendor has none to give.
 */
const NO_REASONING = " ";
/** What the model says between a tool's result and the user's next words, where the vendor wants that somebody does. */
const BETWEEN: Json = { role: "assistant", content: "Done." };

/** Messages for the target. Tool results hold texts only, so their images follow in a user's message once the turn's results are complete. Throws GatewayError when nothing is said in any. */
export function encodeMessages(messages: Message[], state: EncodeState): Json[] {
  const encoded: Json[] = [];
  let media: Json[] = [];
  const user = (message: Json): void => {
    if (has(state.target, "no-user-after-tool") && encoded.at(-1)?.["role"] === "tool") encoded.push(BETWEEN);
    encoded.push(message);
  };
  const flush = (): void => {
    if (media.length > 0) user({ role: "user", content: media });
    media = [];
  };
  for (const message of messages) {
    if (message.role !== "tool") flush();
    switch (message.role) {
      case "system":
      case "developer":
        encoded.push(named({ role: message.role === "developer" && has(state.target, "no-developer-role") ? "system" : message.role, content: systemContent(message.parts, state) }, message, state));
        break;
      case "user":
        user(named({ role: "user", content: userContent(message.parts, state) }, message, state));
        break;
      case "assistant":
        encoded.push(named(assistant(message.parts, state), message, state));
        for (const part of message.parts) if (part.type === "image") media.push(...shown(part, "The image of the answer above:", state));
        break;
      case "tool":
        for (const part of message.parts) {
          if (part.type !== "tool-result") continue;
          encoded.push(toolResult(part, state));
          for (const inner of part.parts) if (inner.type !== "text") media.push(...shown(inner, `From the result of tool call ${callId(part.callId, state.target)}:`, state));
        }
        break;
    }
  }
  flush();
  const last = encoded.at(-1);
  if (last && has(state.target, "prefix") && isPrefix(last)) last["prefix"] = true;
  if (encoded.every(isEmpty) && !messages.some(({ parts }) => parts.some(({ type }) => type === "text"))) throw nothingToAnswer();
  return encoded;
}

/** Without words, calls or sound; a text that the caller left empty is words. */
const isEmpty = (message: Json): boolean => Object.entries(message).every(([name, value]) => name === "role" || name === "name" || (name === "content" && value === ""));

function named(message: Json, { name }: Message, { target, dropped }: EncodeState): Json {
  if (name === undefined) return message;
  if (!has(target, "no-names")) return { ...message, name };
  dropped.add("messages.name");
  return message;
}

function shown(part: Part, text: string, state: EncodeState): Json[] {
  const wire = mediaPart(part, state);
  return wire ? [{ type: "text", text }, wire] : [];
}

function systemContent(parts: Part[], state: EncodeState): unknown {
  for (const part of parts) if (part.type !== "text") state.dropped.add(`parts.${part.type}`);
  return textContent(parts.filter((part) => part.type === "text"), state);
}

function toolResult(part: ToolResultPart, state: EncodeState): Json {
  const texts = part.parts.filter((inner) => inner.type === "text");
  if (texts.length === 0 && part.parts.length > 0) texts.push({ type: "text", text: "The result follows below." });
  const told = failureInWords({ ...part, parts: texts }).filter((inner) => inner.type === "text");
  return { role: "tool", tool_call_id: callId(part.callId, state.target), content: textContent(told, state) };
}

function assistant(parts: Part[], state: EncodeState): Json {
  const plain = has(state.target, "plain-messages");
  const audio = has(state.target, "no-openai-extras") ? undefined : parts.find((part) => part.type === "audio" && part.id !== undefined);
  for (const part of parts) if (part.type === "audio" && part !== audio && !part.transcript) state.dropped.add(audioFeature(part));
  const texts = parts.flatMap((part): TextPart[] => {
    if (part.type === "text") return [part];
    if (part.type === "refusal" && plain) return [{ type: "text", text: part.text }];
    if (part.type === "hosted-call" || part.type === "hosted-result") {
      const text = textOfHosted(part);
      return text ? [{ type: "text", text }] : [];
    }
    // What was spoken under an id is named by it, to OpenAI; other speech is carried as its words.
    return part.type === "audio" && part !== audio && part.transcript ? [{ type: "text", text: part.transcript }] : [];
  });
  const calls = parts.filter((part) => part.type === "tool-call");
  const refusal = plain ? "" : parts.filter((part) => part.type === "refusal").map((part) => part.text).join("");
  const needsContent = calls.length === 0 && !refusal && !audio;
  const message: Json = { role: "assistant", content: texts.length === 0 && !needsContent ? null : textContent(texts, state) };
  if (refusal) message["refusal"] = refusal;
  if (audio?.type === "audio") message["audio"] = { id: audio.id };
  addReasoning(message, parts.filter((part) => part.type === "reasoning"), calls.length > 0, state);
  if (calls.length > 0) message["tool_calls"] = calls.map((call) => toolCall(call, state));
  return message;
}

function addReasoning(message: Json, reasoning: ReasoningPart[], hasCalls: boolean, { target }: EncodeState): void {
  if (has(target, "reasoning-content") && hasCalls) message["reasoning_content"] = reasoning.map((part) => part.text).join("") || NO_REASONING;
  if (!has(target, "reasoning-details")) return;
  const details = reasoning.flatMap((part, index) => writeDetails(part, index));
  if (details.length > 0) message["reasoning_details"] = details;
}

function toolCall(call: ToolCallPart, { target }: EncodeState): Json {
  if (call.custom) return { id: callId(call.id, target), type: "custom", custom: { name: call.name, input: call.arguments } };
  const signature = has(target, "google-signatures") ? call.signature : undefined;
  return {
    id: callId(call.id, target),
    type: "function",
    function: { name: call.name, arguments: call.arguments || "{}" },
    ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
  };
}
