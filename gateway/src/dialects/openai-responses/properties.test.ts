import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../errors/gateway-error.ts";
import { formatInstruction } from "../canonical/format-in-words.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import type { StreamPart, WireEvent } from "../canonical/stream.ts";
import { openaiResponsesCodec as codec } from "./codec.ts";
import { answers, assembled, contextOf, requests, streamOf, TARGET } from "./testing/arbitraries.ts";

const REQUEST = { model: "m", stream: true, messages: [] };

/** SSE text as the framer would give it. */
function events(text: string): WireEvent[] {
  return text.split("\n\n").filter((block) => block !== "" && !block.startsWith(":")).map((block) => {
    const [event = "", data = ""] = block.split("\n");
    return { event: event.slice("event: ".length), data: data.slice("data: ".length) };
  });
}

function encoded(response: CanonicalResponse): WireEvent[] {
  const encoder = codec.streamEncoder(contextOf(REQUEST), "sse");
  return events(streamOf(response).map((part) => encoder.push(part)).join("") + encoder.flush());
}

function decoded(wire: readonly WireEvent[]): StreamPart[] {
  const decoder = codec.streamDecoder();
  return [...wire.flatMap((event) => decoder.push(event)), ...decoder.flush()];
}

/** The seal of a tool call is told by the item after it, so a stream gives it as thinking too late to join: only whole answers join it. */
const joined = (response: CanonicalResponse): CanonicalResponse => ({
  ...response,
  choices: response.choices.map((choice) => ({ ...choice, parts: choice.parts.map((part) => (part.type === "tool-call" ? (({ signature: _signature, ...rest }) => rest)(part) : part)) })),
});

describe("round trips", () => {
  test("a request within what Responses can say", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const { body, dropped } = codec.encodeRequest(request, TARGET);
        expect(dropped).toEqual([]);
        const { fields: _fields, ...back } = codec.decodeRequest(JSON.parse(JSON.stringify(body)), {});
        // JSON mode brings a message of ours along.
        const ours = JSON.stringify({ role: "developer", parts: [{ type: "text", text: formatInstruction({ type: "json" }) }] });
        expect({ ...back, messages: back.messages.filter((message) => JSON.stringify(message) !== ours) } as unknown).toEqual(request);
      }),
      { numRuns: 300 },
    );
  });

  test("a whole answer", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const wire = codec.encodeResponse(answer, contextOf(REQUEST));
        expect(codec.decodeResponse(JSON.parse(JSON.stringify(wire)))).toEqual(answer);
      }),
      { numRuns: 300 },
    );
  });

  test("S06, S08: an answer as a stream is the whole answer, with the same items under the same ids", () => {
    fc.assert(
      fc.property(answers, (answer) => {
        const wire = encoded(answer);
        expect(assembled(decoded(wire))).toEqual(joined(answer));
        const last = JSON.parse(wire.at(-1)?.data ?? "{}").response;
        const whole = JSON.parse(JSON.stringify(codec.encodeResponse(answer, contextOf(REQUEST))));
        const ids = (response: { output: { id: string }[] }): string[] => response.output.map((item) => item.id);
        expect(ids(last)).toEqual(ids(whole));
        expect(codec.decodeResponse(last)).toEqual(answer);
        expect(wire.map((event) => JSON.parse(event.data).sequence_number)).toEqual(wire.map((_, index) => index));
        expect(wire.every((event) => event.event === JSON.parse(event.data).type)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

/** Values at random places of a valid value become other values. */
function mutated(value: unknown): fc.Arbitrary<unknown> {
  const text = JSON.stringify(value);
  return fc.array(fc.tuple(fc.nat(400), fc.constantFrom("null", "1", '""', "[]", "{}", "true", '{"toString":1}', '"x"', "-1", "[[]]")), { minLength: 1, maxLength: 3 }).map((changes) => {
    let count = 0;
    return JSON.parse(text, (_key, one: unknown) => {
      count += 1;
      const change = changes.find(([at]) => at === count);
      return change ? JSON.parse(change[1]) : one;
    });
  });
}

const OBJECTS = fc.dictionary(fc.constantFrom("model", "input", "type", "role", "content", "output", "tools", "text", "id", "call_id", "item", "response", "status", "delta", "output_index", "action", "summary", "name", "usage", "error"), fc.jsonValue({ maxDepth: 4 }));

describe("fuzz", () => {
  test("a request of any shape is read, or refused with a 400", () => {
    const read = (body: unknown): void => {
      if (typeof body !== "object" || body === null || Array.isArray(body)) return;
      try {
        codec.decodeRequest(body as Record<string, unknown>, {});
      } catch (error) {
        expect(error, String(error)).toBeInstanceOf(GatewayError);
        expect((error as GatewayError).kind.status).toBe(400);
        expect((error as GatewayError).publicText.length).toBeLessThan(600);
      }
    };
    fc.assert(fc.property(OBJECTS, read), { numRuns: 500 });
    fc.assert(fc.property(requests.chain((request) => mutated(codec.encodeRequest(request, TARGET).body)), read), { numRuns: 500 });
  });

  test("an answer of any shape is read", () => {
    fc.assert(fc.property(OBJECTS, (body) => void codec.decodeResponse(body)), { numRuns: 500 });
    fc.assert(fc.property(answers.chain((answer) => mutated(codec.encodeResponse(answer, contextOf(REQUEST)))), (body) => void codec.decodeResponse(body as never)), { numRuns: 500 });
  });

  test("a stream of any shape is read, and gives no more parts than a few per event", () => {
    const feed = (data: string[], name?: string): void => {
      const decoder = codec.streamDecoder();
      let out = 0;
      for (const one of data) out += decoder.push({ data: one, ...(name === undefined ? {} : { event: name }) }).length;
      decoder.flush();
      expect(out).toBeLessThan(60 * data.length + 60);
    };
    const names = fc.constantFrom("response.output_item.done", "response.output_item.added", "response.completed", "response.output_text.delta", "response.content_part.done", "error", "response.failed");
    fc.assert(fc.property(fc.array(OBJECTS, { maxLength: 10 }), names, (list, name) => feed(list.map((one) => JSON.stringify(one)), name)), { numRuns: 500 });
    fc.assert(fc.property(fc.array(fc.string(), { maxLength: 5 }), (list) => feed(list)), { numRuns: 200 });
    const broken = answers.chain((answer) => fc.tuple(...encoded(answer).slice(0, 40).map((event) => fc.oneof({ weight: 5, arbitrary: fc.constant(event.data) }, { weight: 1, arbitrary: mutated(JSON.parse(event.data)).map((one) => JSON.stringify(one)) }))));
    fc.assert(fc.property(broken, (list) => feed(list)), { numRuns: 200 });
  });

  test("any order of canonical parts is written as events that the accumulator's rules allow", () => {
    const parts = fc.array(answers.map(streamOf).chain((list) => fc.shuffledSubarray(list)), { maxLength: 2 }).map((lists) => lists.flat());
    fc.assert(
      fc.property(parts, (list) => {
        const encoder = codec.streamEncoder(contextOf(REQUEST), "sse");
        const wire = events(list.map((part) => encoder.push(part)).join("") + encoder.flush());
        expect(wire[0]?.event).toBe("response.created");
        expect(wire.filter((event) => /^response\.(completed|incomplete|failed)$/.test(event.event ?? "")).length).toBe(1);
      }),
      { numRuns: 200 },
    );
  });

  test("a value nested a hundred thousand deep breaks nothing", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const decoder = codec.streamDecoder();
    decoder.push({ data: `{"type":"response.output_item.done","output_index":0,"item":{"type":"web_search_call","action":{"type":"search","query":"q","x":${deep}}}}` });
    const small = "[".repeat(3_900) + "]".repeat(3_900);
    expect(codec.streamDecoder().push({ data: `{"type":"response.output_item.done","item":{"type":"web_search_call","action":{"x":${small}}}}` })).toMatchObject([{ type: "start" }, { type: "part-start" }, { type: "part-end" }]);
    expect(() => codec.decodeRequest({ model: "m", input: "hi", tools: [{ type: "function", name: "f", parameters: JSON.parse(`{"a":${"[".repeat(2_000)}${"]".repeat(2_000)}}`) }] }, {})).toThrow("nested too deeply");
  });
});
