import { describe, expect, test } from "bun:test";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const openai = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const google = new GoogleGenAI({ apiKey: caller.apiKey, httpOptions: { baseUrl: gateway.url } });
const post = (path: string, body: unknown, headers: Record<string, string> = {}, key = caller.apiKey) =>
  fetch(`${gateway.url}${path}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers }, body: JSON.stringify(body) });

const dot = (one: number[], other: number[]): number => one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);

/** Models of both families, and one of a vendor that speaks OpenAI's. */
const MODELS: [string, number][] = [["text-embedding-3-small", 1536], ["gemini-embedding-001", 3072], ["jina-embeddings-v3", 1024]];

describe.each(MODELS)("%s by OpenAI's SDK", (model, length) => {
  test("base64, which the SDK asks for by itself: vectors of length 1 that react to the text", async () => {
    const { data, usage, object, model: named } = await openai.embeddings.create({ model, input: ["the cat sat on the mat", "the cat sat on a mat", "stock markets fell"] });
    expect([object, named]).toEqual(["list", model]);
    expect(data.map((item) => [item.index, item.object, item.embedding.length])).toEqual([0, 1, 2].map((index) => [index, "embedding", length]));
    const [first, second, third] = data.map((item) => Array.from(item.embedding)) as [number[], number[], number[]];
    expect(dot(first, first)).toBeCloseTo(1, 4);
    expect(dot(first, second)).toBeGreaterThan(dot(first, third) + 0.2);
    expect(usage.prompt_tokens).toBe(15);
    expect(usage.total_tokens).toBe(15);
  });

  test("float and base64 are the same numbers; fewer dimensions when asked", async () => {
    const [float, base64] = await Promise.all([openai.embeddings.create({ model, input: "a text", encoding_format: "float", dimensions: 256 }), openai.embeddings.create({ model, input: "a text", dimensions: 256 })]);
    expect(float.data[0]?.embedding).toHaveLength(256);
    expect(Array.from(base64.data[0]?.embedding ?? [])).toEqual((float.data[0]?.embedding ?? []).map(Math.fround));
  });
});

describe.each(["gemini-embedding-001", "text-embedding-3-large"])("%s by Google's SDK", (model) => {
  test("embedContent of one and of several", async () => {
    const one = await google.models.embedContent({ model, contents: "the cat sat on the mat", config: { outputDimensionality: 128 } });
    expect(one.embeddings?.[0]?.values).toHaveLength(128);
    const several = await google.models.embedContent({ model, contents: ["the cat sat", "markets fell", "the cat sat"] });
    expect(several.embeddings?.map((item) => item.values?.length)).toEqual([3072, 3072, 3072]);
    expect(several.embeddings?.[0]?.values).toEqual(several.embeddings?.[2]?.values ?? []);
    expect(several.embeddings?.[0]?.values).not.toEqual(several.embeddings?.[1]?.values ?? []);
  });

  test(":embedContent answers one embedding", async () => {
    const response = await post(`/v1beta/models/${model}:embedContent`, { content: { parts: [{ text: "the cat" }, { text: "sat" }] }, outputDimensionality: 64 });
    expect(response.status).toBe(200);
    const body = (await response.json()) as { embedding: { values: number[] }; usageMetadata: { promptTokenCount: number } };
    expect(body.embedding.values).toHaveLength(64);
    expect(body.usageMetadata.promptTokenCount).toBe(3);
  });
});

describe("same dialect on both sides: bytes pass through", () => {
  test.each([
    ["texts", "/v1/embeddings", { model: "text-embedding-3-small", input: ["a", "b"], encoding_format: "base64", unknown: { a: 1.0 } }],
    ["token ids", "/v1/embeddings", { model: "text-embedding-3-small", input: [1, 2, 3] }],
    ["lists of token ids", "/v1/embeddings", { model: "text-embedding-3-small", input: [[1, 2], [3]] }],
    ["one content", "/v1beta/models/gemini-embedding-001:embedContent", { content: { parts: [{ text: "a" }] }, taskType: "CLUSTERING" }],
    ["a batch", "/v1/models/gemini-embedding-001:batchEmbedContents", { requests: [{ model: "models/gemini-embedding-001", content: { parts: [{ text: "a" }] } }] }],
  ])("%s", async (_name, path, body) => {
    gateway.sandbox.reset();
    const response = await post(path, body);
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const [seen] = gateway.seen();
    expect(Buffer.from(seen?.body.base64 ?? "", "base64").toString()).toBe(JSON.stringify(body));
    expect(seen?.path).toBe(path);
    if (seen?.answer.base64) expect(text).toBe(Buffer.from(seen.answer.base64, "base64").toString());
  });

  test("engines/{model}: the model of the address counts and goes into the body", async () => {
    gateway.sandbox.reset();
    const response = await post("/v1/engines/text-embedding-ada-002/embeddings", { input: "a" });
    expect(response.status).toBe(200);
    expect(JSON.parse(Buffer.from(gateway.seen()[0]?.body.base64 ?? "", "base64").toString())).toEqual({ model: "text-embedding-ada-002", input: "a" });
    await post("/engines/text-embedding-ada-002/embeddings", { input: "a", model: "text-embedding-3-large" });
    expect(JSON.parse(Buffer.from(gateway.seen()[1]?.body.base64 ?? "", "base64").toString())).toEqual({ input: "a", model: "text-embedding-ada-002" });
  });
});

describe("what is billed", () => {
  /** nano-dollars per token */
  test.each([
    ["/v1/embeddings", { model: "text-embedding-3-small", input: ["the cat sat", "on the mat"] }, 20n],
    ["/v1/embeddings", { model: "gemini-embedding-001", input: ["the cat sat", "on the mat"] }, 150n],
    ["/v1beta/models/gemini-embedding-001:embedContent", { content: { parts: [{ text: "the cat sat" }] } }, 150n],
    ["/v1beta/models/text-embedding-3-large:batchEmbedContents", { requests: [{ content: { parts: [{ text: "the cat sat" }] } }] }, 130n],
    ["/v1/embeddings", { model: "jina-embeddings-v3", input: "the cat sat" }, 50n],
  ])("%s %p: the row and the ledger are what the vendor reported", async (path, body, price) => {
    const payer = await gateway.newCaller("10");
    gateway.sandbox.reset();
    expect((await post(path, body, {}, payer.apiKey)).status).toBe(200);
    const [row] = await gateway.rows(payer.userId);
    const reported = gateway.seen()[0]?.usage ?? {};
    const tokens = reported["prompt_tokens"] ?? reported["promptTokenCount"] ?? 0;
    expect(tokens).toBeGreaterThan(0);
    expect(row?.usage).toEqual({ input: tokens });
    expect(row?.estimated).toBe(false);
    expect(BigInt(row?.charge_nano ?? 0)).toBe(BigInt(tokens) * price);
    expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], wrongCharges: [] });
  });

  test.each([["text-embedding-3-small"], ["gemini-embedding-001"]])("%s without a report: an estimate, marked as one, and told to the caller", async (model) => {
    const payer = await gateway.newCaller("10");
    const response = await post("/v1/embeddings", { model, input: "one two three four five six" }, { "x-sandbox-fault": "no-usage" }, payer.apiKey);
    expect(response.status).toBe(200);
    const [row] = await gateway.rows(payer.userId);
    expect(row?.estimated).toBe(true);
    const { usage } = (await response.json()) as { usage?: { prompt_tokens: number } };
    if (model.startsWith("gemini")) expect(row?.usage).toEqual({ input: usage?.prompt_tokens ?? -1, output: 0 });
  });

  test("a broken answer is no answer: nothing is charged", async () => {
    const payer = await gateway.newCaller("10");
    for (const fault of ["malformed=1", "cut=1", "html", "empty"]) expect((await post("/v1/embeddings", { model: "text-embedding-3-small", input: "a" }, { "x-sandbox-fault": fault }, payer.apiKey)).ok, fault).toBe(false);
    expect((await gateway.rows(payer.userId, 4)).map((row) => BigInt(row.charge_nano))).toEqual([0n, 0n, 0n, 0n]);
  });
});

describe("bad requests get a precise 400 in the caller's dialect, and no vendor sees them", () => {
  test.each([
    ["no input", { model: "text-embedding-3-small" }, "input", "missing"],
    ["null", { model: "text-embedding-3-small", input: null }, "input", "missing"],
    ["input of another type", { model: "text-embedding-3-small", input: { a: 1 } }, "input", "must be"],
    ["empty text", { model: "text-embedding-3-small", input: "" }, "input", "empty"],
    ["empty list", { model: "text-embedding-3-small", input: [] }, "input", "empty"],
    ["a model of chat", { model: "gpt-4.1-mini", input: "a" }, "model", "makes no embeddings"],
    ["token ids for Gemini", { model: "gemini-embedding-001", input: [1, 2, 3] }, "input", "token ids"],
    ["lists of token ids for Gemini", { model: "gemini-embedding-001", input: ["a", [1]] }, "input[1]", "token ids"],
    ["an entry of another type", { model: "gemini-embedding-001", input: ["a", { text: "b" }] }, "input[1]", "text or token ids"],
    ["an empty entry", { model: "gemini-embedding-001", input: ["a", ""] }, "input[1]", "empty"],
    ["more than a batch", { model: "gemini-embedding-001", input: Array.from({ length: 101 }, () => "a") }, "input", "100"],
    ["dimensions", { model: "gemini-embedding-001", input: "a", dimensions: 0 }, "dimensions", "at least 1"],
    ["encoding", { model: "gemini-embedding-001", input: "a", encoding_format: "hex" }, "encoding_format", "float, base64"],
  ])("OpenAI: %s", async (_name, body, param, text) => {
    gateway.sandbox.reset();
    const response = await post("/v1/embeddings", body);
    const { error } = (await response.json()) as { error: { message: string; param: string; type: string } };
    expect([response.status, error.param, error.type]).toEqual([400, param, "invalid_request_error"]);
    expect(error.message).toContain(text);
    expect(gateway.seen()).toEqual([]);
  });

  test.each([
    ["no content", "gemini-embedding-001:embedContent", {}, '"content" is missing'],
    ["content of another type", "gemini-embedding-001:embedContent", { content: "a" }, "must be an object"],
    ["no requests", "gemini-embedding-001:batchEmbedContents", {}, '"requests" is missing'],
    ["another model in the body", "gemini-embedding-001:embedContent", { model: "models/gemini-embedding-2", content: { parts: [{ text: "a" }] } }, "gemini-embedding-2"],
    ["another model in a batch", "gemini-embedding-001:batchEmbedContents", { requests: [{ model: "models/gemini-embedding-2", content: { parts: [{ text: "a" }] } }] }, "gemini-embedding-2"],
    ["a model of chat", "gemini-2.5-flash:embedContent", { content: { parts: [{ text: "a" }] } }, "makes no embeddings"],
    ["embeddings asked to talk", "gemini-embedding-001:generateContent", { contents: [{ parts: [{ text: "a" }] }] }, "call it at /v1/embeddings"],
    ["a picture for OpenAI", "text-embedding-3-small:embedContent", { content: { parts: [{ text: "a" }, { inlineData: { mimeType: "image/png", data: "AA==" } }] } }, "content.parts[1]"],
    ["no parts for OpenAI", "text-embedding-3-small:embedContent", { content: { parts: [] } }, "content.parts"],
    ["no requests for OpenAI", "text-embedding-3-small:batchEmbedContents", { requests: [] }, '"requests" is empty'],
    ["several lengths for OpenAI", "text-embedding-3-small:batchEmbedContents", { requests: [{ content: { parts: [{ text: "a" }] } }, { content: { parts: [{ text: "a" }] }, outputDimensionality: 5 }] }, "requests[1].outputDimensionality"],
  ])("Gemini: %s", async (_name, path, body, text) => {
    gateway.sandbox.reset();
    const response = await post(`/v1beta/models/${path}`, body);
    const { error } = (await response.json()) as { error: { code: number; message: string; status: string } };
    expect([response.status, error.code, error.status]).toEqual([400, 400, "INVALID_ARGUMENT"]);
    expect(error.message).toContain(text);
    expect(gateway.seen()).toEqual([]);
  });

  test("the vendor's own refusal comes in the caller's dialect", async () => {
    const response = await post("/v1beta/models/text-embedding-3-small:embedContent", { content: { parts: [{ text: "a" }] }, outputDimensionality: 9999 });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { message: string; code: number } }).error).toMatchObject({ code: 400, message: expect.stringContaining("dimensions") as string });
    expect((await post("/v1/embeddings", { model: "text-embedding-3-small", input: "a" })).status).toBe(200);
  });

  test("what the other side has no word for is reported", async () => {
    const toOpenAI = await post("/v1beta/models/text-embedding-3-small:embedContent", { content: { parts: [{ text: "a" }] }, taskType: "CLUSTERING", title: "t" });
    expect(toOpenAI.headers.get("x-yescale-dropped")).toBe("taskType, title");
    const toGemini = await post("/v1/embeddings", { model: "gemini-embedding-001", input: "a", user: "u", task: "x" });
    expect(toGemini.headers.get("x-yescale-dropped")).toBe("task, user");
    expect((await post("/v1/embeddings", { model: "gemini-embedding-001", input: "a", user: "u" }, { "x-yescale-strict": "1" })).status).toBe(400);
  });
});

test("wrong calls never take a model out for others", async () => {
  for (let i = 0; i < 8; i += 1) await post("/v1/chat/completions", { model: "text-embedding-3-small", messages: [{ role: "user", content: "a" }] });
  expect((await post("/v1/embeddings", { model: "text-embedding-3-small", input: "a" })).status).toBe(200);
});
