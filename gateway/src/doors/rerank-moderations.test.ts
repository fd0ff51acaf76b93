import { describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { testGateway } from "../testing/gateway.ts";

const gateway = await testGateway();
const caller = await gateway.newCaller("100");
const openai = new OpenAI({ apiKey: caller.apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const post = (path: string, body: unknown, headers: Record<string, string> = {}, key = caller.apiKey) =>
  fetch(`${gateway.url}${path}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers }, body: JSON.stringify(body) });
const sent = (index = 0): unknown => JSON.parse(Buffer.from(gateway.seen()[index]?.body.base64 ?? "", "base64").toString());

describe("moderations", () => {
  test("by the official SDK: a text, several, a picture", async () => {
    const one = await openai.moderations.create({ input: "I will kill the process" });
    expect(one.results[0]).toMatchObject({ flagged: true, categories: { violence: true, hate: false } });
    expect(one.model).toBe("omni-moderation-latest");
    const several = await openai.moderations.create({ model: "omni-moderation-2024-09-26", input: ["good morning", "I hate mornings"] });
    expect(several.results.map((result) => result.flagged)).toEqual([false, true]);
    const picture = await openai.moderations.create({ model: "omni-moderation-latest", input: [{ type: "text", text: "a" }, { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] });
    expect(picture.results[0]?.category_applied_input_types.violence).toContain("image");
  });

  test("without a model the default one is put in; with one the bytes pass through", async () => {
    gateway.sandbox.reset();
    await post("/v1/moderations", { input: "a" });
    await post("/moderations", { model: "omni-moderation-latest", input: "a", own: 1.0 });
    expect(sent(0)).toEqual({ model: "omni-moderation-latest", input: "a" });
    expect(sent(1)).toEqual({ model: "omni-moderation-latest", input: "a", own: 1 });
  });

  test("free: a row, no charge", async () => {
    const payer = await gateway.newCaller("1");
    expect((await post("/v1/moderations", { input: "good morning to you" }, {}, payer.apiKey)).status).toBe(200);
    const [row] = await gateway.rows(payer.userId);
    expect(row).toMatchObject({ model: "omni-moderation-latest", endpoint: "moderations", status: 200, end_reason: "complete" });
    expect(BigInt(row?.charge_nano ?? -1)).toBe(0n);
    expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], wrongCharges: [] });
  });

  test.each([
    ["no input", {}, 400, "input", "missing"],
    ["null", { input: null }, 400, "input", "missing"],
    ["another type", { input: 5 }, 400, "input", "must be"],
    ["a model of chat", { input: "a", model: "gpt-4.1-mini" }, 400, "model", "makes no moderations"],
    ["a retired model", { input: "a", model: "text-moderation-stable" }, 404, "model", "omni-moderation-latest"],
    ["an unknown model", { input: "a", model: "no-such" }, 404, "model", "no-such"],
    ["a model of another type", { input: "a", model: 5 }, 400, "model", "text"],
  ])("%s", async (_name, body, status, param, text) => {
    gateway.sandbox.reset();
    const response = await post("/v1/moderations", body);
    const { error } = (await response.json()) as { error: { message: string; param: string } };
    expect([response.status, error.param]).toEqual([status, param]);
    expect(error.message).toContain(text);
    expect(gateway.seen()).toEqual([]);
  });

  test("an input that only the vendor refuses: its own 400, byte for byte", async () => {
    const response = await post("/v1/moderations", { input: [{ type: "sound" }] });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: { param: string } }).error.param).toBe("input");
  });
});

describe("rerank", () => {
  const documents = ["a sunny day at the beach", "heavy rain in the city", "snow in the mountains", "rain tomorrow"];

  test.each(["/v1/rerank", "/rerank", "/v2/rerank"])("Cohere at %s", async (path) => {
    gateway.sandbox.reset();
    const body = { model: "rerank-v3.5", query: "rain in the city", documents, top_n: 2, max_tokens_per_doc: 512 };
    const response = await post(path, body);
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { results: { index: number; relevance_score: number }[]; meta: { billed_units: unknown } };
    expect(answer.results).toHaveLength(2);
    expect(answer.results[0]?.index).toBe(1);
    expect(answer.results[0]?.relevance_score).toBeGreaterThan(answer.results[1]?.relevance_score ?? 1);
    expect(answer.meta.billed_units).toEqual({ search_units: 1 });
    expect(gateway.seen()[0]).toMatchObject({ vendor: "cohere", path: path.replace(/^\/rerank/, "/v1/rerank") });
    expect(sent()).toEqual(body);
  });

  test("Jina, with its documents", async () => {
    gateway.sandbox.reset();
    const response = await post("/v1/rerank", { model: "jina-reranker-v2-base-multilingual", query: "rain in the city", documents: documents.map((text) => ({ text })), top_n: 1 });
    const answer = (await response.json()) as { results: unknown[]; usage: { total_tokens: number } };
    expect(answer.results).toMatchObject([{ index: 1, document: { text: documents[1] } }]);
    expect(answer.usage.total_tokens).toBeGreaterThan(10);
    expect(gateway.seen()[0]).toMatchObject({ vendor: "jina", path: "/v1/rerank" });
  });

  test("Cohere is paid by the search: one for each hundred documents begun", async () => {
    const payer = await gateway.newCaller("10");
    for (const count of [1, 100, 101, 250]) expect((await post("/v1/rerank", { model: "rerank-v4.0-pro", query: "q", documents: Array.from({ length: count }, (_, index) => `document ${index}`) }, {}, payer.apiKey)).status).toBe(200);
    const rows = await gateway.rows(payer.userId, 4);
    expect(rows.map((row) => [row.usage, BigInt(row.charge_nano), row.estimated])).toEqual([1, 1, 2, 3].map((units) => [{ rerankSearch: units }, BigInt(units) * 2_500_000n, false]));
    expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], wrongCharges: [] });
  });

  test("Jina is paid by the token it reports", async () => {
    const payer = await gateway.newCaller("10");
    gateway.sandbox.reset();
    await post("/v1/rerank", { model: "jina-reranker-v3", query: "rain", documents }, {}, payer.apiKey);
    const [row] = await gateway.rows(payer.userId);
    const tokens = gateway.seen()[0]?.usage?.["total_tokens"] ?? 0;
    expect(row?.usage).toEqual({ input: tokens });
    expect(BigInt(row?.charge_nano ?? 0)).toBe(BigInt(tokens) * 50n);
    expect(await gateway.checkMoney()).toMatchObject({ wrongBalances: [], wrongCharges: [] });
  });

  test("no report: an estimate in the model's own unit, and never above the hold", async () => {
    const payer = await gateway.newCaller("10");
    const body = { query: "q", documents: Array.from({ length: 150 }, (_, index) => `document ${index}`) };
    for (const model of ["rerank-v3.5", "jina-reranker-v3"]) expect((await post("/v1/rerank", { model, ...body }, { "x-sandbox-fault": "no-usage" }, payer.apiKey)).status).toBe(200);
    const [cohere, jina] = await gateway.rows(payer.userId, 2);
    expect([cohere?.usage, cohere?.estimated, BigInt(cohere?.charge_nano ?? 0)]).toEqual([{ rerankSearch: 2 }, true, 4_000_000n]);
    expect(jina?.estimated).toBe(true);
    expect(jina?.usage).not.toHaveProperty("rerankSearch");
    expect(BigInt(jina?.charge_nano ?? 0)).toBeGreaterThan(0n);
  });

  test("too little credit: 402 before the vendor is asked", async () => {
    const poor = await gateway.newCaller("0.001");
    gateway.sandbox.reset();
    expect((await post("/v1/rerank", { model: "rerank-v3.5", query: "q", documents }, {}, poor.apiKey)).status).toBe(402);
    expect(gateway.seen()).toEqual([]);
  });

  test.each([
    ["no query", { model: "rerank-v3.5", documents: ["a"] }, "query", "missing"],
    ["query of another type", { model: "rerank-v3.5", query: 5, documents: ["a"] }, "query", "text"],
    ["no documents", { model: "rerank-v3.5", query: "a" }, "documents", "missing"],
    ["documents of another type", { model: "rerank-v3.5", query: "a", documents: "b" }, "documents", "list"],
    ["top_n", { model: "rerank-v3.5", query: "a", documents: ["b"], top_n: 0 }, "top_n", "at least 1"],
    ["no model", { query: "a", documents: ["b"] }, "model", "names no model"],
    ["a model of chat", { model: "gpt-4.1-mini", query: "a", documents: ["b"] }, "model", "makes no rankings"],
  ])("400: %s", async (_name, body, param, text) => {
    gateway.sandbox.reset();
    const response = await post("/v1/rerank", body);
    const answer = (await response.json()) as { message: string; error: { param: string; message: string } };
    expect([response.status, answer.error.param]).toEqual([400, param]);
    expect(answer.message).toContain(text);
    expect(answer.error.message).toBe(answer.message);
    expect(gateway.seen()).toEqual([]);
  });

  test.each([["rerank-v3.5", 400], ["jina-reranker-v3", 422]])("%s refuses an empty list in its own words", async (model, status) => {
    const response = await post("/v1/rerank", { model, query: "a", documents: [] });
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(model.startsWith("jina") ? "at least 1 item" : "must not be empty");
  });
});
