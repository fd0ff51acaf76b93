/** Chat as a stream (openai SDK: ChatCompletionChunk): role, content, finish, usage if asked for, `[DONE]`. */
import type { Reply } from "../../kit/brain.ts";
import { asNumber, asObject } from "../../kit/json.ts";
import type { Frame } from "../../kit/vendor.ts";
import { finishReason, type ChatAnswer } from "./chat-answer.ts";
import { logprobsOf } from "./logprobs.ts";

type Delta = { kind: Frame["kind"]; delta: string; piece?: string; finish?: string };

function* callDeltas({ chat, callIds }: ChatAnswer, reply: Reply): Generator<Delta> {
  for (const [index, call] of reply.calls.entries()) {
    const name = JSON.stringify(call.name);
    const [start, end] = chat.legacy
      ? [`{"function_call":{"arguments":`, "}}"]
      : [`{"tool_calls":[{"index":${index},"function":{"arguments":`, "}}]}"];
    yield {
      kind: "other",
      delta: chat.legacy
        ? `{"role":"assistant","content":null,"function_call":{"name":${name},"arguments":""},"refusal":null}`
        : `{${index === 0 ? `"role":"assistant","content":null,"refusal":null,` : ""}"tool_calls":[{"index":${index},"id":"${callIds[index]}","type":"function","function":{"name":${name},"arguments":""}}]}`,
    };
    for (const piece of call.pieces) yield { kind: "content", delta: start + JSON.stringify(piece) + end };
  }
}

function* deltas(answer: ChatAnswer, reply: Reply): Generator<Delta> {
  const { sound } = answer;
  if (reply.calls.length > 0) yield* callDeltas(answer, reply);
  else if (sound) {
    yield { kind: "other", delta: `{"role":"assistant","refusal":null,"audio":{"id":"${sound.id}"}}` };
    for (const piece of reply.text)
      yield { kind: "content", delta: `{"audio":{"transcript":${JSON.stringify(piece)}}}` };
    yield { kind: "other", delta: `{"audio":{"data":"${sound.data}","expires_at":${sound.expires_at}}}` };
  } else {
    yield { kind: "other", delta: `{"role":"assistant","content":"","refusal":null}` };
    for (const piece of reply.text)
      yield { kind: "content", delta: `{"content":${JSON.stringify(piece)}}`, piece };
  }
  yield { kind: "other", delta: "{}", finish: finishReason(reply, answer.chat) };
}

/** Takes several sequences; gives their items in turns, as the choices of a real stream come mixed. */
function* inTurns<T>(sequences: Iterator<T>[]): Generator<{ index: number; item: T }> {
  let running = sequences.map((sequence, index) => ({ sequence, index }));
  while (running.length > 0) {
    const still: typeof running = [];
    for (const entry of running) {
      const next = entry.sequence.next();
      if (next.done) continue;
      yield { index: entry.index, item: next.value };
      still.push(entry);
    }
    running = still;
  }
}

/** Takes a chat answer; gives its events. When usage is asked for, every other chunk carries `"usage":null`. */
export function* chatFrames(answer: ChatAnswer): Generator<Frame> {
  const { id, created, fingerprint, usage, body } = answer;
  const asked = asObject(body["stream_options"])["include_usage"] === true;
  const model = JSON.stringify(answer.chat.conversation.model);
  const head = `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":${model},"service_tier":"default","system_fingerprint":"${fingerprint}","choices":[`;
  const tail = `]${asked ? `,"usage":null` : ""}}\n\n`;
  const withLogprobs = body["logprobs"] === true;
  const alternatives = asNumber(body["top_logprobs"]) ?? 0;
  const choices = answer.replies.map((reply) => deltas(answer, reply));
  for (const { index, item } of inTurns(choices)) {
    const logprobs =
      withLogprobs && item.piece !== undefined
        ? JSON.stringify(logprobsOf([item.piece], alternatives))
        : "null";
    const finish = item.finish === undefined ? "null" : `"${item.finish}"`;
    yield {
      kind: item.kind,
      text: `${head}{"index":${index},"delta":${item.delta},"logprobs":${logprobs},"finish_reason":${finish}}${tail}`,
    };
  }
  if (asked && usage)
    yield { kind: "other", text: `${head}],"usage":${JSON.stringify(usage)}}\n\n`, usage: () => usage };
  yield { kind: "end", text: "data: [DONE]\n\n" };
}
