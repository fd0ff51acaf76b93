import fc from "fast-check";
import type { AnswerContext, RequestTarget } from "../../canonical/codec.ts";
import type { Message, Part, ToolCallPart } from "../../canonical/parts.ts";
import type { CanonicalRequest, Tool } from "../../canonical/request.ts";
import type { CanonicalResponse, FinishReason } from "../../canonical/response.ts";
import { collectStream } from "../../canonical/collect-stream.ts";
import type { StreamPart } from "../../canonical/stream.ts";
import { mediaOf } from "../../testing/media-bytes.ts";

/** What Responses can express, generated in the form that its decoder gives (adjacent parts of one role are one message, and the like). */

export const TARGET: RequestTarget = { model: "gpt-5-mini", maxOutputTokens: 100_000, reasons: true, traits: new Set() };

export const contextOf = (request: CanonicalRequest): AnswerContext => ({ id: "0190a0b0-0000-7000-8000-000000000001", model: request.model, nowSeconds: 1_700_000_000, request });

const words = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,15}$/);
const base64 = fc.uint8Array({ minLength: 1, maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString("base64"));
const url = fc.constantFrom("https://example.com/a.png", "http://example.com/b?c=d");

const text = words.map((value): Part => ({ type: "text", text: value }));
const image = fc.oneof(
  fc.record({ type: fc.constant("image" as const), source: mediaOf("image/png", "image/jpeg") }),
  fc.record({ type: fc.constant("image" as const), source: fc.record({ kind: fc.constant("url" as const), url }), detail: fc.constantFrom("low", "high", "original") }),
  fc.record({ type: fc.constant("image" as const), source: fc.record({ kind: fc.constant("file-id" as const), id: name, keeper: fc.constant("openai" as const) }) }),
);
const file = fc.oneof(
  fc.record({ type: fc.constant("file" as const), source: mediaOf("application/pdf"), name: fc.constant("a.pdf") }),
  fc.record({ type: fc.constant("file" as const), source: fc.record({ kind: fc.constant("url" as const), url }) }),
);
const inputParts = fc.array(fc.oneof(text, image, file), { minLength: 1, maxLength: 4 });

const reasoning = fc.record({ type: fc.constant("reasoning" as const), text: words, summary: fc.constant(true), encrypted: words, sealedBy: fc.constant("openai-responses" as const), id: name.map((id) => `rs_${id}`) });

const searchOf = (pagesMin: number) => fc.tuple(words, fc.array(url, { minLength: pagesMin, maxLength: 2 })).map(([query, pages]): Part[] => [
  { type: "hosted-call", id: "", tool: "web-search", name: "web_search", input: JSON.stringify({ query }) },
  ...(pages.length > 0 ? [{ type: "hosted-result" as const, callId: "", tool: "web-search" as const, sources: pages.map((one) => ({ url: one })) }] : []),
]);

const tools = fc.uniqueArray(
  fc.oneof<fc.Arbitrary<Tool>[]>(
    fc.record({ type: fc.constant("function" as const), name, description: words, parameters: fc.constant({ type: "object", properties: { a: { type: "string" } } }), strict: fc.boolean() }),
    fc.record({ type: fc.constant("custom" as const), name, format: fc.constant({ type: "grammar", syntax: "regex", definition: "a+" }) }),
    fc.record({ type: fc.constant("web-search" as const), contextSize: fc.constantFrom("low" as const, "high" as const), allowedDomains: fc.constant<string[]>(["example.com"]), userLocation: fc.constant({ country: "VN" }) }),
    fc.constant({ type: "code-execution" as const }),
    name.chain((inner) => fc.constant({ type: "function" as const, name: `space__${inner}`, parameters: { type: "object", properties: {} }, strict: false, namespace: { name: "space", tool: inner, description: "d" } })),
    fc.constant({ type: "opaque" as const, dialect: "openai-responses" as const, name: "local_shell", value: { type: "local_shell" } }),
  ),
  { selector: (tool: Tool) => ("name" in tool ? tool.name : tool.type), maxLength: 6 },
  // Namespaced tools come back grouped, at the place of the first.
).map((list) => [...list.filter((tool) => !("namespace" in tool)), ...list.filter((tool) => "namespace" in tool)] as Tool[]);

/** A turn of the model with calls, and the results of all of them. */
function round(turn: number, offered: readonly Tool[]): fc.Arbitrary<Message[]> {
  const callable = offered.filter((tool) => tool.type === "function" || tool.type === "custom");
  const call = fc.record({ tool: callable.length > 0 ? fc.constantFrom(...callable) : fc.constant(undefined), args: fc.constantFrom('{"a":"b"}', '{ "a" : 1 }', "{}"), result: fc.oneof(fc.constant([]), text.map((one) => [one]), inputParts) });
  return fc.tuple(fc.array(fc.oneof(text, reasoning, searchOf(0), words.map((value): Part => ({ type: "refusal", text: value }))), { minLength: 1, maxLength: 4 }), fc.array(call, { maxLength: 3 })).map(([said, calls]) => {
    const parts = said.flat().map((part, index): Part => {
      if (part.type === "hosted-call") return { ...part, id: `ws_${turn}_${index}` };
      return part.type === "hosted-result" ? { ...part, callId: `ws_${turn}_${index - 1}` } : part;
    });
    const made = calls.map(({ tool, args }, index): ToolCallPart => ({ type: "tool-call", id: `call_${turn}_${index}`, name: tool && "name" in tool ? tool.name : "gone", arguments: args, ...(tool?.type === "custom" ? { custom: true } : {}) }));
    const results = calls.map(({ result }, index): Part => ({ type: "tool-result", callId: `call_${turn}_${index}`, name: made[index]?.name ?? "", parts: result as never, ...(made[index]?.custom ? { custom: true } : {}) }));
    return [{ role: "assistant" as const, parts: [...parts, ...made] }, ...(results.length > 0 ? [{ role: "tool" as const, parts: results }] : []), { role: "user" as const, parts: [{ type: "text" as const, text: "next" }] }];
  });
}

const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const present = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

export const requests: fc.Arbitrary<CanonicalRequest> = tools.chain((offered) =>
  fc
    .record({
      stream: fc.boolean(),
      system: some(words),
      developer: some(words),
      first: inputParts,
      rounds: fc.tuple(round(0, offered), round(1, offered)).map((list) => list.flat()),
      limit: some(fc.integer({ min: 16, max: 100_000 })),
      temperature: some(fc.constantFrom(0, 0.5, 2)),
      topP: some(fc.constantFrom(0.1, 1)),
      logprobs: some(fc.constantFrom({ top: 0 }, { top: 5 })),
      format: some(fc.constantFrom({ type: "json" as const }, { type: "json-schema" as const, name: "n", schema: { type: "object" }, strict: true }, { type: "json-schema" as const, name: "m", schema: { type: "object" }, description: "d" })),
      reasoning: some(fc.constantFrom({ effort: "low" as const }, { effort: "xhigh" as const, show: "auto" as const, sealed: true }, { show: "detailed" as const }, { sealed: true })),
      verbosity: some(fc.constantFrom("low" as const, "high" as const)),
      choice: fc.constantFrom("auto", "none", "required", "tool", "allowed", undefined),
      parallelToolCalls: some(fc.boolean()),
      user: some(words),
      metadata: some(fc.constant({ a: "b" })),
      serviceTier: some(fc.constantFrom("flex", "priority")),
      promptCacheKey: some(words),
      store: fc.boolean(),
      own: some(fc.constant({ dialect: "openai-responses" as const, values: { previous_response_id: "resp_1", truncation: "auto" } })),
    })
    .map(({ system, developer, first, rounds, limit, choice, ...more }): CanonicalRequest => {
      const callable = offered.flatMap((tool) => ("name" in tool && tool.type !== "opaque" ? [tool.name] : []));
      const toolChoice = choice === "tool" ? callable[0] && { mode: "tool" as const, name: callable[0] } : choice === "allowed" ? callable.length > 0 && { mode: "allowed" as const, names: callable, required: true } : choice && { mode: choice as "auto" };
      return present({
        ...more,
        model: TARGET.model,
        messages: [
          ...(system === undefined ? [] : [{ role: "system" as const, parts: [{ type: "text" as const, text: system }] }]),
          ...(developer === undefined ? [] : [{ role: "developer" as const, parts: [{ type: "text" as const, text: developer }] }]),
          { role: "user" as const, parts: first },
          ...rounds,
        ],
        tools: offered.length > 0 ? offered : undefined,
        toolChoice: offered.length > 0 && toolChoice ? toolChoice : undefined,
        parallelToolCalls: offered.length > 0 ? more.parallelToolCalls : undefined,
        maxOutputTokens: limit,
      } as unknown as CanonicalRequest);
    }),
);

const answerText = fc.tuple(words, fc.boolean()).map(([value, cited]): Part => ({ type: "text", text: value, ...(cited ? { citations: [{ url: "https://example.com/", title: "t", start: 0, end: 1 }] } : {}) }));
const seals = fc.oneof(
  fc.record({ encrypted: words, sealedBy: fc.constant("openai-responses" as const) }),
  fc.record({ signature: words, sealedBy: fc.constant("anthropic-messages" as const) }),
  fc.record({ encrypted: words, sealedBy: fc.constant("anthropic-messages" as const) }),
  fc.constant({}),
);
const answerParts = fc
  .array(
    fc.oneof(
      answerText.map((part) => [part]),
      fc.tuple(words, seals, name).map(([value, seal, id]): Part[] => [{ type: "reasoning", text: value, summary: true, ...seal, id: `rs_${id}` }]),
      fc.record({ args: fc.constantFrom('{"a":"b"}', "{}", '{ "a": "é\\n" }'), custom: fc.boolean(), signed: fc.boolean() }).map(({ args, custom, signed }): Part[] => [
        { type: "tool-call", id: "", name: "tool", arguments: custom ? "free text" : args, ...(custom ? { custom } : {}), ...(signed ? { signature: "sig" } : {}) },
      ]),
      // Without a page a search ends when the next thing begins, which is told by an example.
      searchOf(1),
      base64.map((data): Part[] => [{ type: "image", source: { kind: "base64", mediaType: "image/png", data } }]),
      fc.constant<Part[]>([{ type: "opaque", dialect: "openai-responses", name: "mcp_call", value: { type: "mcp_call", id: "mcp_1", name: "x", arguments: "{}", server_label: "s" } }]),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((groups) => {
    let call = "";
    return groups.flat().map((part, index): Part => {
      if (part.type === "tool-call") return { ...part, id: `call_${index}` };
      if (part.type === "hosted-call") {
        call = `ws_${index}`;
        return { ...part, id: call };
      }
      return part.type === "hosted-result" ? { ...part, callId: call } : part;
    });
  });

const LOGPROB = { token: "a", logprob: -0.5, bytes: [97], top: [{ token: "b", logprob: -1, bytes: [98] }] };

export const answers: fc.Arbitrary<CanonicalResponse> = fc
  .record({
    parts: answerParts,
    ends: fc.constantFrom<FinishReason>("stop", "length", "content-filter"),
    usage: some(fc.record({ input: fc.integer({ min: 1, max: 9_999 }), output: fc.integer({ min: 1, max: 9_999 }), cacheRead: fc.integer({ min: 1, max: 99 }), cacheWrite: fc.integer({ min: 1, max: 99 }), reasoning: fc.integer({ min: 1, max: 99 }), inputAudio: fc.integer({ min: 1, max: 99 }), outputImage: fc.integer({ min: 1, max: 99 }) })),
    logprobs: fc.boolean(),
    serviceTier: fc.constantFrom("default", "flex"),
  })
  .map(({ parts, ends, usage, logprobs, serviceTier }) => {
    const finish = ends === "stop" && parts.some((part) => part.type === "tool-call") ? "tool-calls" : ends;
    const searches = parts.filter((part) => part.type === "hosted-call").length;
    const spoken = parts.some((part) => part.type === "text");
    return {
      id: "resp_1", model: "m", created: 1_700_000_001, serviceTier,
      choices: [{ index: 0, parts, finish, ...(logprobs && spoken ? { logprobs: [LOGPROB] } : {}) }],
      usage: usage && { ...usage, ...(searches > 0 ? { webSearch: searches } : {}) },
    };
  });

/** The answer as a vendor's decoder would stream it: text in two pieces, calls in pieces. */
export function streamOf(response: CanonicalResponse): StreamPart[] {
  const [choice] = response.choices;
  const parts: StreamPart[] = [{ type: "start", id: response.id, model: response.model, ...(response.created === undefined ? {} : { created: response.created }), ...(response.serviceTier === undefined ? {} : { serviceTier: response.serviceTier }) }];
  let logprobs = choice?.logprobs;
  for (const [index, part] of (choice?.parts ?? []).entries()) {
    const at = { choice: 0, index };
    if (part.type === "text" || part.type === "refusal" || part.type === "reasoning") {
      parts.push({ type: "part-start", ...at, part: part.type === "reasoning" ? { ...part, text: "", signature: undefined, encrypted: undefined } as never : { type: part.type, text: "" } });
      const half = Math.ceil(part.text.length / 2);
      for (const piece of [part.text.slice(0, half), part.text.slice(half)]) {
        parts.push({ type: "text-delta", ...at, text: piece, ...(logprobs && part.type === "text" ? { logprobs } : {}) });
        if (part.type === "text") logprobs = undefined;
      }
      if (part.type === "text") for (const citation of part.citations ?? []) parts.push({ type: "citation", ...at, citation });
      parts.push({ type: "part-end", ...at, ...(part.type === "reasoning" ? { part } : {}) });
    } else if (part.type === "tool-call") {
      parts.push({ type: "part-start", ...at, part: { ...part, arguments: "" } });
      for (const piece of part.arguments.match(/.{1,3}/gsu) ?? []) parts.push({ type: "arguments-delta", ...at, text: piece });
      parts.push({ type: "part-end", ...at });
    } else parts.push({ type: "part-start", ...at, part }, { type: "part-end", ...at });
  }
  parts.push({ type: "finish", choice: 0, reason: choice?.finish ?? "stop" });
  if (response.usage) parts.push({ type: "usage", usage: response.usage });
  return [...parts, { type: "end" }];
}

/** What a stream's parts add up to. Throws where something comes for a part that is not open, or a part never ends. */
export function assembled(stream: readonly StreamPart[]): CanonicalResponse {
  const open = new Set<number>();
  for (const one of stream) {
    if (!("index" in one)) continue;
    if (one.type === "part-start") open.add(one.index);
    else if (!open.has(one.index)) throw new Error(`${one.type} of part ${one.index}, which is not open`);
    if (one.type === "part-end") open.delete(one.index);
  }
  if (open.size > 0) throw new Error(`parts ${[...open].join()} never end`);
  return collectStream(stream);
}
