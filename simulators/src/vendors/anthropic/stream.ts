/** A message as a stream (SDK: RawMessageStreamEvent): each event is an `event:` line, a `data:` line and an empty line. */
import type { Frame } from "../../kit/vendor.ts";
import { blocksOf, stopReason, type MessageAnswer } from "./message-answer.ts";
import { citationOf } from "./search.ts";
import { deltaUsage } from "./usage.ts";

const event = (type: string, rest: string): string => `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;
const other = (type: string, rest: string): Frame => ({ kind: "other", text: event(type, rest) });

function* block(
  index: number,
  start: object,
  deltaStart: string,
  pieces: string[],
  last: string | undefined,
): Generator<Frame> {
  yield other("content_block_start", `,"index":${index},"content_block":${JSON.stringify(start)}`);
  // the API sends a ping after the first block has started
  if (index === 0) yield other("ping", "");
  const head = `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":${deltaStart}`;
  for (const piece of pieces) yield { kind: "content", text: `${head}${JSON.stringify(piece)}}}\n\n` };
  if (last !== undefined)
    yield {
      kind: "other",
      text: `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":${last}}\n\n`,
    };
  yield other("content_block_stop", `,"index":${index}`);
}

function* blockFrames(answer: MessageAnswer): Generator<Frame> {
  const { reply } = answer;
  const calls = [...reply.calls];
  for (const [index, content] of blocksOf(answer).entries()) {
    if (content["type"] === "thinking") {
      const signature = `{"type":"signature_delta","signature":"${answer.signature}"}`;
      const start = { type: "thinking", thinking: "", signature: "" };
      yield* block(
        index,
        start,
        `{"type":"thinking_delta","thinking":`,
        answer.hideThinking ? [] : reply.thinking,
        signature,
      );
    } else if (content["type"] === "text")
      yield* block(
        index,
        { type: "text", text: "", ...(answer.search ? { citations: [] } : {}) },
        `{"type":"text_delta","text":`,
        reply.text,
        answer.search ? JSON.stringify({ type: "citations_delta", citation: citationOf(answer.search) }) : undefined,
      );
    else if (content["type"] === "server_tool_use") yield* block(index, { ...content, input: {} }, `{"type":"input_json_delta","partial_json":`, [JSON.stringify(content["input"])], undefined);
    else if (content["type"] === "web_search_tool_result") yield* block(index, content, "", [], undefined);
    else {
      const pieces = calls.shift()?.pieces ?? [];
      yield* block(
        index,
        { ...content, input: {} },
        `{"type":"input_json_delta","partial_json":`,
        pieces,
        undefined,
      );
    }
  }
}

/** Takes an answer; gives its events. Usage comes at the start and, cumulative, in `message_delta`. */
export function* messageFrames(answer: MessageAnswer): Generator<Frame> {
  const { id, model, reply, startUsage, usage } = answer;
  const message = {
    id,
    type: "message",
    role: "assistant",
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    ...(startUsage ? { usage: startUsage } : {}),
  };
  yield {
    ...other("message_start", `,"message":${JSON.stringify(message)}`),
    ...(startUsage ? { usage: () => startUsage } : {}),
  };
  yield* blockFrames(answer);
  const delta = JSON.stringify({
    stop_reason: stopReason(reply),
    stop_sequence: reply.stopSequence,
    stop_details: null,
    container: null,
  });
  const counted = usage ? `,"usage":${JSON.stringify(deltaUsage(usage))}` : "";
  yield {
    ...other("message_delta", `,"delta":${delta}${counted}`),
    ...(usage ? { usage: () => usage } : {}),
  };
  yield { kind: "end", text: event("message_stop", "") };
}
