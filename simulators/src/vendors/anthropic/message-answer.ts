/** A message before it is put on the wire, whole or as a stream. */
import type { Ending, Reply } from "../../kit/brain.ts";
import type { JsonObject } from "../../kit/json.ts";
import { citationOf, type Search, searchBlocks } from "./search.ts";

/** Everything both forms of the answer are made from. */
export interface MessageAnswer {
  id: string;
  model: string;
  reply: Reply;
  callIds: string[];
  /** stands in for the encrypted thinking */
  signature: string;
  hideThinking: boolean;
  /** what was searched before the text */
  search: Search | undefined;
  /** what `message_start` reports; `undefined` when a fault hides usage */
  startUsage: JsonObject | undefined;
  usage: JsonObject | undefined;
}

const REASONS: Record<Ending, string> = {
  stop: "end_turn",
  length: "max_tokens",
  stop_sequence: "stop_sequence",
  tool_calls: "tool_use",
};

/** Takes a reply; gives its stop_reason (SDK: StopReason). */
export const stopReason = (reply: Reply): string => REASONS[reply.ending];

/** Takes an answer; gives its content blocks: thinking, a search, text, tool use. */
export function blocksOf({ reply, callIds, signature, hideThinking, search }: MessageAnswer): JsonObject[] {
  const blocks: JsonObject[] = [];
  if (reply.thinking.length > 0)
    blocks.push({ type: "thinking", thinking: hideThinking ? "" : reply.thinking.join(""), signature });
  if (search) blocks.push(...searchBlocks(search));
  if (reply.text.length > 0) blocks.push({ type: "text", text: reply.text.join(""), ...(search ? { citations: [citationOf(search)] } : {}) });
  for (const [index, call] of reply.calls.entries())
    blocks.push({
      type: "tool_use",
      id: callIds[index],
      name: call.name,
      input: call.input,
      caller: { type: "direct" },
    });
  return blocks;
}
