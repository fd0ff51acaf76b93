import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { GatewayError } from "../../errors/gateway-error.ts";
import type { AnswerContext, CodecId } from "../canonical/codec.ts";
import type { Message, Part, ReasoningPart, TextPart } from "../canonical/parts.ts";
import type { CanonicalRequest, Tool } from "../canonical/request.ts";
import type { CanonicalResponse, Choice, FinishReason } from "../canonical/response.ts";
import type { StreamPart } from "../canonical/stream.ts";
import { openaiChatCodec as codec } from "./codec.ts";
import { mediaOf } from "../testing/media-bytes.ts";

/** Everything here is generated. What chat completions express is generated and no more, so that nothing need be forgiven. */
const RUNS = 200;
const TRAITS = ["reasoning-details", "top-k", "min-p", "video-url", "file-url", "image-output", "many-stops", "google-signatures", "cache-control"];
const context = (request: CanonicalRequest): AnswerContext => ({ id: "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", model: "m", nowSeconds: 7, request });
const REQUEST: CanonicalRequest = { model: "m", stream: true, messages: [], includeUsage: true };

const word = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
const text = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((value) => !value.includes("]("));
const base64 = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const url = word.map((name) => `https://${name}.example/x`);
/** An object whose members may be left out; never present with undefined. */
const some = <Shape extends object>(members: { [Key in keyof Shape]-?: fc.Arbitrary<NonNullable<Shape[Key]>> }, needed: (keyof Shape)[]): fc.Arbitrary<Shape> =>
  fc.record(members, { requiredKeys: needed }) as unknown as fc.Arbitrary<Shape>;
const cache = fc.constantFrom<NonNullable<TextPart["cache"]>>({}, { ttl: "1h" }, { ttl: "5m" });
const textPart = some<Pick<TextPart, "type" | "text" | "cache">>({ type: fc.constant("text"), text, cache }, ["type", "text"]);
const media = (mediaType: string) => fc.oneof(mediaOf(mediaType), url.map((address) => ({ kind: "url" as const, url: address })));
const userPart: fc.Arbitrary<Part> = fc.oneof(
  textPart,
  some<Extract<Part, { type: "image" }>>({ type: fc.constant("image"), source: media("image/png"), detail: fc.constantFrom("low", "high", "auto"), cache }, ["type", "source"]),
  base64.map((data): Part => ({ type: "audio", source: { kind: "base64", mediaType: "audio/mpeg", data } })),
  some<{ type: "file"; source: Extract<Part, { type: "file" }>["source"]; name?: string }>({ type: fc.constant("file"), source: fc.oneof(media("application/pdf"), word.map((id) => ({ kind: "file-id" as const, id, keeper: "openai" as const }))), name: word }, ["type", "source", "name"]),
  media("video/mp4").map((source): Part => ({ type: "video", source })),
);
const dialect = fc.constantFrom<CodecId>("anthropic-messages", "gemini", "openai-responses", "openai-chat");
const sealed: fc.Arbitrary<ReasoningPart> = fc.oneof(
  some<ReasoningPart>({ type: fc.constant("reasoning"), text, signature: word, sealedBy: dialect, id: word, encrypted: word, summary: fc.constant(true) }, ["type", "text", "signature", "sealedBy"]).map(({ summary: _summary, ...part }) => part),
  some<ReasoningPart>({ type: fc.constant("reasoning"), text, summary: fc.constant(true), encrypted: word, sealedBy: dialect, id: word, signature: word }, ["type", "text", "summary", "encrypted", "sealedBy"]).map(({ signature: _signature, ...part }) => part),
  fc.record({ type: fc.constant("reasoning" as const), text: fc.constant(""), encrypted: word, sealedBy: dialect }),
);
const json = fc.dictionary(word, fc.oneof(fc.integer(), text), { maxKeys: 3 }).map((value) => JSON.stringify(value));

/** A turn: the assistant speaks and calls, the tools answer. Ids are unique, names follow the calls. */
const turn = (at: number): fc.Arbitrary<Message[]> =>
  fc.record({ thoughts: fc.array(sealed, { maxLength: 2 }), texts: fc.array(textPart, { maxLength: 2 }), refusal: fc.option(text, { nil: undefined, freq: 2 }), audio: fc.option(word, { nil: undefined, freq: 2 }), calls: fc.array(fc.record({ name: word, args: json, custom: fc.boolean(), signature: fc.option(word, { nil: undefined, freq: 2 }), result: fc.array(textPart, { minLength: 1, maxLength: 2 }) }), { maxLength: 3 }) }).map(({ thoughts, texts, refusal, audio, calls }) => {
    const id = (index: number): string => `call_${at}_${index}`;
    const parts: Part[] = [...thoughts, ...texts];
    if (refusal) parts.push({ type: "refusal", text: refusal });
    if (audio) parts.push({ type: "audio", source: { kind: "file-id", id: audio }, id: audio });
    parts.push(...calls.map(({ name, args, custom, signature }, index): Part => ({ type: "tool-call", id: id(index), name, arguments: args, ...(custom ? { custom } : signature ? { signature } : {}) })));
    const results = calls.map(({ name, custom, result }, index): Part => ({ type: "tool-result", callId: id(index), name, parts: result, ...(custom ? { custom } : {}) }));
    return [{ role: "assistant", parts }, ...(results.length > 0 ? [{ role: "tool" as const, parts: results }] : [])];
  });
const asked: fc.Arbitrary<Message> = some<Message>({ role: fc.constant("user" as const), parts: fc.array(userPart, { minLength: 1, maxLength: 4 }), name: word }, ["role", "parts"]);
const told: fc.Arbitrary<Message> = fc.record({ role: fc.constantFrom("system" as const, "developer" as const), parts: fc.array(textPart, { minLength: 1, maxLength: 2 }) });
const messages = fc.tuple(told, asked, turn(0), asked, turn(1), told).map(([a, b, c, d, e, f]) => [a, b, ...c, d, ...e, f]);

const schema = fc.constantFrom({ type: "object", properties: { a: { type: "string" } }, required: ["a"] }, { type: "object", properties: {} });
const tools: fc.Arbitrary<Tool[]> = fc.uniqueArray(word, { minLength: 1, maxLength: 4 }).chain((names) =>
  fc.tuple(...names.map((name): fc.Arbitrary<Tool> => fc.oneof(
    some<Omit<Tool & { type: "function" }, "namespace">>({ type: fc.constant("function"), name: fc.constant(name), description: text, parameters: schema, strict: fc.boolean(), cache: fc.constantFrom({}, { ttl: "1h" as const }) }, ["type", "name", "parameters"]),
    some<Omit<Tool & { type: "custom" }, "namespace">>({ type: fc.constant("custom"), name: fc.constant(name), description: text, format: fc.constant({ type: "text" }) }, ["type", "name"]),
    fc.constant<Tool>({ type: "opaque", dialect: "openai-chat", name: "shell", value: { type: "shell", x: name } }),
  ))),
);
const request: fc.Arbitrary<CanonicalRequest> = fc.tuple(
  some<CanonicalRequest>({
    model: fc.constant("m"), stream: fc.boolean(), messages, tools, parallelToolCalls: fc.boolean(),
    toolChoice: fc.constantFrom({ mode: "auto" }, { mode: "none" }, { mode: "required" }),
    format: fc.constantFrom({ type: "json-schema", schema: { type: "object" }, name: "n", strict: true }, { type: "json-schema", schema: {}, name: "n", description: "d" }),
    reasoning: fc.constantFrom("none", "minimal", "low", "medium", "high", "xhigh", "max").map((effort) => ({ effort }) as const),
    maxOutputTokens: fc.integer({ min: 1, max: 30_000 }), temperature: fc.constantFrom(0, 0.5, 2), topP: fc.constantFrom(0, 0.5, 1), topK: fc.integer({ min: 1, max: 100 }), minP: fc.constantFrom(0, 0.5),
    presencePenalty: fc.constantFrom(-2, 0, 2), frequencyPenalty: fc.constantFrom(-2, 0, 2), seed: fc.integer(), stop: fc.array(text, { minLength: 1, maxLength: 8 }), choices: fc.integer({ min: 1, max: 8 }),
    logprobs: fc.integer({ min: 0, max: 20 }).map((top) => ({ top })), logitBias: fc.dictionary(fc.stringMatching(/^[0-9]{1,5}$/), fc.integer({ min: -100, max: 100 }), { maxKeys: 3 }),
    modalities: fc.constantFrom<("text" | "audio" | "image")[]>(["text", "audio"], ["text", "image"]), audio: fc.record({ voice: fc.oneof(word, word.map((id) => ({ id }))), format: fc.constantFrom("wav", "mp3") }),
    image: fc.record({ aspectRatio: fc.constant("16:9"), size: fc.constant("2K") }), verbosity: fc.constantFrom("low", "medium", "high"), user: word, metadata: fc.dictionary(word, text, { maxKeys: 3 }),
    serviceTier: fc.constantFrom("auto", "flex", "priority"), promptCacheKey: word, store: fc.constant(true), includeUsage: fc.constant(true),
    own: fc.dictionary(word.map((name) => `x_${name}`), fc.oneof(text, fc.integer(), fc.constant({ a: [1] })), { minKeys: 1, maxKeys: 2 }).map((values) => ({ dialect: "openai-chat" as const, values })), fields: fc.constant({}),
  }, ["model", "stream", "messages"]),
  fc.boolean(),
).map(([made, namesTool]) => {
  const { toolChoice, parallelToolCalls, metadata, store, includeUsage: _asked, fields: _fields, ...rest } = made;
  const named = rest.tools?.find((tool) => tool.type === "function" || tool.type === "custom");
  const choice = namesTool && named && "name" in named ? { mode: "tool" as const, name: named.name } : toolChoice;
  return {
    ...rest,
    // Speech needs a voice and a format, and has them afterwards.
    ...(rest.modalities?.includes("audio") && !rest.audio ? { audio: { voice: "alloy", format: "wav" } } : {}),
    ...(rest.tools && choice ? { toolChoice: choice } : {}),
    ...(rest.tools && parallelToolCalls !== undefined ? { parallelToolCalls } : {}),
    ...(store ? { store, ...(metadata ? { metadata } : {}) } : {}),
    ...(rest.stream ? { includeUsage: true } : {}),
  };
});

const encodeRequest = (made: CanonicalRequest) => codec.encodeRequest(made, { model: "m", maxOutputTokens: 32_768, reasons: true, traits: new Set(TRAITS) });

const usage = fc.record({ input: fc.nat(1000), inputAudio: fc.nat(9), inputImage: fc.nat(9), cacheRead: fc.nat(99), cacheWrite: fc.nat(99), output: fc.integer({ min: 1, max: 1000 }), reasoning: fc.nat(99), outputAudio: fc.nat(9), outputImage: fc.nat(9), webSearch: fc.nat(3) });
const token = some<NonNullable<Choice["logprobs"]>[number]>({ token: text, logprob: fc.constantFrom(-0.5, -3), bytes: fc.array(fc.nat(255), { maxLength: 3 }), top: fc.constant([{ token: "t", logprob: -1, bytes: null }]) }, ["token", "logprob", "bytes"]);
const citation = fc.record({ url, title: text, start: fc.nat(3), end: fc.nat(9), citedText: text });
const choice: fc.Arbitrary<Omit<Choice, "index">> = fc.record({
  thoughts: fc.oneof(fc.array(sealed, { maxLength: 3 }), text.map((value): ReasoningPart[] => [{ type: "reasoning", text: value }])),
  said: fc.option(fc.record({ value: text, citations: fc.array(citation, { maxLength: 2 }), image: fc.option(base64, { nil: undefined, freq: 2 }), after: text, logprobs: fc.array(token, { maxLength: 3 }) }), { nil: undefined, freq: 2 }),
  refusal: fc.option(text, { nil: undefined, freq: 2 }),
  audio: fc.option(fc.record({ id: word, data: base64, transcript: text, expiresAt: fc.nat() }), { nil: undefined, freq: 2 }),
  calls: fc.array(fc.record({ name: word, args: json, custom: fc.boolean(), signature: fc.option(word, { nil: undefined, freq: 2 }) }), { maxLength: 3 }),
  length: fc.boolean(),
}).map(({ thoughts, said, refusal, audio, calls, length }) => {
  const parts: Part[] = [...thoughts];
  if (said) {
    parts.push({ type: "text", text: said.value, ...(said.citations.length > 0 && !said.image ? { citations: said.citations } : {}) });
    if (said.image) parts.push({ type: "image", source: { kind: "base64", mediaType: "image/png", data: said.image } }, { type: "text", text: said.after });
  }
  if (refusal) parts.push({ type: "refusal", text: refusal });
  if (audio) parts.push({ type: "audio", source: { kind: "base64", mediaType: "audio/wav", data: `UklG${"R"}${audio.data}` }, id: audio.id, transcript: audio.transcript, expiresAt: audio.expiresAt });
  parts.push(...calls.map(({ name, args, custom, signature }, index): Part => ({ type: "tool-call", id: `call_${index}`, name, arguments: args, ...(custom ? { custom } : signature ? { signature } : {}) })));
  const finish: FinishReason = length ? "length" : calls.length > 0 ? "tool-calls" : refusal ? "refusal" : "stop";
  return { parts, finish, ...(said && !refusal && said.logprobs.length > 0 ? { logprobs: said.logprobs } : {}) };
});
const answer: fc.Arbitrary<CanonicalResponse> = fc.record({ id: word, created: fc.nat(), choices: fc.array(choice, { minLength: 1, maxLength: 3 }), usage, serviceTier: fc.constant("default") }).map((made) => ({ ...made, model: "m", choices: made.choices.map((one, index) => ({ ...one, index })) }));

/** Without what says nothing: classes of zero, who would have sealed what is not. */
function plain(response: CanonicalResponse): unknown {
  const choices = response.choices.map(({ parts, ...rest }) => ({ ...rest, parts: parts.map((part) => {
    if (part.type !== "reasoning" || part.signature || part.encrypted) return part;
    const { sealedBy: _sealedBy, ...open } = part;
    return open;
  }) }));
  return { ...response, choices, usage: Object.fromEntries(Object.entries(response.usage ?? {}).filter(([, units]) => units > 0)) };
}

/** An answer as the parts of a stream, texts in pieces of `size` letters. */
function streamOf(response: CanonicalResponse, size: number): StreamPart[] {
  const pieces = (value: string): string[] => Array.from({ length: Math.ceil(value.length / size) }, (_, at) => value.slice(at * size, (at + 1) * size));
  const parts: StreamPart[] = [{ type: "start", id: response.id, model: response.model, ...(response.created === undefined ? {} : { created: response.created }), ...(response.serviceTier === undefined ? {} : { serviceTier: response.serviceTier }) }];
  for (const { index: at, parts: list, finish, logprobs } of response.choices) {
    let tokens = logprobs;
    for (const [index, part] of list.entries()) {
      const where = { choice: at, index };
      if (part.type === "text" || part.type === "refusal") {
        parts.push({ type: "part-start", ...where, part: { type: part.type, text: "" } });
        for (const piece of pieces(part.text)) {
          parts.push({ type: "text-delta", ...where, text: piece, ...(tokens ? { logprobs: tokens } : {}) });
          tokens = undefined;
        }
        if (part.type === "text") for (const one of part.citations ?? []) parts.push({ type: "citation", ...where, citation: one });
        parts.push({ type: "part-end", ...where });
      } else if (part.type === "reasoning") {
        const { text: thought, signature, encrypted, ...head } = part;
        parts.push({ type: "part-start", ...where, part: { ...head, text: "" } }, ...pieces(thought).map((piece): StreamPart => ({ type: "text-delta", ...where, text: piece })));
        if (signature) parts.push({ type: "signature-delta", ...where, signature });
        parts.push({ type: "part-end", ...where, ...(encrypted ? { part } : {}) });
      } else if (part.type === "tool-call") {
        parts.push({ type: "part-start", ...where, part: { ...part, arguments: "" } }, ...pieces(part.arguments).map((piece): StreamPart => ({ type: "arguments-delta", ...where, text: piece })), { type: "part-end", ...where });
      } else if (part.type === "audio" && part.source.kind === "base64") {
        parts.push({ type: "part-start", ...where, part: { ...part, source: { ...part.source, data: "" }, transcript: "" } }, { type: "audio-delta", ...where, data: part.source.data }, { type: "audio-delta", ...where, transcript: part.transcript ?? "" }, { type: "part-end", ...where });
      } else parts.push({ type: "part-start", ...where, part }, { type: "part-end", ...where });
    }
    parts.push({ type: "finish", choice: at, reason: finish });
  }
  return [...parts, ...(response.usage ? [{ type: "usage" as const, usage: response.usage }] : []), { type: "end" }];
}

/** The answer that a stream's parts make, and whether their order kept the contract of StreamPart. */
function collect(parts: StreamPart[]): CanonicalResponse {
  const response: CanonicalResponse = { id: "", model: "", choices: [], usage: undefined };
  const open = new Set<string>();
  const choiceAt = (index: number): Choice => {
    let found = response.choices.find((one) => one.index === index);
    if (!found) response.choices.push((found = { index, parts: [], finish: "error" }));
    return found;
  };
  for (const part of parts) {
    if ("index" in part) {
      const key = `${part.choice} ${part.index}`;
      if (part.type === "part-start") {
        expect(choiceAt(part.choice).parts.length).toBe(part.index);
        if (part.part.type !== "tool-call") expect([...open].filter((one) => one.startsWith(`${part.choice} `))).toEqual([]);
        open.add(key);
        choiceAt(part.choice).parts.push(structuredClone(part.part));
      } else if (part.type !== "citation") expect(open.has(key)).toBe(true);
      if (part.type === "part-end") open.delete(key);
    }
    const held = "index" in part ? choiceAt(part.choice).parts[part.index] : undefined;
    switch (part.type) {
      case "start":
        response.id = part.id;
        response.model = part.model;
        if (part.created !== undefined) response.created = part.created;
        if (part.serviceTier !== undefined) response.serviceTier = part.serviceTier;
        break;
      case "text-delta":
        if (held && "text" in held) held.text += part.text;
        if (part.logprobs) (choiceAt(part.choice).logprobs ??= []).push(...part.logprobs);
        break;
      case "arguments-delta":
        if (held?.type === "tool-call") held.arguments += part.text;
        break;
      case "signature-delta":
        if (held?.type === "reasoning") held.signature = (held.signature ?? "") + part.signature;
        break;
      case "citation":
        if (held?.type === "text") (held.citations ??= []).push(part.citation);
        break;
      case "audio-delta":
        if (held?.type !== "audio" || held.source.kind !== "base64") break;
        held.source.data += part.data ?? "";
        if (part.transcript) held.transcript = (held.transcript ?? "") + part.transcript;
        if (part.id) held.id = part.id;
        if (part.expiresAt !== undefined) held.expiresAt = part.expiresAt;
        break;
      case "part-end":
        if (part.part) choiceAt(part.choice).parts[part.index] = part.part;
        break;
      case "finish":
        expect([...open].filter((one) => one.startsWith(`${part.choice} `))).toEqual([]);
        choiceAt(part.choice).finish = part.reason;
        break;
      case "usage":
        response.usage = part.usage;
        break;
      case "part-start":
      case "ping":
      case "error":
      case "end":
        break;
    }
  }
  response.choices.sort((a, b) => a.index - b.index);
  return response;
}

const eventsOf = (wire: string): string[] => wire.split("\n\n").filter((event) => event.startsWith("data: ")).map((event) => event.slice(6));

describe("round trips", () => {
  test("requests", () => {
    fc.assert(fc.property(request, (made) => {
      const { body, dropped } = encodeRequest(made);
      expect(dropped).toEqual([]);
      const { fields: _fields, ...read } = codec.decodeRequest(JSON.parse(JSON.stringify(body)) as Record<string, unknown>, {});
      expect(read).toEqual(made);
    }), { numRuns: RUNS });
  });

  test("answers", () => {
    fc.assert(fc.property(answer, (made) => {
      const body = JSON.parse(JSON.stringify(codec.encodeResponse(made, context(REQUEST)))) as Record<string, unknown>;
      expect(plain(codec.decodeResponse(body))).toEqual(plain(made));
    }), { numRuns: RUNS });
  });

  test("S06: streams say what whole answers say, whatever the pieces", () => {
    fc.assert(fc.property(answer, fc.integer({ min: 1, max: 30 }), (made, size) => {
      const encoder = codec.streamEncoder(context(REQUEST), "sse");
      const wire = streamOf(made, size).map((part) => encoder.push(part)).join("") + encoder.flush();
      const decoder = codec.streamDecoder();
      const parts = [...eventsOf(wire).flatMap((data) => decoder.push({ data })), ...decoder.flush()];
      const body = JSON.parse(JSON.stringify(codec.encodeResponse(made, context(REQUEST)))) as Record<string, unknown>;
      expect(parts.at(-1)).toEqual({ type: "end" });
      expect(plain(collect(parts))).toEqual(plain(codec.decodeResponse(body)));
    }), { numRuns: RUNS });
  });
});

/** The same JSON with one value somewhere put in place of another. */
function mutated(value: unknown, steps: number[], replacement: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== "object" || value === null) return replacement;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return replacement;
  const inner = mutated((value as Record<string, unknown>)[key], rest, replacement);
  return Array.isArray(value) ? value.map((item: unknown, at) => (String(at) === key ? inner : item)) : { ...value, [key]: inner };
}
const mutation = fc.tuple(fc.array(fc.nat(20), { minLength: 1, maxLength: 7 }), fc.jsonValue({ maxDepth: 3 }));
const objectOf = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : { value });
/** Letters out per letter in: every piece may be said twice, and each is wrapped. */
const GROWTH_MAX = 40;

describe("fuzz", () => {
  const refusesOrReads = (body: Record<string, unknown>): void => {
    try {
      const read = codec.decodeRequest(body, {});
      codec.encodeRequest(read, { model: "m", maxOutputTokens: 100, reasons: true, traits: new Set() });
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError);
      expect((error as GatewayError).kind.status).toBeLessThan(500);
    }
  };

  test("requests: any JSON, and valid ones with something wrong", () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (body) => refusesOrReads(objectOf(body))), { numRuns: RUNS });
    fc.assert(fc.property(request, mutation, mutation, (made, [first, a], [second, b]) => refusesOrReads(objectOf(mutated(mutated(encodeRequest(made).body, first, a), second, b)))), { numRuns: RUNS });
  });

  test("answers: never throws, and what was read can be written", () => {
    fc.assert(fc.property(answer, mutation, mutation, (made, [first, a], [second, b]) => {
      const body = objectOf(mutated(mutated(codec.encodeResponse(made, context(REQUEST)), first, a), second, b));
      JSON.stringify(codec.encodeResponse(codec.decodeResponse(body), context(REQUEST)));
    }), { numRuns: RUNS });
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (body) => void codec.decodeResponse(objectOf(body))), { numRuns: RUNS });
  });

  test("streams: never throws, bounded, parts stay in order", () => {
    fc.assert(fc.property(answer, fc.array(fc.tuple(fc.nat(40), mutation), { maxLength: 4 }), fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 3 }), (made, mutations, junk) => {
      const encoder = codec.streamEncoder(context(REQUEST), "sse");
      let events = eventsOf(streamOf(made, 5).map((part) => encoder.push(part)).join(""));
      for (const [at, [steps, value]] of mutations) events = events.map((data, index) => (index === at && data.startsWith("{") ? JSON.stringify(mutated(JSON.parse(data), steps, value)) : data));
      const decoder = codec.streamDecoder();
      const parts = [...[...events, ...junk].flatMap((data) => decoder.push({ data })), ...decoder.flush()];
      const size = [...events, ...junk].join("").length;
      expect(JSON.stringify(parts).length).toBeLessThan(1_000 + size * GROWTH_MAX);
      collect(parts);
      const again = codec.streamEncoder(context(REQUEST), "sse");
      for (const part of parts) again.push(part);
    }), { numRuns: RUNS });
  });
});
