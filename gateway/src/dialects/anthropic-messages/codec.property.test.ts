import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../errors/gateway-error.ts";
import { faultOfMessages } from "../../../../simulators/src/vendors/anthropic/check.ts";
import type { AnswerContext, RequestTarget } from "../canonical/codec.ts";
import { collectStream } from "../canonical/collect-stream.ts";
import type { Citation, Message, Part } from "../canonical/parts.ts";
import type { CanonicalRequest, Tool } from "../canonical/request.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import type { StreamPart, WireEvent } from "../canonical/stream.ts";
import { anthropicMessagesCodec as codec } from "./codec.ts";
import { mediaOf } from "../testing/media-bytes.ts";

const CONTEXT: AnswerContext = { id: "0190a0b0-0000-7000-8000-000000000001", model: "claude-x", nowSeconds: 1_800_000_000, request: { model: "claude-x", stream: false, messages: [] } };
/** A model that takes everything the dialect has. */
const TARGET: RequestTarget = { model: "claude-x", maxOutputTokens: 64_000, reasons: true, traits: new Set(["adaptive-thinking", "budget-thinking", "sampling", "both-sampling", "system-messages", "json-schema", "strict"]) };

const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).map((value) => value.toWellFormed());
const word = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Without the members that are undefined; the type knows only that those left are none. */
const defined = <T extends object>(value: T) => JSON.parse(JSON.stringify(value)) as { [K in keyof T]: Exclude<T[K], undefined> };
const cache = maybe(fc.constantFrom({}, { ttl: "5m" as const }, { ttl: "1h" as const }));
const jsonText = fc.dictionary(word, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }).map((value) => JSON.stringify(value));

const textPart = fc.record({ type: fc.constant("text" as const), text, cache }).map(defined);
const imagePart = fc.record({
  type: fc.constant("image" as const), cache,
  source: fc.oneof(
    mediaOf("image/png", "image/webp"),
    fc.record({ kind: fc.constant("url" as const), url: word.map((name) => `https://x.test/${name}`) }),
    fc.record({ kind: fc.constant("file-id" as const), id: word.map((name) => `file_${name}`), keeper: fc.constant("anthropic" as const) }),
  ),
}).map(defined);
const filePart = fc.record({
  type: fc.constant("file" as const), cache, name: maybe(text), context: maybe(text), citable: maybe(fc.boolean()),
  source: fc.oneof(mediaOf("application/pdf"), text.map((value) => ({ kind: "base64" as const, mediaType: "text/plain", data: Buffer.from(value).toString("base64") }))),
}).map(defined);
const thought = fc.oneof(
  fc.record({ type: fc.constant("reasoning" as const), text, signature: word, sealedBy: fc.constant("anthropic-messages" as const) }),
  fc.record({ type: fc.constant("reasoning" as const), text: fc.constant(""), encrypted: word, sealedBy: fc.constant("anthropic-messages" as const) }),
);

/** A whole turn: the user asks, the assistant answers, perhaps with calls that are answered next. */
const turn = (n: number): fc.Arbitrary<Message[]> =>
  fc.record({
    asked: fc.array(fc.oneof(textPart, imagePart, filePart), { minLength: 1, maxLength: 3 }),
    system: maybe(fc.array(textPart, { minLength: 1, maxLength: 2 })),
    thoughts: fc.array(thought, { maxLength: 2 }),
    said: text.map((value) => `${value}.`),
    calls: fc.array(fc.record({ name: word, arguments: jsonText, results: fc.array(fc.oneof(textPart, imagePart, filePart), { maxLength: 2 }), isError: maybe(fc.boolean()) }), { maxLength: 3 }),
  }).map(({ asked, system, thoughts, said, calls }) => [
    { role: "user" as const, parts: asked },
    ...(system ? [{ role: "system" as const, parts: system }] : []),
    { role: "assistant" as const, parts: [...thoughts, { type: "text" as const, text: said }, ...calls.map((call, i): Part => ({ type: "tool-call", id: `c${n}_${i}`, name: call.name, arguments: call.arguments }))] },
    ...(calls.length === 0 ? [] : [{ role: "tool" as const, parts: calls.map((call, i): Part => defined({ type: "tool-result" as const, callId: `c${n}_${i}`, name: call.name, parts: call.results, isError: call.isError })) }, { role: "assistant" as const, parts: [{ type: "text" as const, text: said }] }]),
  ]);

const tool: fc.Arbitrary<Tool> = fc.oneof(
  fc.record({ type: fc.constant("function" as const), name: word, description: maybe(text), parameters: fc.constant({ type: "object", properties: { a: { type: "string" } } }), strict: maybe(fc.constant(true)), cache }).map(defined),
  fc.record({ type: fc.constant("web-search" as const), maxUses: maybe(fc.integer({ min: 1, max: 9 })), allowedDomains: maybe(fc.array(word, { minLength: 1 })), userLocation: maybe(fc.record({ city: text })), cache }).map(defined),
  fc.record({ type: fc.constant("code-execution" as const), cache }).map(defined),
  fc.constant({ type: "url-context" as const }),
);
const toolName = (one: Tool): string => ("name" in one ? one.name : one.type);

const request: fc.Arbitrary<CanonicalRequest> = fc.record({
  model: fc.constant("claude-x"),
  stream: fc.boolean(),
  system: maybe(fc.array(textPart, { minLength: 1, maxLength: 3 })),
  turns: fc.integer({ min: 1, max: 3 }).chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => turn(n)))),
  tools: fc.uniqueArray(tool, { minLength: 1, maxLength: 4, selector: toolName }),
  choice: fc.constantFrom("auto" as const, "none" as const, undefined),
  serial: fc.boolean(),
  reasoning: maybe(fc.constantFrom({ adaptive: true, effort: "low" as const }, { adaptive: true }, { budgetTokens: 2_048, show: "none" as const }, { off: true })),
  maxOutputTokens: fc.integer({ min: 4_000, max: 64_000 }),
  stop: maybe(fc.array(word, { minLength: 1, maxLength: 3 })),
  temperature: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
  user: maybe(text),
  serviceTier: maybe(fc.constantFrom("auto", "standard_only")),
  format: maybe(fc.constant({ type: "json-schema" as const, schema: { type: "object", properties: {}, additionalProperties: false } })),
  speed: maybe(fc.constant("fast")),
}).map(({ system, turns, choice, serial, speed, reasoning, temperature, ...rest }) => {
  const messages: Message[] = [...(system ? [{ role: "system" as const, parts: system }] : []), ...turns.flat(), { role: "user", parts: [{ type: "text", text: "last" }] }];
  const thinks = reasoning !== undefined && !("off" in reasoning);
  return defined({
    ...rest, messages, reasoning,
    // Beside thinking there is no temperature.
    temperature: thinks ? undefined : temperature,
    // "none" leaves no place for "one at a time".
    toolChoice: choice ? { mode: choice } : serial ? { mode: "auto" as const } : undefined,
    parallelToolCalls: serial && choice !== "none" ? false : undefined,
    own: speed ? { dialect: "anthropic-messages" as const, values: { speed } } : undefined,
  }) as CanonicalRequest;
});

describe("round trips", () => {
  test("requests: what the dialect can express comes back, nothing is reported, and the vendor takes it", () => {
    fc.assert(fc.property(request, (asked) => {
      const { body, dropped } = codec.encodeRequest(asked, TARGET);
      expect(dropped).toEqual([]);
      expect(faultOfMessages(body, true)).toBeUndefined();
      const { fields: _names, ...decoded } = codec.decodeRequest(JSON.parse(JSON.stringify(body)) as Record<string, unknown>, {});
      expect(decoded).toEqual(asked);
    }), { numRuns: 200 });
  });

  const citation: fc.Arbitrary<Citation> = fc.oneof(
    fc.record({ url: word, title: text, citedText: text, encrypted: word }),
    fc.record({ citedText: text, document: fc.record({ index: fc.nat(9), title: text, location: fc.constant({ type: "char_location", start_char_index: 1, end_char_index: 2 }) }) }),
  );
  const answerPart: fc.Arbitrary<Part> = fc.oneof(
    fc.record({ type: fc.constant("text" as const), text, citations: maybe(fc.array(citation, { minLength: 1, maxLength: 2 })) }).map(defined),
    thought,
    fc.record({ type: fc.constant("reasoning" as const), text, summary: maybe(fc.constant(true)), id: maybe(word), encrypted: maybe(word), sealedBy: fc.constant("openai-responses" as const) }).map(defined),
    fc.record({ type: fc.constant("reasoning" as const), text }),
    fc.record({ type: fc.constant("hosted-call" as const), id: word, tool: fc.constant("web-search" as const), name: fc.constant("web_search"), input: fc.constant('{"query":"q"}') }),
    fc.record({ type: fc.constant("hosted-result" as const), callId: word, tool: fc.constant("web-search" as const), sources: fc.array(fc.record({ url: word, title: text, encrypted: word }), { maxLength: 2 }) }),
    fc.record({ type: fc.constant("opaque" as const), dialect: fc.constant("anthropic-messages" as const), name: fc.constant("container_upload"), value: fc.constant({ type: "container_upload", file_id: "file_1" }) }),
  );
  const answer: fc.Arbitrary<CanonicalResponse> = fc.record({
    parts: fc.array(answerPart, { maxLength: 6 }),
    calls: fc.array(fc.record({ name: word, arguments: jsonText, signature: maybe(word) }), { maxLength: 3 }),
    finish: fc.constantFrom("stop" as const, "length" as const, "pause" as const, "refusal" as const, "context-length" as const),
    usage: fc.record({ input: fc.nat(999), cacheRead: fc.nat(999), cacheWrite: fc.nat(999), cacheWriteHour: fc.nat(999), output: fc.nat(999), reasoning: fc.nat(999), webSearch: fc.nat(9) }),
  }).map(({ parts, calls, finish, usage }) => {
    const toolCalls = calls.map((call, n): Part => defined({ type: "tool-call" as const, id: `t${n}`, ...call }));
    return { id: "msg_1", model: "claude-x", serviceTier: "standard", usage, choices: [{ index: 0, parts: [...parts, ...toolCalls], finish: calls.length > 0 ? ("tool-calls" as const) : finish }] };
  });

  test("answers come back", () => {
    fc.assert(fc.property(answer, (given) => {
      expect(codec.decodeResponse(JSON.parse(JSON.stringify(codec.encodeResponse(given, CONTEXT))) as Record<string, unknown>)).toEqual(given);
    }), { numRuns: 200 });
  });

  test("an answer as a stream is the same answer, however its texts are cut", () => {
    fc.assert(fc.property(answer, fc.integer({ min: 1, max: 7 }), (given, size) => {
      const whole = codec.decodeResponse(codec.encodeResponse(given, CONTEXT));
      const encoder = codec.streamEncoder(CONTEXT, "sse");
      const wire = [...streamOf(given, size).map((part) => encoder.push(part)), encoder.flush()].join("");
      expect(collectStream(decodeWire(wire))).toEqual(whole);
    }), { numRuns: 200 });
  });
});

/** An answer as a vendor's decoder would stream it, texts in pieces of `size`. */
function streamOf(response: CanonicalResponse, size: number): StreamPart[] {
  const pieces = (value: string): string[] => value.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? [];
  const parts: StreamPart[] = [{ type: "start", id: response.id, model: response.model, serviceTier: response.serviceTier ?? "" }];
  const [choice] = response.choices;
  for (const [index, part] of (choice?.parts ?? []).entries()) {
    const at = { choice: 0, index };
    if (part.type === "text") {
      parts.push({ type: "part-start", ...at, part: { type: "text", text: "" } }, ...pieces(part.text).map((piece): StreamPart => ({ type: "text-delta", ...at, text: piece })));
      parts.push(...(part.citations ?? []).map((citation): StreamPart => ({ type: "citation", ...at, citation })), { type: "part-end", ...at });
    } else if (part.type === "reasoning" && part.encrypted === undefined) {
      const { signature, ...seal } = part;
      parts.push({ type: "part-start", ...at, part: { ...seal, text: "" } }, ...pieces(part.text).map((piece): StreamPart => ({ type: "text-delta", ...at, text: piece })));
      if (signature !== undefined) parts.push({ type: "signature-delta", ...at, signature });
      parts.push({ type: "part-end", ...at });
    } else if (part.type === "tool-call") {
      parts.push({ type: "part-start", ...at, part: { ...part, arguments: "" } }, ...pieces(part.arguments).map((piece): StreamPart => ({ type: "arguments-delta", ...at, text: piece })), { type: "part-end", ...at });
    } else parts.push({ type: "part-start", ...at, part }, { type: "part-end", ...at });
  }
  if (choice) parts.push({ type: "finish", choice: 0, reason: choice.finish });
  if (response.usage) parts.push({ type: "usage", usage: response.usage });
  return [...parts, { type: "end" }];
}

function decodeWire(wire: string): StreamPart[] {
  const decoder = codec.streamDecoder();
  const events = wire.split("\n\n").filter((block) => block !== "").map((block): WireEvent => ({ event: block.slice(7, block.indexOf("\n")), data: block.slice(block.indexOf("\ndata: ") + 7) }));
  return [...events.flatMap((event) => decoder.push(event)), ...decoder.flush()];
}

describe("fuzz", () => {
  /** Replaces one value somewhere in a valid thing by anything. */
  const mutated = (value: unknown): fc.Arbitrary<unknown> =>
    fc.tuple(fc.nat(200), fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant(undefined))).map(([steps, other]) => {
      const copy = structuredClone(value);
      const places: [Record<string, unknown>, string][] = [];
      const walk = (node: unknown): void => {
        if (typeof node !== "object" || node === null) return;
        for (const key of Object.keys(node)) {
          places.push([node as Record<string, unknown>, key]);
          walk((node as Record<string, unknown>)[key]);
        }
      };
      walk(copy);
      const place = places[steps % Math.max(1, places.length)];
      if (place) place[0][place[1]] = other;
      return copy;
    });
  const objectOr = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {});

  test("decodeRequest throws nothing but GatewayError, and what it takes can be written again", () => {
    const valid = request.map((asked) => codec.encodeRequest(asked, TARGET).body);
    fc.assert(fc.property(fc.oneof(fc.dictionary(fc.constantFrom("model", "messages", "system", "tools", "thinking", "x"), fc.jsonValue()), valid.chain(mutated)), (body) => {
      try {
        const decoded = codec.decodeRequest(objectOr(body), {});
        codec.encodeRequest(decoded, TARGET);
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
      }
    }), { numRuns: 500 });
  });

  const message = { id: "msg_1", model: "m", content: [{ type: "text", text: "a", citations: [{ type: "char_location", document_index: 0 }] }, { type: "thinking", thinking: "t", signature: "s" }, { type: "tool_use", id: "t", name: "f", input: { a: [1] } }, { type: "web_search_tool_result", tool_use_id: "s", content: [{ type: "web_search_result", url: "u" }] }, { type: "server_tool_use", id: "s", name: "web_search", input: {} }], stop_reason: "end_turn", stop_details: { explanation: "x" }, usage: { input_tokens: 1, output_tokens: 2, cache_creation: { ephemeral_5m_input_tokens: 1 } } };

  test("decodeResponse throws nothing, and what it gives can be written", () => {
    fc.assert(fc.property(fc.oneof(fc.jsonValue(), mutated(message)), (body) => {
      const decoded = codec.decodeResponse(objectOr(body));
      expect(decoded.choices).toHaveLength(1);
      codec.encodeResponse(decoded, CONTEXT);
    }), { numRuns: 500 });
  });

  const events = ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop", "ping", "error", "other"].map((type) => ({
    type, index: 0, message, content_block: message.content[0], delta: { type: "text_delta", text: "x", thinking: "y", partial_json: "{", signature: "s", citation: {}, stop_reason: "end_turn" }, usage: message.usage, error: { type: "api_error", message: "m" },
  }));
  const wireEvent = fc.oneof(
    fc.constantFrom(...events).chain(mutated).map((value): WireEvent => ({ data: JSON.stringify(value) })),
    fc.record({ event: fc.constantFrom("content_block_delta", "ping", "x"), data: fc.string() }),
  );

  test("streamDecoder throws nothing, gives one end at most and nothing after it, and its parts can be written", () => {
    fc.assert(fc.property(fc.array(wireEvent, { maxLength: 30 }), (stream) => {
      const decoder = codec.streamDecoder();
      const parts = [...stream.flatMap((event) => decoder.push(event)), ...decoder.flush()];
      const last = parts.findIndex(({ type }) => type === "end" || type === "error");
      if (last >= 0) expect(last).toBe(parts.length - 1);
      expect(parts.length).toBeLessThan(stream.length * 6 + 8);
      const encoder = codec.streamEncoder(CONTEXT, "sse");
      const wire = [...parts.map((part) => encoder.push(part)), encoder.flush()].join("");
      expect(wire.match(/event: (message_stop|error)/g)).toHaveLength(1);
    }), { numRuns: 500 });
  });
});
