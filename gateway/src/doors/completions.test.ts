import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const openai = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/v1/completions`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}`, ...headers }, body: JSON.stringify(body) });

/** One model of each vendor of conversation, and one that takes plain prompts itself. */
const MODELS = ["gpt-4.1-mini", "claude-sonnet-5", "gemini-2.5-flash", "gpt-3.5-turbo-instruct"];

describe.each(MODELS)("%s by the official SDK", (model) => {
  test("whole: text, finish reason and usage", async () => {
    const completion = await openai.completions.create({ model, prompt: "Say: once upon a time", max_tokens: 400 });
    expect(completion.object).toBe("text_completion");
    expect(completion.model).toBe(model);
    expect(completion.id).toBeString();
    expect(completion.choices).toHaveLength(1);
    expect(completion.choices[0]).toMatchObject({ index: 0, text: "once upon a time", finish_reason: "stop" });
    expect(completion.usage?.completion_tokens).toBeGreaterThanOrEqual(4);
    expect(completion.usage?.total_tokens).toBe((completion.usage?.prompt_tokens ?? 0) + (completion.usage?.completion_tokens ?? 0));
  });

  test("stream: the same text in pieces, the usage chunk for those who ask, [DONE]", async () => {
    let text = "";
    let finish = "";
    let usage: OpenAI.CompletionUsage | undefined;
    for await (const chunk of await openai.completions.create({ model, prompt: ["count to 6"], max_tokens: 400, stream: true, stream_options: { include_usage: true } })) {
      expect(chunk.object).toBe("text_completion");
      text += chunk.choices[0]?.text ?? "";
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    expect([text, finish]).toEqual(["1, 2, 3, 4, 5, 6", "stop"]);
    expect(usage?.completion_tokens).toBeGreaterThan(6);
    const plain = await (await post({ model, prompt: "count to 6", max_tokens: 400, stream: true })).text();
    expect(plain.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(plain).not.toContain('"usage":{');
  });

  test("the row and the ledger are what the vendor reported", async () => {
    const other = await gateway.newCaller("10");
    gateway.sandbox.reset();
    const response = await fetch(`${gateway.url}/v1/completions`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${other.apiKey}` }, body: JSON.stringify({ model, prompt: "count to 5", max_tokens: 300 }) });
    expect(response.status).toBe(200);
    const [row] = await gateway.rows(other.userId);
    const reported = gateway.seen()[0]?.usage ?? {};
    const usage = row?.usage as Record<string, number>;
    const produced = reported["completion_tokens"] ?? reported["output_tokens"] ?? (reported["candidatesTokenCount"] ?? 0) + (reported["thoughtsTokenCount"] ?? 0);
    expect((usage["output"] ?? 0) + (usage["reasoning"] ?? 0)).toBe(produced);
    expect(usage["input"]).toBe(reported["prompt_tokens"] ?? reported["input_tokens"] ?? reported["promptTokenCount"] ?? -1);
    expect(row).toMatchObject({ dialect: "openai-completions", endpoint: "completions", status: 200, estimated: false });
    expect(BigInt(row?.charge_nano ?? 0)).toBeGreaterThan(0n);
    expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], wrongCharges: [] });
  });
});

test("log probabilities come back in the old form, and fit the text", async () => {
  const { choices } = await openai.completions.create({ model: "gpt-4.1-mini", prompt: "count to 3", logprobs: 2 });
  const { tokens, token_logprobs: weights, text_offset: offsets, top_logprobs: tops } = choices[0]?.logprobs ?? {};
  expect(tokens?.join("")).toBe(choices[0]?.text ?? "");
  expect(weights).toHaveLength(tokens?.length ?? 0);
  expect(tops).toHaveLength(tokens?.length ?? 0);
  expect(offsets?.map((from, index) => choices[0]?.text.startsWith(tokens?.[index] ?? "?", from))).not.toContain(false);
});

test("what a conversation has no place for is reported, or refused in strict mode", async () => {
  const body = { model: "claude-sonnet-5", prompt: "count to 3", echo: true, suffix: "the end", best_of: 3, logprobs: 1 };
  const response = await post(body);
  expect(response.status).toBe(200);
  expect(response.headers.get("x-yescale-dropped")?.split(", ").toSorted()).toEqual(["best_of", "echo", "logprobs", "suffix"]);
  const strict = await post(body, { "x-yescale-strict": "1" });
  expect(strict.status).toBe(400);
  expect((await strict.json()) as unknown).toMatchObject({ error: { type: "invalid_request_error" } });
  // Asking for nothing is no wish.
  expect((await post({ model: "claude-sonnet-5", prompt: "count to 3", echo: false, suffix: null, best_of: 1, n: 1 }, { "x-yescale-strict": "1" })).headers.get("x-yescale-dropped")).toBeNull();
});

test("a model of plain prompts takes all of it itself: token ids, several prompts, echo", async () => {
  gateway.sandbox.reset();
  const body = { model: "gpt-3.5-turbo-instruct", prompt: ["count to 2", "count to 3"], echo: true, max_tokens: 50 };
  const { choices } = await openai.completions.create(body);
  expect(choices.map((choice) => choice.text)).toEqual(["count to 21, 2", "count to 31, 2, 3"]);
  expect(gateway.seen()[0]?.path).toBe("/v1/completions");
  expect(Buffer.from(gateway.seen()[0]?.body.base64 ?? "", "base64").toString()).toBe(JSON.stringify(body));
  expect((await openai.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: [1, 2, 3] })).usage?.prompt_tokens).toBe(3);
});

test("a model of plain prompts answers a chat of one message, and refuses turns", async () => {
  const answer = await openai.chat.completions.create({ model: "gpt-3.5-turbo-instruct", messages: [{ role: "user", content: "count to 4" }] });
  expect(answer.choices[0]?.message.content).toBe("1, 2, 3, 4");
  const refused: unknown = await openai.chat.completions.create({ model: "gpt-3.5-turbo-instruct", messages: [{ role: "system", content: "be kind" }, { role: "user", content: "hi" }] }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 400, param: "messages" });
});

test.each([
  ["no prompt", {}, "prompt", "missing"],
  ["prompt null", { prompt: null }, "prompt", "missing"],
  ["token ids", { prompt: [1, 2, 3] }, "prompt", "token ids"],
  ["lists of token ids", { prompt: [[1, 2], [3]] }, "prompt", "token ids"],
  ["several prompts", { prompt: ["a", "b"] }, "prompt", "one text"],
  ["no prompts", { prompt: [] }, "prompt", "empty"],
  ["empty prompt", { prompt: "" }, "prompt", "empty"],
  ["prompt of another type", { prompt: 5 }, "prompt", "text"],
  ["prompt with an object", { prompt: [{ text: "a" }] }, "prompt", "text"],
  ["n", { prompt: "a", n: 0 }, "n", "at least 1"],
  ["too many", { prompt: "a", n: 1000 }, "n", "128"],
  ["best_of below n", { prompt: "a", n: 2, best_of: 1 }, "best_of", "less"],
  ["temperature", { prompt: "a", temperature: 9 }, "temperature", "from 0 to 2"],
  ["logprobs", { prompt: "a", logprobs: 6 }, "logprobs", "from 0 to 5"],
  ["max_tokens", { prompt: "a", max_tokens: "many" }, "max_tokens", "whole number"],
  ["stop", { prompt: "a", stop: [1] }, "stop[0]", "text"],
  ["stream", { prompt: "a", stream: "yes" }, "stream", "true or false"],
] as const)("400: %s", async (_name, members, param, text) => {
  gateway.sandbox.reset();
  const response = await post({ model: "gpt-4.1-mini", ...members });
  const { error } = (await response.json()) as { error: { message: string; param: string; type: string } };
  expect([response.status, error.param, error.type]).toEqual([400, param, "invalid_request_error"]);
  expect(error.message).toContain(text);
  expect(gateway.seen()).toEqual([]);
});
