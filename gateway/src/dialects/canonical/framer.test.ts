import { describe, expect, test } from "bun:test";
import { cpuOf } from "../../testing/cpu.ts";
import { EVENT_BYTES_MAX, EventTooLargeError, type Framer, JsonArrayFramer, SILENT_BYTES_MAX, SseFramer } from "./framer.ts";

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

test("S25: an event of 24 MB in pieces of 4 kB is not copied anew with each of them", () => {
  for (const [framer, begin, end] of [[new SseFramer(), "data: ", "\n\n"], [new JsonArrayFramer(), '[{"a":"', '"}']] as const) {
    const piece = Buffer.alloc(4_096, "x");
    const { value: { bytes, ends }, ms } = cpuOf(() => {
      framer.push(Buffer.from(begin));
      for (let count = 0; count < 6_000; count += 1) framer.push(piece);
      return framer.push(Buffer.from(`${end}tail`));
    });
    // Copied anew each time it took 20 s.
    expect(ms).toBeLessThan(4_000);
    expect([ends, framer.rest().toString()]).toEqual([[begin.length + 6_000 * 4_096 + end.length], "tail"]);
    expect(bytes.subarray(begin.length, begin.length + 6_000 * 4_096).equals(Buffer.alloc(6_000 * 4_096, "x"))).toBe(true);
  }
});

test("S25: bytes of events that were given out stay as they are", () => {
  const framer = new SseFramer();
  const kept: Buffer[] = [];
  const text = Array.from({ length: 40 }, (_, index) => `data: ${String(index).repeat(30_000)}\n\n`).join("");
  for (let at = 0; at < text.length; at += 7_001) {
    const { bytes, ends } = framer.push(Buffer.from(text.slice(at, at + 7_001)));
    let from = 0;
    for (const end of ends) {
      kept.push(bytes.subarray(from, end));
      from = end;
    }
  }
  expect(Buffer.concat(kept).toString()).toBe(text);
});

/** Constructed: what dispatches no event (WHATWG HTML, 9.2.6), and a block that says nothing. */
const SILENCE = ["\n", "\r\n", ": a comment\n\n", ": a comment\r\n\r\n", ":\n:\n\n", "data:\n\n", "a\n\n"];

describe.each(SILENCE)("S25: a stream of %j alone", (unit) => {
  const piece = Buffer.from(unit.repeat(60_000 / unit.length));

  test("is given out in pieces as they come, not line by line", () => {
    const framer = new SseFramer();
    let ends = 0;
    for (let count = 0; count < 20; count += 1) ends += framer.push(piece).ends.length;
    expect(ends).toBe(20);
  });

  test("has a limit, which an event sets back", () => {
    const framer = new SseFramer();
    const pieces = Math.floor(SILENT_BYTES_MAX / piece.length);
    for (let time = 0; time < 2; time += 1) {
      for (let count = 0; count < pieces; count += 1) framer.push(piece);
      expect(framer.push(Buffer.from("data: {}\n\n")).ends).toHaveLength(1);
    }
    for (let count = 0; count < pieces; count += 1) framer.push(piece);
    expect(() => framer.push(piece)).toThrow(EventTooLargeError);
  });

  test("in any pieces, then an event: the event is whole and alone", () => {
    const all = Buffer.from(`${unit.repeat(3)}data: [DONE]\n\n`);
    for (let i = 0; i <= all.length; i += 1)
      for (let j = i; j <= all.length; j += 1) {
        const found = events(new SseFramer(), [all.subarray(0, i), all.subarray(i, j), all.subarray(j)]);
        expect([found.at(-2), found.join("")]).toEqual(["data: [DONE]\n\n", all.toString()]);
      }
  });
});

test("F19: a line without end has a limit", () => {
  const framer = new SseFramer();
  const piece = Buffer.alloc(1024 * 1024, "x");
  for (let bytes = 0; bytes < EVENT_BYTES_MAX; bytes += piece.length) framer.push(piece);
  expect(() => framer.push(piece)).toThrow(EventTooLargeError);
});

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
