import { expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../errors/gateway-error.ts";
import { collectStream } from "../canonical/collect-stream.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import type { StreamPart, WireEvent } from "../canonical/stream.ts";
import { geminiCodec } from "./codec.ts";
import { streamOf } from "./testing/stream-of.ts";
import { clean, contextOf, requestArbitrary, responseArbitrary, TARGET } from "./testing/arbitraries.ts";

const RUNS = { numRuns: 120 };

/** Neighbours of one role are one content on the wire; names of the caller's fields are for reports only. */
function normalRequest(request: CanonicalRequest): CanonicalRequest {
  const { fields: _fields, ...rest } = request;
  const messages: CanonicalRequest["messages"] = [];
  for (const message of rest.messages) {
    const last = messages.at(-1);
    if (last?.role === message.role) last.parts.push(...message.parts);
    else messages.push({ ...message, parts: [...message.parts] });
  }
  return clean({ ...rest, messages });
}

/** Ids of searches are made by the decoder, order of citations is by place, and zero counts are as good as none. */
function normalResponse(response: CanonicalResponse): CanonicalResponse {
  const copy = clean(response);
  for (const choice of copy.choices)
    for (const part of choice.parts) {
      if (part.type === "hosted-call" && part.tool === "web-search") part.id = "s";
      if (part.type === "hosted-result" && part.tool === "web-search") part.callId = "s";
      if (part.type === "text") part.citations?.sort((a, b) => JSON.stringify([a.start, a.end, a.url]).localeCompare(JSON.stringify([b.start, b.end, b.url])));
    }
  if (copy.usage) copy.usage = Object.fromEntries(Object.entries(copy.usage).filter(([, count]) => count > 0));
  return copy;
}

test("a request survives the way to the wire and back", () => {
  fc.assert(
    fc.property(requestArbitrary, (request) => {
      const { body, dropped } = geminiCodec.encodeRequest(request, TARGET);
      expect(dropped).toEqual([]);
      const back = geminiCodec.decodeRequest(clean(body), { model: request.model, stream: request.stream });
      expect(normalRequest(back)).toEqual(normalRequest(request));
    }),
    RUNS,
  );
});

test("a request in snake_case reads the same", () => {
  fc.assert(
    fc.property(requestArbitrary, (request) => {
      const { body } = geminiCodec.encodeRequest({ ...request, tools: [], toolChoice: { mode: "auto" } }, TARGET);
      const names = ["generationConfig", "systemInstruction", "toolConfig", "inlineData", "mimeType", "fileData", "fileUri", "functionCall", "functionResponse", "thoughtSignature", "maxOutputTokens", "topP", "topK"];
      let text = JSON.stringify(body);
      for (const name of names) text = text.replaceAll(`"${name}":`, `"${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}":`);
      const strip = (value: CanonicalRequest): CanonicalRequest => ({ ...normalRequest(value) });
      const [camel, snake] = [clean(body), JSON.parse(text) as Record<string, unknown>].map((wire) => strip(geminiCodec.decodeRequest(wire, { model: "m" })));
      expect(snake).toEqual(camel as CanonicalRequest);
    }),
    { numRuns: 40 },
  );
});

test("an answer survives the way to the wire and back", () => {
  fc.assert(
    fc.property(responseArbitrary, (response) => {
      const wire = geminiCodec.encodeResponse(response, contextOf());
      expect(normalResponse(geminiCodec.decodeResponse(clean(wire)))).toEqual(normalResponse(response));
    }),
    RUNS,
  );
});

const decodeAll = (events: WireEvent[]): StreamPart[] => {
  const decoder = geminiCodec.streamDecoder();
  return [...events.flatMap((event) => decoder.push(event)), ...decoder.flush()];
};

/** Cuts what an encoder wrote into events: blocks of SSE, or the elements of the list. */
function eventsOf(text: string, framing: "sse" | "json-array"): WireEvent[] {
  if (framing === "json-array") return (JSON.parse(text) as unknown[]).map((value) => ({ data: JSON.stringify(value) }));
  return text.split("\n\n").filter((block) => block !== "").map((block) => ({ data: block.replace(/^data: /, "") }));
}

test("an answer as a stream reads like the whole answer, in both framings", () => {
  fc.assert(
    fc.property(responseArbitrary, fc.constantFrom("sse" as const, "json-array" as const), fc.integer({ min: 1, max: 4 }), (response, framing, size) => {
      const encoder = geminiCodec.streamEncoder(contextOf(), framing);
      let text = "";
      for (const part of streamOf(response, size)) text += encoder.push(part);
      text += encoder.flush();
      const streamed = collectStream(decodeAll(eventsOf(text, framing)));
      const whole = geminiCodec.decodeResponse(clean(geminiCodec.encodeResponse(response, contextOf())));
      // The tier is told with the usage, which a stream tells last.
      const { serviceTier: _tier, ...rest } = normalResponse(whole);
      const { serviceTier: _told, ...got } = normalResponse(streamed);
      expect(got).toEqual(rest);
    }),
    RUNS,
  );
});

const anyJson = fc.jsonValue({ maxDepth: 4 });

/** Valid values with one member somewhere replaced by anything. */
function mutated(source: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(source, fc.nat(200), anyJson).map(([value, at, other]) => {
    const copy = clean(value);
    const places: { holder: Record<string, unknown>; name: string }[] = [];
    const walk = (holder: unknown): void => {
      if (typeof holder !== "object" || holder === null) return;
      for (const name of Object.keys(holder)) {
        places.push({ holder: holder as Record<string, unknown>, name });
        walk((holder as Record<string, unknown>)[name]);
      }
    };
    walk(copy);
    const place = places[at % Math.max(1, places.length)];
    if (place) place.holder[place.name] = other;
    return copy;
  });
}

const wireRequests = requestArbitrary.map((request) => geminiCodec.encodeRequest(request, TARGET).body);
const wireResponses = responseArbitrary.map((response) => geminiCodec.encodeResponse(response, contextOf()));
const objects = (source: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> =>
  source.map((value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { contents: value, candidates: value }));

test("bad requests give a GatewayError with status 400 and never anything else", () => {
  let refused = 0;
  fc.assert(
    fc.property(objects(fc.oneof(anyJson, mutated(wireRequests), mutated(wireRequests))), (body) => {
      try {
        const request = geminiCodec.decodeRequest(body, { model: "m", stream: true });
        expect(JSON.stringify(request).length).toBeLessThan(10 * JSON.stringify(body).length + 2_000);
      } catch (error) {
        refused += 1;
        expect(error).toBeInstanceOf(GatewayError);
        expect((error as GatewayError).kind.status).toBe(400);
        expect((error as GatewayError).param).not.toBeNull();
      }
    }),
    { numRuns: 400 },
  );
  expect(refused).toBeGreaterThan(50);
});

test("bad answers and streams throw nothing and grow by no more than they hold", () => {
  fc.assert(
    fc.property(fc.array(objects(fc.oneof(anyJson, mutated(wireResponses))), { maxLength: 4 }), (bodies) => {
      for (const body of bodies) {
        const response = geminiCodec.decodeResponse(body);
        expect(JSON.stringify(response).length).toBeLessThan(20 * JSON.stringify(body).length + 2_000);
      }
      const parts = decodeAll(bodies.map((body) => ({ data: JSON.stringify(body) })));
      expect(parts.length).toBeLessThan(20 * JSON.stringify(bodies).length + 20);
      expect(["end", "error"]).toContain(parts.at(-1)?.type ?? "");
    }),
    { numRuns: 150 },
  );
});

test("events that are no JSON at all do not throw", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 5 }), (lines) => {
      decodeAll(lines.map((data) => ({ data })));
    }),
    { numRuns: 200 },
  );
});
