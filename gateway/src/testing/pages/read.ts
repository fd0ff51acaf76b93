/** Answers, taken apart. */
import { EventSourceParserStream } from "eventsource-parser/stream";
import type { z } from "zod";

/** A page is not as documented: the text says where. */
export class Fault extends Error {}

/** How much of an answer is shown. */
const SHOWN = 700;
export const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value)).slice(0, SHOWN);

/** The body of an answer: JSON, the events of a stream in one list (`[DONE]` as a text), or text where that is expected. Rejects with Fault. */
export async function bodyOf(contentType: string, bytes: Buffer<ArrayBuffer>, text: RegExp | undefined): Promise<unknown> {
  const said = bytes.toString();
  if (text) {
    if (!text.test(said)) throw new Fault(`the text is another: ${shown(said)}`);
    return said;
  }
  if (contentType.startsWith("text/event-stream")) {
    const events: unknown[] = [];
    for await (const { data } of new Blob([bytes]).stream().pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())) events.push(data === "[DONE]" ? data : JSON.parse(data));
    return events;
  }
  if (!contentType.startsWith("application/json")) throw new Fault(`is ${JSON.stringify(contentType)}, no JSON: ${shown(said)}`);
  return JSON.parse(said);
}

/** Throws Fault for what the shape does not allow. */
export function held(where: string, shape: z.ZodType, value: unknown): void {
  const { error } = shape.safeParse(value);
  if (error) throw new Fault(`${where} is not as documented: ${error.issues.slice(0, 5).map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}; ${shown(value)}`);
}

/** The value at `a.0.b`; undefined where there is none. */
export function member(value: unknown, at: string): unknown {
  let found = value;
  for (const name of at.split(".")) found = typeof found === "object" && found !== null ? (found as Record<string, unknown>)[name] : undefined;
  return found;
}

/** All values at `a[].b`. */
export function all(value: unknown, at: string): unknown[] {
  let found: unknown[] = [value];
  for (const step of at.split(".")) {
    const name = step.replace("[]", "");
    found = found.flatMap((one) => member(one, name) ?? []).flatMap((one) => (step.endsWith("[]") && Array.isArray(one) ? (one as unknown[]) : [one]));
  }
  return found.filter((one) => one !== "");
}
