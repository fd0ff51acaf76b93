import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { accumulateResponse } from "openai/lib/responses/ResponseAccumulator";
import type { Response, ResponseStreamEvent } from "openai/resources/responses/responses";
import type { Tool } from "./canonical/request.ts";
import { eventsOf, objects } from "./testing/clients.ts";
import { codecOf, contextOf, translate } from "./testing/pairs.ts";

/** Answers of Gemini's whose sources come with the last event, when texts have long ended (constructed after the SDK type GroundingMetadata): what callers of every dialect keep of the stream is what they get of the whole answer. */
type Wire = Record<string, unknown>;

const said = fc.string({ unit: fc.constantFrom("a", "z", "ü", "日", "𝄞", " "), minLength: 1, maxLength: 12 }).map((text): Wire[] => [{ text: `${text}.` }]);
const other = fc.constantFrom<Wire[]>(
  [{ executableCode: { language: "PYTHON", code: "print(1)" } }, { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1\n" } }],
  [{ inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } }],
  [{ functionCall: { name: "get_weather", args: { city: "Hue" } } }],
  [{ text: "hm", thought: true }],
);
const pages = [0, 1, 2].map((n) => ({ web: { uri: `https://example.com/${n}`, title: `Page ${n}` } }));

const answer = fc
  .record({
    parts: fc.array(fc.oneof({ weight: 2, arbitrary: said }, { weight: 3, arbitrary: other }), { minLength: 1, maxLength: 7 }).map((drawn) => drawn.flat()),
    supports: fc.array(fc.record({ part: fc.nat(6), from: fc.nat(5), length: fc.integer({ min: 1, max: 9 }), pages: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 2 }) }), { maxLength: 4 }),
    searched: fc.boolean(),
    recited: fc.boolean(),
  })
  .map(({ parts: drawn, supports, searched, recited }) => {
    // Pieces of the same kind would become one part of a stream.
    const kind = (part: Wire): string => (part["thought"] ? "thought" : Object.keys(part)[0] ?? "");
    const parts = drawn.filter((part, at) => !["text", "thought"].includes(kind(part)) || at === 0 || kind(part) !== kind(drawn[at - 1] ?? {}));
    const groundingSupports = supports.map((support) => ({
      segment: { partIndex: support.part % parts.length, startIndex: support.from, endIndex: support.from + support.length },
      groundingChunkIndices: support.pages,
    }));
    const groundingMetadata = { groundingChunks: pages, groundingSupports, ...(searched ? { webSearchQueries: ["weather"] } : {}) };
    const citationMetadata = { citations: [{ startIndex: 0, endIndex: 2, uri: "https://example.com/poem" }] };
    return { parts, end: { finishReason: "STOP", groundingMetadata, ...(recited ? { citationMetadata } : {}) } };
  });
const cuts = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 });
const context = contextOf({ tools: [{ type: "web-search" }] as Tool[] });

type Answer = Wire & { parts: Wire[]; end: Wire };
const body = (candidate: Wire): Wire => ({ candidates: [{ index: 0, ...candidate }], responseId: "r1", modelVersion: "m" });
const wholeOf = ({ parts, end }: Answer): Wire => body({ content: { role: "model", parts }, ...end });

/** Every part in an event of its own, texts in pieces; the sources in the last event, with the finish alone or with the last part. */
function streamed({ parts, end }: Answer, size: number, apart: boolean): Buffer {
  const pieces = parts.flatMap((part) => (typeof part["text"] === "string" ? [...(part["text"].match(new RegExp(`[^]{1,${size}}`, "gu")) ?? [])].map((text) => ({ ...part, text })) : [part]));
  const events = pieces.map((part, at) => body({ content: { role: "model", parts: [part] }, ...(!apart && at === pieces.length - 1 ? end : {}) }));
  if (apart) events.push(body(end));
  return Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join(""));
}

const run = (check: (answer: Answer, stream: (caller: "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini") => string) => void): void =>
  fc.assert(
    fc.property(answer, fc.integer({ min: 1, max: 4 }), fc.boolean(), cuts, (given, size, apart, chunks) =>
      check(given, (caller) => translate(caller, "gemini", streamed(given, size, apart), context, chunks)),
    ),
    { numRuns: 150 },
  );
const told = (caller: "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini", given: Answer): Wire =>
  codecOf(caller).encodeResponse(codecOf("gemini").decodeResponse(wholeOf(given)), context);

describe("sources that come after their text: a stream tells what the whole answer does", () => {
  test("S18: chat completions: the same places in the content, in one chunk", () =>
    run((given, stream) => {
      const deltas = eventsOf(stream("openai-chat")).flatMap((event) => objects(event["choices"]).map((choice) => choice["delta"] as Wire));
      const [message] = objects(told("openai-chat", given)["choices"]).map((choice) => choice["message"] as Wire);
      const annotations = deltas.flatMap((delta) => (delta["annotations"] === undefined ? [] : [delta["annotations"]]));
      const said = deltas.map((delta) => (typeof delta["content"] === "string" ? delta["content"] : "")).join("");
      expect(said).toBe(typeof message?.["content"] === "string" ? message["content"] : "");
      expect(annotations).toEqual(message?.["annotations"] === undefined ? [] : [message["annotations"]]);
    }));

  test("S18: chat completions: two candidates side by side, each as in the whole answer", () =>
    fc.assert(
      fc.property(fc.tuple(answer, answer), fc.integer({ min: 1, max: 4 }), cuts, (pair, size, chunks) => {
        const events = pair.map((given) => streamed(given, size, true).toString().split("\r\n\r\n").filter((event) => event !== "").map((event) => JSON.parse(event.slice(6)) as Wire));
        const merged = Array.from({ length: Math.max(...events.map((list) => list.length)) }, (_none, at) => ({
          ...body({}), candidates: events.flatMap((list, index) => objects(list[at]?.["candidates"]).map((candidate) => ({ ...candidate, index }))),
        }));
        const stream = translate("openai-chat", "gemini", Buffer.from(merged.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join("")), context, chunks);
        const whole = codecOf("openai-chat").encodeResponse(codecOf("gemini").decodeResponse({ ...body({}), candidates: pair.flatMap((given, index) => objects(wholeOf(given)["candidates"]).map((candidate) => ({ ...candidate, index }))) }), context);
        const deltas = eventsOf(stream).flatMap((event) => objects(event["choices"]));
        for (const [index, choice] of objects(whole["choices"]).entries()) {
          const message = choice["message"] as Wire;
          const mine = deltas.filter((delta) => delta["index"] === index).map((delta) => delta["delta"] as Wire);
          const text = (name: string): string => mine.map((delta) => (typeof delta[name] === "string" ? delta[name] : "")).join("");
          expect([text("content"), text("reasoning_content")]).toEqual([typeof message["content"] === "string" ? message["content"] : "", typeof message["reasoning_content"] === "string" ? message["reasoning_content"] : ""]);
          expect(mine.flatMap((delta) => (delta["annotations"] === undefined ? [] : [delta["annotations"]]))).toEqual(message["annotations"] === undefined ? [] : [message["annotations"]]);
          const ids = (calls: Wire[]): unknown[] => calls.flatMap((call) => (typeof call["id"] === "string" ? [call["id"]] : []));
          expect(ids(mine.flatMap((delta) => objects(delta["tool_calls"])))).toEqual(ids(objects(message["tool_calls"])));
          expect(deltas.filter((delta) => delta["index"] === index && delta["finish_reason"] !== null).map((delta) => delta["finish_reason"])).toEqual([choice["finish_reason"]]);
        }
      }),
      { numRuns: 60 },
    ));

  test("S18: responses: what OpenAI's accumulator has gathered before the end is what the end repeats and what the whole answer holds", () =>
    run((given, stream) => {
      let gathered: Response | undefined;
      for (const event of eventsOf(stream("openai-responses")) as unknown as ResponseStreamEvent[]) {
        if (event.type === "response.completed") expect(gathered?.output).toEqual(event.response.output);
        gathered = accumulateResponse(event, gathered);
      }
      expect(gathered?.output as unknown).toEqual(told("openai-responses", given)["output"]);
    }));

  test("S18: messages: blocks one after the other, and no citation is lost; the last text has its own", () =>
    run((given, stream) => {
      const blocks: Wire[] = [];
      let open: Wire | undefined;
      for (const event of eventsOf(stream("anthropic-messages"))) {
        const delta = event["delta"] as Wire;
        if (event["type"] === "content_block_start") {
          expect([event["index"], open]).toEqual([blocks.length, undefined]);
          blocks.push((open = { ...(event["content_block"] as Wire) }));
        } else if (event["type"] === "content_block_stop") open = undefined;
        else if (event["type"] === "content_block_delta") {
          if (!open) throw new Error("a delta without a block");
          if (delta["type"] === "text_delta") open["text"] = String(open["text"]) + String(delta["text"]);
          if (delta["type"] === "citations_delta") open["citations"] = [...objects(open["citations"]), delta["citation"]];
        }
      }
      const whole = objects(told("anthropic-messages", given)["content"]);
      const texts = (list: Wire[]): Wire[] => list.filter((block) => block["type"] === "text" && block["text"] !== "");
      const kinds = (list: Wire[]): unknown[] => list.filter((block) => block["text"] !== "").map((block) => block["text"] ?? block["type"]);
      expect(kinds(blocks)).toEqual(kinds(whole));
      const cited = (list: Wire[]): string[] => list.flatMap((block) => objects(block["citations"]).map((citation) => JSON.stringify(citation))).toSorted();
      expect(cited(blocks)).toEqual(cited(whole));
      const last = given.parts.findLastIndex((part) => part["text"] !== undefined);
      const citations = (list: Wire[]): unknown => texts(list).findLast((block) => !String(block["text"]).startsWith("!["))?.["citations"];
      if (given.parts[last]?.["thought"] === undefined && last >= 0) expect(citations(blocks)).toEqual(citations(whole));
    }));

  test("S18: generateContent: the same sources at the same places", () =>
    run((given, stream) => {
      const end = eventsOf(stream("gemini")).flatMap((event) => objects(event["candidates"])).at(-1);
      const [whole] = objects(told("gemini", given)["candidates"]);
      const plain = (candidate: Wire | undefined): unknown => {
        const grounding = candidate?.["groundingMetadata"] as Wire | undefined;
        return grounding && { ...grounding, groundingSupports: objects(grounding["groundingSupports"]).map(({ segment, ...rest }) => ({ ...rest, segment: { ...(segment as Wire), text: undefined } })) };
      };
      expect(plain(end)).toEqual(plain(whole));
    }));
});
