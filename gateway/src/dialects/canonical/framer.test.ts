import { describe, expect, test } from "bun:test";
import { type Framer, JsonArrayFramer, SseFramer } from "./framer.ts";

/** Constructed streams with every kind of border. */
const SSE = 'data: {"a":"é\\n"}\n\n: ping\n\nevent: x\r\ndata: {"b":1}\r\n\r\ndata: [DONE]\n\n';
const ARRAY = '[{"a":"}\\\\\\"{","b":{"c":[1]}}\n,\r\n{"d":"\\\\"}]';

function events(framer: Framer, chunks: Buffer[]): string[] {
  const found: string[] = [];
  for (const chunk of chunks) {
    const { bytes, ends } = framer.push(chunk);
    let from = 0;
    for (const end of ends) {
      found.push(bytes.toString("utf8", from, end));
      from = end;
    }
  }
  return [...found, framer.rest().toString("utf8")];
}

describe.each([
  ["SSE", SSE, (): Framer => new SseFramer(), 4],
  ["JSON array", ARRAY, (): Framer => new JsonArrayFramer(), 2],
] as const)("S25: %s", (_name, text, make, count) => {
  const all = Buffer.from(text);
  const whole = events(make(), [all]);

  test("cut into its events", () => expect(whole.length - 1).toBe(count));

  test("the same events for every pair of chunk borders, and every byte kept", () => {
    for (let i = 0; i <= all.length; i += 1)
      for (let j = i; j <= all.length; j += 1) {
        const found = events(make(), [all.subarray(0, i), all.subarray(i, j), all.subarray(j)]);
        expect(found).toEqual(whole);
      }
    expect(whole.join("")).toBe(text);
  });

  test("byte by byte", () => {
    expect(events(make(), Array.from(all, (_, i) => all.subarray(i, i + 1)))).toEqual(whole);
  });
});
