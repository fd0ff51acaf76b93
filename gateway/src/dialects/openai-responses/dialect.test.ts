import { describe, expect, test } from "bun:test";
import { GatewayError } from "../../errors/gateway-error.ts";
import { packSeal } from "../canonical/foreign-seal.ts";
import { scanJson } from "../canonical/json-scan.ts";
import { openaiResponses as dialect } from "./index.ts";

const ENDPOINT = { name: "responses", upstreamPath: "/responses", billable: true };
const scan = (body: unknown) => scanJson(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));

describe("requests", () => {
  const facts = (body: unknown) => dialect.readRequest(scan(body), ENDPOINT);

  test("what money needs", () => {
    expect(facts({ model: "gpt-5", input: "hello there", stream: true, max_output_tokens: 50 })).toMatchObject({ model: "gpt-5", stream: true, maxOutputTokens: 50, choices: 1 });
    expect(facts({ model: "gpt-5", previous_response_id: "resp_1" }).stream).toBe(false);
  });

  test.each([
    [{ input: "x" }, "names no model"],
    [{ model: "m" }, '"input" is missing'],
    [{ model: "m", input: null, previous_response_id: null }, '"input" is missing'],
    [{ model: "m", input: 5 }, '"input" must be'],
    ['{"model":"m","input":"a","input":"b"}', "given twice"],
    [{ model: "m", input: "x", max_output_tokens: -1 }, '"max_output_tokens" must be'],
    [{ model: "m", input: "x", stream: 1 }, '"stream" must be'],
  ])("V36: %j", (body, message) => expect(() => facts(body)).toThrow(message));

  test("pass byte for byte, but for the mapped model name", () => {
    const text = '{ "model":"a",  "input":[{"role":"user","content":"é"}], "unknown": 1.0 }';
    expect(dialect.prepare(scan(text), ENDPOINT, "a").body.toString()).toBe(text);
    expect(dialect.prepare(scan(text), ENDPOINT, "b").body.toString()).toBe(text.replace('"a"', '"b"'));
  });

  test("another vendor's sealed thinking is left out: OpenAI refuses what it cannot open", () => {
    const user = { role: "user", content: "x" };
    const own = { type: "reasoning", summary: [], encrypted_content: "gAAAA" };
    const body = { model: "a", input: [user, own, { type: "reasoning", summary: [], encrypted_content: packSeal({ sealedBy: "anthropic-messages", signature: "s" }) }, user], x: 1 };
    expect(JSON.parse(dialect.prepare(scan(body), ENDPOINT, "a").body.toString())).toEqual({ model: "a", input: [user, own, user], x: 1 });
    const quoted = JSON.stringify({ model: "a", input: [{ role: "user", content: "yescale1.abc" }] });
    expect(dialect.prepare(scan(quoted), ENDPOINT, "a").body.toString()).toBe(quoted);
  });
});

describe("answers", () => {
  const facts = (answer: unknown) => dialect.readAnswer(Buffer.from(JSON.stringify(answer)));
  const message = { type: "message", content: [{ type: "output_text", text: "some words" }] };

  test("usage, searches by the call", () => {
    const search = (type: string) => ({ type: "web_search_call", action: { type } });
    expect(facts({ output: [search("search"), search("open_page"), message], error: null, usage: { input_tokens: 3, output_tokens: 2 } })).toMatchObject({ usage: { input: 3, output: 2, webSearch: 1 }, deliveredTokens: 0 });
  });

  test("M14: zero usage beside content is no report", () => expect(facts({ output: [message], usage: { input_tokens: 3, output_tokens: 0 } })).toEqual({ usage: undefined, deliveredTokens: 2 }));

  test("an error inside a 200, and what is no response", () => {
    expect(facts({ output: [], status: "failed", error: { code: "server_error", message: "Broken." } }).error).toBe("Broken.");
    expect(facts({ choices: [] }).error).toBe("the answer is no response");
    expect(dialect.readAnswer(Buffer.from("<html>")).error).toBe("the answer is no response");
  });
});

describe("streams", () => {
  const event = (data: Record<string, unknown>, named = true): string => `${named ? `event: ${String(data["type"])}\n` : ""}data: ${JSON.stringify(data)}\n\n`;
  const delta = { type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta: "two words", logprobs: [] };
  const completed = { type: "response.completed", response: { output: [{ type: "web_search_call", action: { type: "search" } }], usage: { input_tokens: 3, input_tokens_details: { cached_tokens: 1 }, output_tokens: 2, output_tokens_details: { reasoning_tokens: 1 } } } };

  test.each([true, false])("kinds and usage, types on an event line: %p", (named) => {
    const meter = dialect.meter();
    const kinds = [{ type: "response.created", response: {} }, { type: "response.in_progress", response: {} }, { type: "keepalive" }].map((one) => meter.event(event(one, named)));
    expect(kinds).toEqual(["opening", "opening", "noise"]);
    expect([meter.delivered(), meter.finished()]).toEqual([false, false]);
    expect(meter.event(event(delta, named))).toBe("content");
    expect([meter.delivered(), meter.usage(7)]).toEqual([true, { usage: { input: 7, output: 2 }, estimated: true }]);
    expect(meter.event(event({ type: "response.output_text.done", text: "two words" }, named))).toBe("content");
    expect(meter.event(event(completed, named))).toBe("end");
    expect([meter.finished(), meter.usage(7)]).toEqual([true, { usage: { input: 2, cacheRead: 1, output: 1, reasoning: 1, webSearch: 1 }, estimated: false }]);
  });

  test("incomplete is an end; searches of a cut stream are counted", () => {
    const meter = dialect.meter();
    meter.event(event({ type: "response.output_item.done", item: { type: "web_search_call", action: { type: "search", query: "q" } } }));
    expect(meter.usage(7)).toEqual({ usage: { input: 7, output: 0, webSearch: 1 }, estimated: true });
    expect(meter.event(event({ type: "response.incomplete", response: { usage: { input_tokens: 3, output_tokens: 2 } } }))).toBe("end");
  });

  test("errors: flat, nested, and a failed response with its usage", () => {
    for (const [data, text] of [
      [{ type: "error", message: "a", code: "x" }, "a"],
      [{ type: "error", error: { message: "b" } }, "b"],
      [{ type: "response.failed", response: { error: { message: "c" }, usage: { input_tokens: 3, output_tokens: 2 } } }, "c"],
    ] as const) {
      const meter = dialect.meter();
      meter.event(event(delta));
      expect([meter.event(event(data)), meter.errorText()]).toEqual(["error", text]);
      if (text === "c") expect(meter.usage(1)).toEqual({ usage: { input: 3, output: 2 }, estimated: false });
    }
  });
});

test("errors have OpenAI's body", () => {
  const { status, body } = dialect.renderError(new GatewayError("invalidRequest", { publicText: "No.", param: "input" }), "id-1");
  expect([status, JSON.parse(body)]).toEqual([400, { error: { message: "No. (request id: id-1)", type: "invalid_request_error", param: "input", code: "invalid_request" } }]);
});
