import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { packFrame } from "../../../../simulators/src/vendors/bedrock/frames.ts";
import { EVENT_BYTES_MAX, EventTooLargeError } from "../canonical/framer.ts";
import { AwsEventStreamFramer } from "./event-stream.ts";

/** Frames as the simulator makes them, which AWS's own client reads (simulators/src/vendors/bedrock/bedrock.test.ts). */
const frames = (events: readonly [string, unknown][]): Buffer => Buffer.concat(events.map(([name, data]) => packFrame(`${name}\n${JSON.stringify(data)}`)));

function read(stream: Buffer, cuts: readonly number[]): { events: string[]; rest: number } {
  const framer = new AwsEventStreamFramer();
  const events: string[] = [];
  let from = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), stream.length]) {
    const { bytes, ends } = framer.push(stream.subarray(from, cut));
    from = cut;
    let start = 0;
    for (const end of ends) {
      events.push(bytes.toString("utf8", start, end));
      start = end;
    }
    expect(start).toBe(bytes.length);
  }
  return { events, rest: framer.rest().length };
}

describe("AWS event stream", () => {
  test("any split into chunks gives the same events", () => {
    const event = fc.tuple(fc.constantFrom("messageStart", "contentBlockDelta", "metadata"), fc.record({ text: fc.string({ unit: "grapheme" }) }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), fc.array(fc.nat(2_000), { maxLength: 12 }), (events, cuts) => {
        const stream = frames(events);
        const { events: found, rest } = read(stream, cuts.map((cut) => cut % (stream.length + 1)));
        expect(found).toEqual(events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`));
        expect(rest).toBe(0);
      }),
    );
  });

  test("exceptions are told with their type", () => {
    expect(read(frames([["!throttlingException", { message: "Too many" }]]), []).events).toEqual(['event: exception\ndata: {"type":"throttlingException","message":"Too many"}\n\n']);
  });

  test("a flipped bit anywhere is found, and nothing is read after it", () => {
    const stream = frames([["messageStart", { role: "assistant" }], ["contentBlockDelta", { delta: { text: "hello" } }], ["messageStop", {}]]);
    const first = frames([["messageStart", { role: "assistant" }]]).length;
    const second = first + frames([["contentBlockDelta", { delta: { text: "hello" } }]]).length;
    fc.assert(
      fc.property(fc.integer({ min: first, max: second - 1 }), fc.nat(7), (at, bit) => {
        const broken = Buffer.from(stream);
        broken[at] = (broken[at] ?? 0) ^ (1 << bit);
        const { events } = read(broken, [first + 5]);
        expect(events).toHaveLength(2);
        expect(events[1]).toContain("corruptFrame");
      }),
    );
  });

  test("half a frame is kept, a frame beyond all measure is refused", () => {
    const stream = frames([["messageStart", {}]]);
    expect(read(stream.subarray(0, 30), [7])).toEqual({ events: [], rest: 30 });
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(EVENT_BYTES_MAX + 1);
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(Bun.hash.crc32(lengths));
    expect(() => new AwsEventStreamFramer().push(Buffer.concat([lengths, crc]))).toThrow(EventTooLargeError);
  });

  test("any bytes at all: no throw but for size, no hang", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          new AwsEventStreamFramer().push(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(EventTooLargeError);
        }
      }),
    );
  });
});
