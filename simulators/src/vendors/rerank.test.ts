import { afterAll, describe, expect, test } from "bun:test";
import { startSandbox } from "../server.ts";

const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1" });
afterAll(() => sandbox.stop());
const documents = ["a sunny day at the beach", "heavy rain in the city", "rain tomorrow"];
const ask = (path: string, body: unknown, headers: Record<string, string> = { authorization: "Bearer key-123456" }) =>
  fetch(`${sandbox.url}${path}`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });

describe.each([["/cohere/v1/rerank", "rerank-v3.5"], ["/cohere/v2/rerank", "rerank-v4.0-pro"], ["/jina/v1/rerank", "jina-reranker-v3"]])("%s", (path, model) => {
  test("the nearest first, as many as wanted, the same in every run", async () => {
    const once = await (await ask(path, { model, query: "rain in the city", documents, top_n: 2 })).json();
    const { results } = once as { results: { index: number; relevance_score: number }[] };
    expect(results.map((result) => result.index)).toEqual([1, 2]);
    for (const { relevance_score: score } of results) expect(score).toBeGreaterThan(0);
    const again = (await (await ask(path, { model, query: "rain in the city", documents, top_n: 2 })).json()) as { results: unknown };
    expect(again.results).toEqual(results);
  });

  test("usage in the vendor's own unit", async () => {
    sandbox.reset();
    await ask(path, { model, query: "q", documents: Array.from({ length: 101 }, () => "a b") });
    expect(sandbox.requests()[0]?.["usage"]).toEqual(path.startsWith("/cohere") ? { search_units: 2 } : { total_tokens: 303, prompt_tokens: 303 });
  });

  test("refusals", async () => {
    const status = async (body: unknown, headers?: Record<string, string>): Promise<number> => (await ask(path, body, headers)).status;
    expect(await status({ model, query: "q", documents }, {})).toBe(401);
    expect(await status({ model, query: "q", documents: [] })).toBe(path.startsWith("/cohere") ? 400 : 422);
    expect(await status({ model, documents })).toBe(path.startsWith("/cohere") ? 400 : 422);
    expect(await status({ model: "unknown", query: "q", documents })).toBe(404);
    expect(await status({ model, query: "q", documents }, { authorization: "Bearer key-123456", "x-sandbox-fault": "status=429;retry-after=3" })).toBe(429);
  });
});
