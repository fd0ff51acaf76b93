import fc from "fast-check";
import type { AnswerContext, RequestTarget } from "../../canonical/codec.ts";
import type { Message, Part } from "../../canonical/parts.ts";
import type { CanonicalRequest, Tool, ToolChoice } from "../../canonical/request.ts";
import type { CanonicalResponse, Choice } from "../../canonical/response.ts";
import { mediaOf } from "../../testing/media-bytes.ts";

/** Requests and answers within what Gemini can express, for the round trips. */
export const TARGET: RequestTarget = { model: "gemini-3.1-flash", maxOutputTokens: 65_536, reasons: true, traits: new Set() };

export const contextOf = (request: Partial<CanonicalRequest> = {}): AnswerContext => ({
  id: "0197c2a8-0000-7000-8000-000000000001",
  model: "gemini-3.1-flash",
  nowSeconds: 1_790_000_000,
  request: { model: "gemini-3.1-flash", stream: false, messages: [], reasoning: { show: "auto" }, ...request },
});

/** Drops what is undefined, so that optional members are absent and not undefined. */
export const clean = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const text = fc.oneof(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), fc.constantFrom("Grüße aus Łódź", "日本語のテキスト", "👩‍🚀 says hi", "plain"));
const signature = fc.uint8Array({ minLength: 6, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const toolName = fc.stringMatching(/^[a-z_][a-z0-9_.:-]{0,12}$/);
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 2 }, fc.string({ maxLength: 5 }), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie("value"), { maxLength: 2 }), tie("object")),
  object: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie("value"), { maxKeys: 3 }),
})).object;
const args = json.map((value) => JSON.stringify(value));


const media: fc.Arbitrary<Part> = fc.oneof(
  mediaOf("image/png", "image/jpeg").map((source): Part => ({ type: "image", source })),
  mediaOf("audio/wav", "audio/mpeg").map((source): Part => ({ type: "audio", source })),
  mediaOf("video/mp4").map((source): Part => ({ type: "video", source })),
  mediaOf("application/pdf", "text/plain").map((source): Part => ({ type: "file", source })),
  fc.constant<Part>({ type: "file", source: { kind: "file-id", id: "gs://bucket/a.pdf", keeper: "google", mediaType: "application/pdf" } }),
  fc.constant<Part>({ type: "video", source: { kind: "url", url: "https://www.youtube.com/watch?v=9hE5-98ZeCg" } }),
);
const said = text.map((value): Part => ({ type: "text", text: value }));
const thought = fc
  .record({ text, signature: fc.option(signature, { nil: undefined }) })
  .map((value) => clean({ type: "reasoning", ...value, sealedBy: "gemini" }) as Part);
const seal = signature.map((value): Part => ({ type: "reasoning", text: "", signature: value, sealedBy: "gemini" }));

interface Turn {
  user: Part[];
  thoughts: Part[];
  answer: Part[];
  calls: { name: string; args: string; signature: string; result: string; isError: boolean; picture: boolean }[];
}
const turn: fc.Arbitrary<Turn> = fc.record({
  user: fc.array(fc.oneof(said, media), { minLength: 1, maxLength: 3 }),
  thoughts: fc.array(fc.oneof(thought, thought), { maxLength: 1 }),
  answer: fc.array(fc.oneof(said, seal), { minLength: 1, maxLength: 2 }),
  calls: fc.array(
    fc.record({ name: toolName, args, signature, result: fc.oneof(text, args), isError: fc.boolean(), picture: fc.boolean() }),
    { maxLength: 3 },
  ),
});

function messagesOf(system: string | undefined, turns: Turn[]): Message[] {
  const messages: Message[] = system === undefined ? [] : [{ role: "system", parts: [{ type: "text", text: system }] }];
  let count = 0;
  for (const { user, thoughts, answer, calls } of turns) {
    messages.push({ role: "user", parts: user });
    const ids = calls.map(() => `id_${(count += 1)}`);
    messages.push({
      role: "assistant",
      parts: [...thoughts, ...answer, ...calls.map((call, at): Part => ({ type: "tool-call", id: ids[at] ?? "", name: call.name, arguments: call.args, signature: call.signature }))],
    });
    if (calls.length === 0) continue;
    messages.push({
      role: "tool",
      parts: calls.map((call, at) => ({
        type: "tool-result",
        callId: ids[at] ?? "",
        name: call.name,
        parts: [
          { type: "text", text: call.result },
          ...(call.picture ? [{ type: "image" as const, source: { kind: "base64" as const, mediaType: "image/png", data: "iVBORw0KGgo=" } }] : []),
        ],
        ...(call.isError ? { isError: true } : {}),
      })),
    });
    messages.push({ role: "assistant", parts: [{ type: "text", text: "done" }] });
  }
  return messages;
}

const functions = fc.uniqueArray(
  fc.record({ name: toolName, description: fc.option(text, { nil: undefined }), parameters: fc.option(json.map((value) => ({ type: "object", properties: {}, ...(value as object) })), { nil: undefined }) }),
  { maxLength: 3, selector: (tool) => tool.name },
);
const hosted = fc.subarray<Tool>([{ type: "web-search" }, { type: "code-execution" }, { type: "url-context" }, { type: "opaque", dialect: "gemini", name: "googleMaps", value: { enableWidget: true } }]);

function toolsOf(list: { name: string; description?: string | undefined; parameters?: object | undefined }[], own: Tool[], strict: boolean, wish: number): Pick<CanonicalRequest, "tools" | "toolChoice"> {
  const tools: Tool[] = [...list.map((tool) => clean({ type: "function" as const, ...tool, ...(strict ? { strict: true } : {}) }) as Tool), ...own];
  if (tools.length === 0) return {};
  const names = list.map((tool) => tool.name);
  const [first] = names;
  if (first === undefined) return { tools };
  const free: ToolChoice[] = [{ mode: "auto" }];
  const choices: ToolChoice[] = strict
    ? [...free, { mode: "allowed", names, required: false }]
    : [...free, { mode: "none" }, { mode: "required" }, { mode: "tool", name: first }, ...(names.length > 1 ? [{ mode: "allowed" as const, names, required: true }] : [])];
  return { tools, toolChoice: choices[wish % choices.length] ?? { mode: "auto" } };
}

export const requestArbitrary: fc.Arbitrary<CanonicalRequest> = fc
  .record({
    system: fc.option(text, { nil: undefined }),
    turns: fc.array(turn, { minLength: 1, maxLength: 3 }),
    functions,
    hosted,
    strict: fc.boolean(),
    wish: fc.nat(10),
    settings: fc.record({
      temperature: fc.option(fc.integer({ min: 0, max: 20 }).map((n) => n / 10), { nil: undefined }),
      topP: fc.option(fc.constantFrom(0.1, 0.95), { nil: undefined }),
      topK: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
      choices: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      maxOutputTokens: fc.option(fc.integer({ min: 1, max: 65_536 }), { nil: undefined }),
      seed: fc.option(fc.integer(), { nil: undefined }),
      stop: fc.option(fc.array(text, { minLength: 1, maxLength: 5 }), { nil: undefined }),
      presencePenalty: fc.option(fc.constantFrom(-1, 0.5), { nil: undefined }),
      frequencyPenalty: fc.option(fc.constantFrom(-1, 0.5), { nil: undefined }),
      logprobs: fc.option(fc.integer({ min: 0, max: 20 }).map((top) => ({ top })), { nil: undefined }),
      format: fc.option(fc.oneof(fc.constant({ type: "json" as const }), json.map((schema) => ({ type: "json-schema" as const, schema: schema as Record<string, unknown> }))), { nil: undefined }),
      modalities: fc.option(fc.constantFrom<("text" | "audio" | "image")[]>(["text"], ["text", "image"], ["audio"]), { nil: undefined }),
      audio: fc.option(fc.constant({ voice: "Kore" }), { nil: undefined }),
      image: fc.option(fc.constantFrom({ aspectRatio: "16:9" }, { aspectRatio: "1:1", size: "2K" }), { nil: undefined }),
      reasoning: fc.option(fc.constantFrom({ effort: "low" as const, show: "none" as const }, { effort: "high" as const, show: "auto" as const }, { show: "none" as const }), { nil: undefined }),
      serviceTier: fc.option(fc.constantFrom("flex", "priority", "default"), { nil: undefined }),
      own: fc.option(fc.constant({ dialect: "gemini" as const, values: { safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }], "generationConfig.mediaResolution": "MEDIA_RESOLUTION_HIGH", "toolConfig.retrievalConfig": { languageCode: "de" } } }), { nil: undefined }),
    }),
  })
  .map(({ system, turns, functions: list, hosted: own, strict, wish, settings }) =>
    clean({ model: "gemini-3.1-flash", stream: false, messages: messagesOf(system, turns), ...toolsOf(list, own, strict, wish), ...settings } as CanonicalRequest),
  );

/** Answers: thinking, text with citations, pictures, calls, code; text and thinking never stand twice in a row, since a stream cannot tell them apart. */
const choiceArbitrary = fc
  .record({
    thoughts: fc.array(thought, { maxLength: 1 }),
    first: text,
    seal: fc.option(seal, { nil: undefined }),
    picture: fc.boolean(),
    code: fc.boolean(),
    calls: fc.array(fc.record({ name: toolName, args, signature: fc.option(signature, { nil: undefined }) }), { maxLength: 3 }),
    cites: fc.array(fc.record({ page: fc.nat(2), from: fc.nat(6), length: fc.nat(6) }), { maxLength: 3 }),
    search: fc.boolean(),
    cut: fc.boolean(),
    logprobs: fc.boolean(),
  })
  .map((value): Choice => {
    const pages = [0, 1, 2].map((n) => ({ url: `https://example.com/${n}`, title: `Page ${n}` }));
    // Pieces before the answer's text close earlier parts; cited is the text that is still open at the end.
    const parts: Part[] = [...value.thoughts];
    if (value.code) {
      parts.push({ type: "hosted-call", id: "code_a", tool: "code-execution", name: "code_execution", input: JSON.stringify({ code: "print(1)" }), language: "python" });
      parts.push({ type: "hosted-result", callId: "code_a", tool: "code-execution", output: "1\n" });
    }
    if (value.picture) parts.push({ type: "image", source: { kind: "base64", mediaType: "image/png", data: "iVBORw0KGgo=" } });
    for (const [at, call] of value.calls.entries()) parts.push(clean({ type: "tool-call", id: `id_${at}`, name: call.name, arguments: call.args, signature: call.signature }) as Part);
    const units = value.first.length;
    // Positions inside a surrogate pair do not exist in UTF-8.
    const whole = (at: number): number => (at < units && at > 0 && isLowSurrogate(value.first.charCodeAt(at)) ? at + 1 : at);
    const cites = value.search ? value.cites : [];
    const citations = cites.map(({ page, from, length }) => {
      const start = whole(Math.min(from, units));
      return { ...pages[page], start, end: whole(Math.min(start + length, units)) };
    });
    const seen = new Set<string>();
    const unique = citations.filter((one) => !seen.has(JSON.stringify(one)) && seen.add(JSON.stringify(one)));
    parts.push(unique.length > 0 ? { type: "text", text: value.first, citations: unique } : { type: "text", text: value.first });
    if (value.seal) parts.push(value.seal);
    if (value.search) {
      parts.push({ type: "hosted-call", id: "s", tool: "web-search", name: "google_search", input: JSON.stringify({ query: "weather" }) });
      parts.push({ type: "hosted-result", callId: "s", tool: "web-search", sources: pages });
    }
    const finish = value.cut ? "length" : value.calls.length > 0 ? "tool-calls" : "stop";
    return { index: 0, parts, finish, ...(value.logprobs ? { logprobs: [{ token: "a", logprob: -0.5, top: [{ token: "a", logprob: -0.5 }, { token: "b", logprob: -1.5 }] }] } : {}) };
  });

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

export const responseArbitrary: fc.Arbitrary<CanonicalResponse> = fc
  .record({
    choices: fc.array(choiceArbitrary, { minLength: 1, maxLength: 3 }),
    usage: fc.record({ input: fc.integer({ min: 1, max: 9_999 }), inputImage: fc.nat(99), inputAudio: fc.nat(99), cacheRead: fc.nat(99), output: fc.integer({ min: 1, max: 9_999 }), reasoning: fc.nat(99), outputImage: fc.nat(99), outputAudio: fc.nat(99) }),
    tier: fc.constantFrom(undefined, "flex", "priority", "default"),
  })
  .map(({ choices, usage, tier }) => {
    const searches = choices.filter((choice) => choice.parts.some((part) => part.type === "hosted-call" && part.tool === "web-search")).length;
    return clean({
      id: "mAitaLmkHPPlz7IPvtfUqQ4",
      model: "gemini-3.1-flash",
      choices: choices.map((choice, index) => ({ ...choice, index })),
      usage: searches > 0 ? { ...usage, webSearch: searches } : usage,
      serviceTier: tier,
    } as CanonicalResponse);
  });
