import type { AnswerFacts } from "./dialect.ts";
import { objectOf, parseJson, textOf } from "./fields.ts";

/** Bytes of the longest usage report that is read; the longest known has about 400. */
const OBJECT_BYTES_MAX = 4_096;
const SPACES = new Set([0x20, 0x0a, 0x0d, 0x09]);

/**
 * The object of a member in an answer that may hold megabytes of numbers, found from its end without reading the rest. Only for answers that repeat no text of
 * the caller's: there a quoted name can only be the member. `quotedName`: with its quotes. Undefined where it is missing or no object.
 */
export function lastObject(body: Buffer, quotedName: string): Record<string, unknown> | undefined {
  const at = body.lastIndexOf(quotedName);
  if (at < 0) return undefined;
  const text = body.toString("utf8", at + quotedName.length, at + quotedName.length + OBJECT_BYTES_MAX);
  const found = /^\s*:\s*(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})/.exec(text)?.[1];
  const value = found === undefined ? undefined : parseJson(found);
  return value === undefined ? undefined : objectOf(value);
}

/** Why such a body is no answer: it holds an error, or lacks its content, or ends too early. Undefined for a good one. `quotedContent`: the member that every answer has. */
export function answerFault(body: Buffer, quotedContent: string): AnswerFacts | undefined {
  const fault = (error: string): AnswerFacts => ({ usage: undefined, deliveredTokens: 0, error });
  if (body.indexOf(quotedContent) < 0) {
    const failure = objectOf(parseJson(body.toString("utf8")))["error"];
    return fault(failure === undefined || failure === null ? `the answer has no ${quotedContent}` : textOf(objectOf(failure)["message"], "an error inside a 200 answer"));
  }
  let end = body.length - 1;
  while (end > 0 && SPACES.has(body[end] as number)) end -= 1;
  return body[end] === 0x7d ? undefined : fault("the answer ends too early");
}
