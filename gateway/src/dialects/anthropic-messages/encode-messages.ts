import { GatewayError } from "../../errors/gateway-error.ts";
import { nothingToAnswer } from "../canonical/nothing-to-answer.ts";
import type { Message, TextPart } from "../canonical/parts.ts";
import { CallIds } from "./call-ids.ts";
import type { DroppedFeatures } from "../canonical/dropped-features.ts";
import { type BlockWriter, writePart } from "./encode-blocks.ts";

type Words = Record<string, unknown>;

interface Turn {
  role: "user" | "assistant" | "system";
  blocks: Words[];
}

/** A conversation in Anthropic's form: `system`, and turns that alternate. */
export interface Conversation {
  system: Words[];
  messages: { role: string; content: string | Words[] }[];
  /** the turn that is going on (its tools have just answered) has tool calls but no thinking before them */
  unthought: boolean;
}

/**
 * Messages as Anthropic takes them: leading system messages apart, consecutive messages of one role merged, tool results first in their message. `systemMessages`: the model takes
 * system messages within the conversation; for others they join the leading ones, which keeps their authority at the price of their place. Throws GatewayError when
 * nothing remains to be answered or a tool result has no call.
 */
export function encodeMessages(messages: readonly Message[], systemMessages: boolean, dropped: DroppedFeatures): Conversation {
  const writer: BlockWriter = { ids: new CallIds(), dropped, hosted: new Map() };
  const system: Words[] = [];
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.name !== undefined) dropped.add("messages.name", "name");
    if (message.role === "system" || message.role === "developer") {
      const blocks = systemBlocks(message, writer);
      if (turns.length === 0 || !systemMessages) for (const block of blocks) system.push(block);
      else if (blocks.length > 0) append(turns, "system", blocks);
      continue;
    }
    const role = message.role === "assistant" ? "assistant" : "user";
    const blocks = message.parts.flatMap((part) => {
      if (part.type === "tool-result" && !writer.ids.has(part.callId))
        throw new GatewayError("invalidRequest", { publicText: `The tool result "${part.callId}" has no tool call before it.`, param: "messages" });
      return writePart(part, role, writer);
    });
    if (blocks.length > 0) append(turns, role, blocks);
  }
  const placed = placeSystemTurns(turns, system);
  // A conversation of instructions only: the API wants somebody to speak.
  if (placed.length === 0 && system.length > 0) return { system: [], messages: [{ role: "user", content: shorten(system) }], unthought: false };
  if (placed.length === 0) throw nothingToAnswer();
  trimEnd(placed);
  return { system, messages: placed.map(({ role, blocks }) => ({ role, content: shorten(resultsFirst(blocks)) })), unthought: isUnthought(placed) };
}

function append(turns: Turn[], role: Turn["role"], blocks: Words[]): void {
  const last = turns.at(-1);
  if (last?.role !== role) turns.push({ role, blocks: [...blocks] });
  else for (const block of blocks) last.blocks.push(block);
}

/** Tool results stand first in their message, or the vendor refuses it. */
function resultsFirst(blocks: Words[]): Words[] {
  const results = blocks.filter(isResult);
  return results.length === 0 || results.length === blocks.length ? blocks : [...results, ...blocks.filter((block) => !isResult(block))];
}

const isResult = (block: Words): boolean => block["type"] === "tool_result";

function systemBlocks(message: Message, writer: BlockWriter): Words[] {
  return message.parts.flatMap((part) => {
    if (part.type === "text") return writePart({ ...part, citations: [] } satisfies TextPart, "user", writer);
    writer.dropped.add(`parts.${part.type}`);
    return [];
  });
}

/**
 * System messages where the vendor allows them: right behind a user turn, and before an assistant's or at the end
 * (https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages). One before a user turn moves behind it; one that has no place joins the leading ones.
 */
function placeSystemTurns(turns: readonly Turn[], system: Words[]): Turn[] {
  const placed: Turn[] = [];
  let waiting: Words[] = [];
  const settle = (): void => {
    if (waiting.length === 0) return;
    if (placed.at(-1)?.role === "user") placed.push({ role: "system", blocks: waiting });
    else for (const block of waiting) system.push(block);
    waiting = [];
  };
  for (const turn of turns) {
    if (turn.role === "system") {
      for (const block of turn.blocks) waiting.push(block);
      continue;
    }
    if (turn.role === "assistant") settle();
    append(placed, turn.role, turn.blocks);
  }
  settle();
  return placed;
}

/** "final assistant content cannot end with trailing whitespace": a turn to be continued. */
function trimEnd(turns: Turn[]): void {
  const turn = turns.at(-1);
  const last = turn?.blocks.at(-1);
  if (!turn || turn.role !== "assistant" || last?.["type"] !== "text") return;
  const text = String(last["text"]).trimEnd();
  turn.blocks = text === "" ? turn.blocks.slice(0, -1) : [...turn.blocks.slice(0, -1), { ...last, text }];
  if (turn.blocks.length === 0) turns.pop();
}

/** One plain text goes as a text, which every server of this dialect reads. */
function shorten(blocks: Words[]): string | Words[] {
  const [first] = blocks;
  return blocks.length === 1 && first?.["type"] === "text" && Object.keys(first).length === 2 ? String(first["text"]) : blocks;
}

/** With a thinking budget the vendor demands that an assistant turn whose tools just answered begins with its thinking. */
function isUnthought(turns: readonly Turn[]): boolean {
  const answers = turns.findLast((turn) => turn.role !== "system");
  if (!answers?.blocks.some(isResult)) return false;
  const asked = turns.findLast((turn) => turn.role === "assistant");
  return asked !== undefined && !String(asked.blocks[0]?.["type"]).endsWith("thinking");
}
