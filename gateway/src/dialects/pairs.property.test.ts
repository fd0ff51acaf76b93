import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { VendorDialectId } from "./canonical/dialect.ts";
import type { Message, Part, ReasoningPart } from "./canonical/parts.ts";
import type { CanonicalRequest, Tool, ToolChoice } from "./canonical/request.ts";
import type { CanonicalResponse } from "./canonical/response.ts";
import { VENDOR_SIDES } from "./registry.ts";
import { codecOf, contextOf, PAIRS, streamOf, TARGETS, translate, understood, wired, type PairedId } from "./testing/pairs.ts";
import { mediaOf } from "./testing/media-bytes.ts";

/** What all four dialects express, through each of the 16 pairs: everything here is generated, and nothing may be lost. */
const RUNS = { numRuns: 40 };

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }).map((text) => `t${text}.`);
const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,12}$/);
const base64 = fc.uint8Array({ minLength: 3, maxLength: 24 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const args = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.integer(), { maxLength: 2 })), { maxKeys: 3 }).map((value) => JSON.stringify(value));

describe("requests", () => {
  const said = fc.oneof(word.map((text): Part => ({ type: "text", text })), mediaOf("image/png").map((source): Part => ({ type: "image", source })));
  const turn = fc.record({
    asked: fc.array(said, { minLength: 1, maxLength: 3 }),
    answered: word,
    calls: fc.array(fc.record({ name, args, result: word }), { maxLength: 3 }),
  });
  const tools = fc.uniqueArray(fc.record({ name, description: word, parameters: fc.constant({ type: "object", properties: { a: { type: "string" } }, required: ["a"] }) }), { minLength: 1, maxLength: 3, selector: (tool) => tool.name });

  const request = fc
    .record({
      system: maybe(word),
      turns: fc.array(turn, { minLength: 1, maxLength: 3 }),
      tools: maybe(tools),
      choice: fc.constantFrom("auto", "none", "required", "tool"),
      maxOutputTokens: fc.integer({ min: 16, max: 60_000 }),
      temperature: maybe(fc.constantFrom(0, 0.5, 1)),
      stream: fc.boolean(),
    })
    .map(({ system, turns, tools: offered, choice, temperature, ...rest }): CanonicalRequest => {
      const messages: Message[] = system === undefined ? [] : [{ role: "system", parts: [{ type: "text", text: system }] }];
      for (const [n, { asked, answered, calls }] of turns.entries()) {
        messages.push({ role: "user", parts: asked });
        messages.push({ role: "assistant", parts: [{ type: "text", text: answered }, ...calls.map((call, at): Part => ({ type: "tool-call", id: `call_${n}_${at}`, name: call.name, arguments: call.args }))] });
        if (calls.length > 0) messages.push({ role: "tool", parts: calls.map((call, at): Part => ({ type: "tool-result", callId: `call_${n}_${at}`, name: call.name, parts: [{ type: "text", text: call.result }] })) });
      }
      messages.push({ role: "user", parts: [{ type: "text", text: "next" }] });
      const named = offered?.[0]?.name ?? "";
      const toolChoice: ToolChoice = choice === "tool" ? { mode: "tool", name: named } : { mode: choice as "auto" };
      return {
        model: "m", messages, ...rest,
        ...(temperature === undefined ? {} : { temperature }),
        ...(offered ? { tools: offered.map((tool): Tool => ({ type: "function", ...tool })), toolChoice } : {}),
      };
    });

  /** Neighbours of one role are one message to some; texts of one message stay apart; JSON is compared by its value. */
  function normal(given: CanonicalRequest): object {
    const messages: Message[] = [];
    for (const { role, parts } of given.messages) {
      const kept = parts.map((part): Part => {
        if (part.type === "text") return { type: "text", text: part.text };
        if (part.type === "image") return { type: "image", source: part.source };
        if (part.type === "tool-call") return { type: "tool-call", id: part.id, name: part.name, arguments: JSON.stringify(JSON.parse(part.arguments)) };
        return part.type === "tool-result" ? { type: "tool-result", callId: part.callId, parts: part.parts } : part;
      });
      const last = messages.at(-1);
      if (last?.role === role) last.parts.push(...kept);
      else messages.push({ role, parts: kept });
    }
    const offered = (given.tools ?? []).map((tool) => (tool.type === "function" ? { name: tool.name, description: tool.description, parameters: tool.parameters } : tool));
    // "auto" is what happens anyway.
    return wired({ messages, tools: offered, toolChoice: given.toolChoice ?? { mode: "auto" }, maxOutputTokens: given.maxOutputTokens, temperature: given.temperature });
  }

  test.each(PAIRS)("S18: %s to %s: read, written, and read again, they say the same", (caller, vendor) => {
    fc.assert(
      fc.property(request, (asked) => {
        const first = codecOf(caller).encodeRequest(asked, TARGETS[caller]);
        expect(first.dropped).toEqual([]);
        const read = codecOf(caller).decodeRequest(wired(first.body), { model: "m", stream: asked.stream });
        const second = codecOf(vendor).encodeRequest(read, TARGETS[vendor]);
        expect(second.dropped).toEqual([]);
        const back = codecOf(vendor).decodeRequest(wired(second.body), { model: "m", stream: asked.stream });
        expect(normal(back)).toEqual(normal(asked));
      }),
      RUNS,
    );
  });
});

/** A thought as a vendor of the dialect gives it, with its seal. */
function thoughtOf(vendor: PairedId, text: string, seal: string): ReasoningPart {
  if (vendor === "openai-chat") return { type: "reasoning", text };
  if (vendor === "openai-responses") return { type: "reasoning", text, encrypted: seal, sealedBy: vendor };
  return { type: "reasoning", text, signature: seal, sealedBy: vendor };
}

const answerOf = (vendor: PairedId): fc.Arbitrary<CanonicalResponse> =>
  fc
    .record({
      thought: maybe(fc.record({ text: word, seal: base64.map((text) => `seal${text}`) })),
      text: maybe(word),
      calls: fc.array(fc.record({ name, args }), { maxLength: 3 }),
      cut: fc.boolean(),
      usage: fc.record({ input: fc.integer({ min: 1, max: 9_999 }), output: fc.integer({ min: 1, max: 9_999 }), cacheRead: fc.nat(99), reasoning: fc.nat(99) }),
    })
    .filter(({ text, calls }) => text !== undefined || calls.length > 0)
    .map(({ thought, text, calls, cut, usage }) => ({
      id: "",
      model: "m",
      usage,
      choices: [{
        index: 0,
        parts: [
          ...(thought ? [thoughtOf(vendor, thought.text, thought.seal)] : []),
          ...(text === undefined ? [] : [{ type: "text" as const, text }]),
          ...calls.map((call, at): Part => ({ type: "tool-call", id: `call_${at}`, name: call.name, arguments: call.args })),
        ],
        finish: calls.length > 0 ? ("tool-calls" as const) : cut ? ("length" as const) : ("stop" as const),
      }],
    }));

/** What an answer says: who sealed a thought matters only with a seal, ids and kinds of thoughts are each dialect's own, and zero counts are as good as none. */
function heard(response: CanonicalResponse): object {
  return wired(
    response.choices.map(({ parts, finish }) => ({
      finish,
      parts: sealed(parts).map((part) => {
        if (part.type === "tool-call") return { ...part, arguments: JSON.parse(part.arguments) as unknown };
        if (part.type !== "reasoning") return part;
        const { text, signature, encrypted, sealedBy } = part;
        return signature === undefined && encrypted === undefined ? { type: "reasoning", text } : { type: "reasoning", text, signature, encrypted, sealedBy };
      }),
      usage: Object.fromEntries(Object.entries(response.usage ?? {}).filter(([, count]) => count > 0)),
    })),
  );
}

/** Gemini's streams tell another vendor's seal behind the thinking that it seals (see gemini/seals.ts); its request decoder joins them, and so does this. */
function sealed(parts: Part[]): Part[] {
  return parts.flatMap((part, at): Part[] => {
    const next = parts[at + 1];
    if (part.type === "reasoning" && next?.type === "reasoning" && next.text === "") return [{ ...next, text: part.text }];
    return part.type === "reasoning" && part.text === "" && parts[at - 1]?.type === "reasoning" ? [] : [part];
  });
}

describe("answers", () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

  test.each(PAIRS)("S07, S19: to a caller of %s from a vendor of %s: whole and as a stream, cut anywhere, the same", (caller, vendor) => {
    fc.assert(
      fc.property(answerOf(vendor), cuts, fc.integer({ min: 1, max: 6 }), fc.boolean(), (answer, lengths, size, list) => {
        const context = contextOf();
        const wanted = heard(answer);
        const wire = wired(codecOf(vendor).encodeResponse(answer, context));
        const whole = wired(codecOf(caller).encodeResponse(codecOf(vendor).decodeResponse(wire), context));
        expect(heard(codecOf(caller).decodeResponse(whole))).toEqual(wanted);
        const bytes = Buffer.from(streamOf(vendor, answer, context, size));
        const framing = list && caller === "gemini" ? "json-array" : "sse";
        expect(heard(understood(caller, translate(caller, vendor, bytes, context, lengths, framing), framing))).toEqual(wanted);
      }),
      RUNS,
    );
  });
});

describe("streams that are broken", () => {
  /** A change of the bytes: some are taken out, said again, or replaced. */
  const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(60), put: fc.oneof(fc.constantFrom("", "\n\n", "data: ", "{", "}", '"', "null", "[]", "-1", "\r\n\r\n", "\u0000", "event: error\n", "data: [DONE]\n\n"), fc.string({ maxLength: 8 })), twice: fc.boolean() });
  type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
  const broken = (bytes: Buffer, changes: readonly Change[]): Buffer =>
    changes.reduce((text, { at, length, put, twice }) => {
      const from = Math.floor(at * text.length);
      const piece = text.subarray(from, from + length);
      return Buffer.concat([text.subarray(0, from), Buffer.from(put), ...(twice ? [piece, piece] : []), text.subarray(from + length)]);
    }, bytes);
  /** Bytes out for each byte in: ids, names and framing of each event, and what the last event repeats. */
  const BYTES_OUT_MAX = 60;

  test.each(PAIRS)("to a caller of %s from a vendor of %s: no crash, no hang, no growth", (caller, vendor) => {
    fc.assert(
      fc.property(answerOf(vendor), fc.array(change, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 50 }), (answer, changes, size) => {
        const bytes = broken(Buffer.from(streamOf(vendor, answer)), changes);
        const text = translate(caller, vendor, bytes, contextOf(), [size]);
        expect(text.length).toBeLessThan(BYTES_OUT_MAX * bytes.length + 20_000);
      }),
      RUNS,
    );
  });

  /** Any JSON where an answer's event should be, with the members that decoders look at. */
  const members = fc.constantFrom("type", "choices", "delta", "index", "message", "content", "content_block", "output_index", "item", "response", "output", "candidates", "parts", "text", "functionCall", "tool_calls", "function", "arguments", "name", "id", "usage", "usageMetadata", "error", "finish_reason", "finishReason", "reasoning_details", "partial_json");
  const kinds = fc.constantFrom("content_block_start", "content_block_delta", "message_delta", "response.output_item.added", "response.output_item.done", "response.output_text.delta", "response.completed", "text", "tool_use", "function_call", "reasoning", "message");
  const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5, depthSize: "medium" }, kinds, fc.string({ maxLength: 5 }), fc.integer({ min: -1, max: 3 }), fc.constant(null), fc.array(tie("value"), { maxLength: 3 }), tie("object"), tie("object")),
    object: fc.dictionary(members, tie("value"), { maxKeys: 6 }),
  })).object;

  test.each(PAIRS)("to a caller of %s from a vendor of %s: events of any shape, over and over", (caller, vendor) => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 20 }), (events, times) => {
        const bytes = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("").repeat(times));
        expect(translate(caller, vendor, bytes, contextOf()).length).toBeLessThan(BYTES_OUT_MAX * bytes.length + 20_000);
      }),
      RUNS,
    );
  });

  test.each(PAIRS)("to a caller of %s from a vendor of %s: nothing nested ever so deeply exhausts the stack", (caller, vendor) => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const streams = [
      `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{"x":${deep}}}}`,
      `{"type":"content_block_start","index":0,"content_block":{"type":"web_search_tool_result","tool_use_id":"a","content":${deep}}}`,
      `{"type":"content_block_start","index":0,"content_block":{"type":"new","x":${deep}}}`,
      `{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":${deep}}}]}}]}`,
      `{"type":"response.output_item.done","output_index":0,"item":{"type":"mcp_call","x":${deep}}}`,
      `{"candidates":[{"index":0,"content":{"parts":[{"functionCall":{"name":"f","args":{"x":${deep}}}},{"new":${deep}}]}}]}`,
    ];
    for (const event of streams) translate(caller, vendor, Buffer.from(`data: ${event}\n\ndata: {"type":"content_block_stop","index":0}\n\n`), contextOf());
  });

  test.each<[VendorDialectId, (value: string) => string]>([
    ["openai-chat", (value) => `{"choices":[{"index":0,"message":{"content":"a","x":${value}}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`],
    ["openai-responses", (value) => `{"output":[{"type":"mcp_call","x":${value}}],"usage":{"input_tokens":1,"output_tokens":2}}`],
    ["anthropic-messages", (value) => `{"type":"message","content":[{"type":"tool_use","id":"a","name":"f","input":{"x":${value}}}],"usage":{"input_tokens":1,"output_tokens":2}}`],
    ["gemini", (value) => `{"candidates":[{"index":0,"content":{"parts":[{"functionCall":{"name":"f","args":{"x":${value}}}}]}}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2}}`],
    ["bedrock-converse", (value) => `{"output":{"message":{"content":[{"toolUse":{"toolUseId":"a","name":"f","input":{"x":${value}}}}]}},"usage":{"inputTokens":1,"outputTokens":2}}`],
    ["openai-completions", (value) => `{"choices":[{"index":0,"text":"a","x":${value}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`],
  ])("a whole answer of %s that is nested ever so deeply is none", (vendor, answer) => {
    const read = (levels: number) => {
      const body = Buffer.from(answer("[".repeat(levels) + "]".repeat(levels)));
      return VENDOR_SIDES[vendor].readAnswer(body, { contentType: "application/json", facts: { model: "m", stream: false, promptTokens: 1, maxOutputTokens: undefined, choices: 1 } });
    };
    expect(read(100).error).toBeUndefined();
    expect(read(100_000).error).toMatch(/^the answer (is no|has no)/);
  });
});
