import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { startSandbox, type Sandbox } from "../../../../simulators/src/server.ts";
import { SseFramer } from "../canonical/framer.ts";
import { eventData } from "../canonical/event-text.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { CanonicalResponse } from "../canonical/response.ts";
import { openaiResponsesCodec as codec } from "./codec.ts";
import { openaiResponses as dialect } from "./index.ts";
import { assembled, contextOf, requests, TARGET } from "./testing/arbitraries.ts";

/** The vendor's simulator, written apart from the codec, as its upstream. */
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
});
afterAll(() => sandbox.stop());

const send = (body: unknown): Promise<Response> =>
  fetch(`${sandbox.url}/openai/v1/responses`, { method: "POST", headers: { authorization: "Bearer sk-test-1", "content-type": "application/json" }, body: JSON.stringify(body) });

async function answer(request: CanonicalRequest): Promise<CanonicalResponse> {
  const response = await send(codec.encodeRequest(request, { ...TARGET, traits: new Set(["no-sampling"]) }).body);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.status, bytes.toString()).toBe(200);
  if (!request.stream) return codec.decodeResponse(JSON.parse(bytes.toString()));
  const meter = dialect.meter();
  const decoder = codec.streamDecoder();
  const { ends } = new SseFramer().push(bytes);
  const parts = ends.flatMap((end, index) => {
    const text = bytes.toString("latin1", ends[index - 1] ?? 0, end);
    meter.event(text);
    return decoder.push({ data: eventData(text) ?? "" });
  });
  const read = assembled([...parts, ...decoder.flush()]);
  expect(meter.usage(0)).toEqual({ usage: read.usage ?? {}, estimated: false });
  return read;
}

const ASK: CanonicalRequest = {
  model: "gpt-5-mini", stream: false, messages: [{ role: "user", parts: [{ type: "text", text: "get_weather in Paris and Oslo" }] }],
  tools: [{ type: "function", name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } }, { type: "web-search" }],
  reasoning: { effort: "low", show: "auto", sealed: true },
};
/** Ids and seals differ from one answer to the next. */
const shape = (response: CanonicalResponse): unknown => JSON.parse(JSON.stringify({ ...response, id: "", created: 0 }).replaceAll(/"(id|encrypted)":"[^"]*"/g, '"$1":""'));

test("an agent's round: calls, their results, thinking that goes back sealed; the same with and without a stream", async () => {
  const first = await answer(ASK);
  expect(shape(await answer({ ...ASK, stream: true }))).toEqual(shape(first));
  const parts = first.choices[0]?.parts ?? [];
  expect(parts.map((part) => part.type)).toEqual(["reasoning", "tool-call", "tool-call"]);
  expect(first).toMatchObject({ choices: [{ finish: "tool-calls" }], usage: { reasoning: 32 } });
  const results = parts.flatMap((part) => (part.type === "tool-call" ? [{ type: "tool-result" as const, callId: part.id, parts: [{ type: "text" as const, text: "mild" }] }] : []));
  const second = await answer({ ...ASK, messages: [...ASK.messages, { role: "assistant", parts }, { role: "tool", parts: results }] });
  expect(second.choices[0]?.parts.find((part) => part.type === "text")).toMatchObject({ text: "get_weather answered: mild\nget_weather answered: mild" });
});

test("a search is billed by the call, cited, and its pages are told", async () => {
  for (const stream of [false, true]) {
    const found = await answer({ ...ASK, stream, messages: [{ role: "user", parts: [{ type: "text", text: "search for Bun" }] }] });
    expect(found.usage?.webSearch).toBe(1);
    expect(found.choices[0]?.parts.slice(1) as unknown).toMatchObject([{ type: "hosted-call", input: '{"query":"search for Bun"}' }, { type: "hosted-result", sources: [{ url: "https://example.com/found" }] }, { type: "text", citations: [{ url: "https://example.com/found" }] }]);
  }
});

test("whatever the canonical form can say, the vendor takes", async () => {
  await fc.assert(
    fc.asyncProperty(requests, async ({ own: _own, ...request }) => {
      // Seals that the vendor did not make itself are refused, rightly.
      const messages = request.messages.map((message) => ({ ...message, parts: message.parts.filter((part) => part.type !== "reasoning") })).filter((message) => message.parts.length > 0);
      const format = request.format?.type === "json" ? undefined : request.format;
      const { format: _format, ...rest } = request;
      const response = await answer({ ...rest, messages, stream: false, ...(format ? { format } : {}) });
      expect(response.usage).toBeDefined();
      // What it answers goes back to the caller as it came.
      const again = codec.decodeResponse(JSON.parse(JSON.stringify(codec.encodeResponse(response, contextOf(request)))));
      expect(shape({ ...again, model: response.model })).toEqual(shape(response));
    }),
    { numRuns: 60 },
  );
});
