/**
 * A generated answer as a stream: server-sent events with `alt=sse`, else one JSON list sent item by item. Every chunk is a
 * whole GenerateContentResponse with the usage so far; the last one carries finishReason. There is no end mark.
 */
import type { JsonObject } from "../../kit/json.ts";
import type { Frame } from "../../kit/vendor.ts";
import { callPart, finishReason, groundedIn, wholeCalls, type GenerateAnswer } from "./generate-answer.ts";

/** Takes an answer and whether to frame it as server-sent events; gives its events. */
export function* generateFrames(answer: GenerateAnswer, sse: boolean): Generator<Frame> {
  const tail = `,"modelVersion":${JSON.stringify(answer.model)},"responseId":"${answer.responseId}"}`;
  let [thought, said, first] = [0, 0, true];

  function chunk(
    kind: Frame["kind"],
    part: string,
    index: number,
    finish: string | undefined,
    tokens: number,
    grounded: JsonObject = {},
  ): Frame {
    const [thoughtNow, saidNow] = [thought, said];
    const usage = answer.usage?.(thoughtNow, saidNow);
    const end = finish === undefined ? "" : `,"finishReason":"${finish}"`;
    const rest = Object.entries(grounded).map(([name, value]) => `,"${name}":${JSON.stringify(value)}`).join("");
    const counted = usage ? `,"usageMetadata":${JSON.stringify(usage)}` : "";
    const json = `{"candidates":[{"content":{"parts":[${part}],"role":"model"}${end},"index":${index}${rest}}]${counted}${tail}`;
    const text = sse ? `data: ${json}\r\n\r\n` : `${first ? "[" : ",\r\n"}${json}`;
    first = false;
    return { kind, text, tokens, ...(usage ? { usage: () => usage } : {}) };
  }

  for (const [index, reply] of answer.replies.entries()) {
    for (const piece of reply.thinking) {
      thought += 1;
      if (answer.showThoughts)
        yield chunk("content", `{"text":${JSON.stringify(piece)},"thought":true}`, index, undefined, 1);
    }
    for (const piece of reply.text) {
      said += 1;
      yield chunk("content", `{"text":${JSON.stringify(piece)}}`, index, undefined, 1);
    }
    for (const [place, call] of wholeCalls(reply).entries()) {
      said += call.pieces.length;
      const part: JsonObject = callPart(answer, reply, call, place);
      yield chunk("content", JSON.stringify(part), index, undefined, call.pieces.length);
    }
    const last = index === answer.replies.length - 1;
    yield chunk(last ? "end" : "other", `{"text":""}`, index, finishReason(reply), 0, groundedIn(answer, reply));
  }
  if (!sse) yield { kind: "other", text: first ? "[]" : "]" };
}
