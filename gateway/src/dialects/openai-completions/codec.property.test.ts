import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { AnswerContext } from "../canonical/codec.ts";
import { collectStream } from "../canonical/collect-stream.ts";
import { scanJson } from "../canonical/json-scan.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { wireEvent } from "../canonical/wire-event.ts";
import { openaiCompletionsCodec as codec } from "./codec.ts";
import { openaiCompletions } from "./index.ts";

const context: AnswerContext = { id: "0190b2c4-0000-7000-8000-000000000000", model: "m", nowSeconds: 1_700_000_000, request: { model: "m", stream: true, messages: [], includeUsage: true } };
const target = { model: "m", maxOutputTokens: 4_096, reasons: false, traits: new Set<string>() };

const text = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" });
const body = fc.record(
  {
    model: fc.constant("m"),
    prompt: text,
    max_tokens: fc.integer({ min: 1, max: 4_000 }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    top_p: fc.double({ min: 0, max: 1, noNaN: true }),
    n: fc.integer({ min: 1, max: 128 }),
    stop: fc.array(text, { maxLength: 4 }),
    seed: fc.integer(),
    logprobs: fc.integer({ min: 0, max: 5 }),
    presence_penalty: fc.double({ min: -2, max: 2, noNaN: true }),
    frequency_penalty: fc.double({ min: -2, max: 2, noNaN: true }),
    logit_bias: fc.dictionary(fc.stringMatching(/^\d{1,6}$/), fc.double({ min: -100, max: 100, noNaN: true })),
    user: text,
    echo: fc.constant(true),
    suffix: text,
  },
  { requiredKeys: ["model", "prompt", "max_tokens"] },
);
const logprob = fc.record({ token: text, logprob: fc.double({ min: -20, max: -0.001, noNaN: true }) });
const response: fc.Arbitrary<CanonicalResponse> = fc
  .record({
    texts: fc.array(fc.record({ pieces: fc.array(text, { minLength: 1, maxLength: 6 }), finish: fc.constantFrom("stop" as const, "length" as const, "content-filter" as const), logprobs: fc.array(logprob, { minLength: 1, maxLength: 4 }) }), { minLength: 1, maxLength: 3 }),
    input: fc.nat({ max: 5_000 }),
    output: fc.integer({ min: 1, max: 5_000 }),
  })
  .map(({ texts, input, output }) => ({
    id: "cmpl-1",
    model: "m",
    created: 1_700_000_001,
    choices: texts.map(({ pieces, finish, logprobs }, index) => ({ index, parts: [{ type: "text" as const, text: pieces.join("") }], finish, logprobs })),
    usage: { input, output },
  }));

const known = (value: CanonicalResponse): unknown => ({ ...value, usage: { input: value.usage?.input, output: value.usage?.output } });

describe("completions, there and back", () => {
  test("a request keeps all it says", () => {
    fc.assert(fc.property(body, (wire) => expect(codec.encodeRequest(codec.decodeRequest(wire, {}), target)).toEqual({ body: wire, dropped: [] })));
  });

  test("an answer keeps text, ends, log probabilities and usage", () => {
    fc.assert(fc.property(response, (answer) => expect(known(codec.decodeResponse(codec.encodeResponse(answer, context)))).toEqual(known(answer))));
  });

  test("a stream collected is the whole answer, in whatever pieces it comes", () => {
    fc.assert(
      fc.property(response, fc.nat({ max: 5 }), (answer, cut) => {
        const encoder = codec.streamEncoder(context, "sse");
        const parts: StreamPart[] = [{ type: "start", id: answer.id, model: answer.model, created: 1_700_000_001 }];
        for (const { index: choice, parts: [part], finish, logprobs } of answer.choices) {
          const whole = part?.type === "text" ? part.text : "";
          parts.push({ type: "part-start", choice, index: 0, part: { type: "text", text: whole.slice(0, cut) } });
          parts.push({ type: "text-delta", choice, index: 0, text: whole.slice(cut), logprobs: logprobs ?? [] }, { type: "part-end", choice, index: 0 }, { type: "finish", choice, reason: finish });
        }
        parts.push({ type: "usage", usage: answer.usage ?? {} }, { type: "end" });
        const wire = parts.map((part) => encoder.push(part)).join("") + encoder.flush();
        expect(wire.endsWith("data: [DONE]\n\n")).toBe(true);
        const decoder = codec.streamDecoder();
        const events = wire.split(/(?<=\n\n)/).flatMap((event) => wireEvent(event) ?? []);
        expect(known(collectStream([...events.flatMap((event) => decoder.push(event)), ...decoder.flush()]))).toEqual(known(answer));
        const meter = openaiCompletions.meter();
        for (const event of wire.split(/(?<=\n\n)/)) meter.event(Buffer.from(event).toString("latin1"));
        expect(meter.finished()).toBe(true);
        expect(meter.usage(1)).toMatchObject({ usage: { output: answer.usage?.output }, estimated: false });
      }),
    );
  });

  test("a stream that was cut does not close as if it were whole", () => {
    const encoder = codec.streamEncoder(context, "sse");
    encoder.push({ type: "part-start", choice: 0, index: 0, part: { type: "text", text: "a" } });
    expect(encoder.flush()).toBe("");
  });

  test("thinking and calls are no part of a completion", () => {
    const encoder = codec.streamEncoder(context, "sse");
    expect(encoder.push({ type: "part-start", choice: 0, index: 0, part: { type: "reasoning", text: "hm" } }) + encoder.push({ type: "text-delta", choice: 0, index: 0, text: "hm" })).toBe("");
  });
});

describe("whatever comes in", () => {
  const member = fc.oneof(fc.jsonValue(), text, fc.array(fc.jsonValue(), { maxLength: 4 }));
  const anything = fc.record(Object.fromEntries(["model", "prompt", "n", "best_of", "stop", "stream", "logprobs", "max_tokens", "echo", "suffix", "logit_bias", "stream_options", "temperature"].map((name) => [name, member])), { requiredKeys: [] });

  test("a request is read or refused with a 400 that names the field", () => {
    fc.assert(
      fc.property(anything, (wire) => {
        for (const read of [() => openaiCompletions.readRequest(scanJson(Buffer.from(JSON.stringify(wire))), { name: "completions", upstreamPath: "", billable: true }), () => codec.decodeRequest(wire, {})])
          try {
            read();
          } catch (error) {
            if (!(error instanceof GatewayError) || ![400, 404].includes(error.kind.status) || error.param === null) throw error;
          }
      }),
      { numRuns: 500 },
    );
  });

  test("an answer or an event of any kind never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        openaiCompletions.readAnswer(Buffer.from(JSON.stringify(value)));
        codec.decodeResponse({ choices: value });
        const decoder = codec.streamDecoder();
        for (const data of [JSON.stringify(value), JSON.stringify({ choices: [value] }), JSON.stringify({ choices: value, usage: value }), "no JSON"]) decoder.push({ data });
        decoder.flush();
      }),
    );
  });
});
