import { describe, expect, test } from "bun:test";
import { creditWallet } from "../../store/queries/money.ts";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway();
const { api, db, newCaller } = gateway;
const caller = await newCaller("5");
const other = await newCaller("5");

interface Row { id: number; created_at: number; type: number; content: string; username: string; token_name: string; model_name: string; quota: number; prompt_tokens: number; completion_tokens: number; use_time: number; is_stream: boolean; group: string; ip: string; request_id: string; other: string }
interface Log { success: boolean; message: string; total: number; page: number; page_size: number; data: Row[] }
const logs = (query = "", as = caller.accessKey) => api<Log>(`/yescale/logs${query}`, { as });
const chat = (model: string, more: object = {}, key = caller.apiKey) =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }], ...more }) }).then(async (response) => ({ id: response.headers.get("x-request-id"), text: await response.text() }));

describe("GET /yescale/logs", () => {
  test("a request stands in it at once, in the documented members, with what it was charged", async () => {
    const { id } = await chat("gpt-4.1-mini");
    const { body } = await logs();
    const [row] = body.data;
    const [stored] = await gateway.rows(caller.userId);
    expect(body).toMatchObject({ success: true, message: "", page: 1, page_size: 10_000, total: 2 });
    expect(row).toMatchObject({ type: 2, content: "", username: "user1", token_name: "key", model_name: "gpt-4.1-mini", is_stream: false, group: "default", ip: "", request_id: id });
    expect(row?.quota).toBe(Math.round(Number(stored?.charge_nano) / 2000));
    expect(row?.created_at).toBe(Math.floor((stored?.at.getTime() ?? 0) / 1000));
    expect([row?.prompt_tokens, row?.completion_tokens].every((tokens) => (tokens ?? 0) > 0)).toBe(true);
    expect(JSON.parse(row?.other ?? "")).toMatchObject({ endpoint: "chat", status: 200, end: "complete", estimated: false, usage: stored?.usage as unknown as object });
    expect(body.data[1]).toMatchObject({ type: 1, quota: 2_500_000, username: "user1", model_name: "", token_name: "", request_id: "" });
  });

  test("by type, model, key name and time; pages without a gap or a row twice", async () => {
    await chat("claude-sonnet-5", { stream: true });
    await chat("no-such-model");
    for (let i = 0; i < 5; i += 1) await chat("gpt-4.1-mini");
    const all = (await logs()).body;
    expect([all.total, all.data.length]).toEqual([9, 9]);
    expect((await logs("?type=5")).body.data.map((row) => [row.model_name, row.content])).toEqual([["no-such-model", "model_not_found"]]);
    expect((await logs("?model_name=claude-sonnet-5")).body.data.map((row) => row.is_stream)).toEqual([true]);
    expect((await logs("?token_name=key&type=2")).body.total).toBe(7);
    expect((await logs("?token_name=ke")).body.total).toBe(0);
    expect((await logs("?model_name=%25")).body.total).toBe(0);
    const second = all.data[0]?.created_at ?? 0;
    expect((await logs(`?start_timestamp=${second + 1_000}`)).body.total).toBe(0);
    expect((await logs(`?end_timestamp=${second + 1}&start_timestamp=${second - 100}`)).body.total).toBe(9);
    const paged: number[] = [];
    for (let p = 1; p <= 4; p += 1) {
      const { body } = await logs(`?p=${p}&page_size=3`);
      expect([body.total, body.page, body.page_size]).toEqual([9, p, 3]);
      paged.push(...body.data.map((row) => row.id));
      // What comes in meanwhile stands before what was seen, and moves nothing.
      if (p === 1) await creditWallet(db, { userId: caller.userId, amountNano: 1n, kind: "credit", ref: "meanwhile" });
    }
    expect(paged).toEqual(all.data.map((row) => row.id));
    expect((await logs("?p=1&page_size=3")).body.data[0]?.type).toBe(1);
    // A page nobody asked the way to.
    expect((await logs("?p=5&page_size=2")).body.data.map((row) => row.id)).toEqual(all.data.slice(7, 9).map((row) => row.id));
    expect((await logs("?p=900&page_size=2")).body.data).toEqual([]);
  });

  test("top-ups alone, as whole rows", async () => {
    const { status, body } = await logs("?type=1", other.accessKey);
    expect([status, body.total]).toEqual([200, 1]);
    expect(body.data[0]).toEqual({ ...(await logs("", other.accessKey)).body.data[0] } as Row);
    expect(body.data[0]).toMatchObject({ type: 1, quota: 2_500_000, username: "user2", prompt_tokens: 0, model_name: "", other: "" });
  });

  test("V09: nobody reads another's rows, by whatever name", async () => {
    expect((await logs("", other.accessKey)).body.data.map((row) => row.username)).toEqual(["user2"]);
    expect((await logs("?username=user1", other.accessKey)).body).toMatchObject({ total: 0, data: [] });
    expect((await logs("?username=user2", other.accessKey)).body.total).toBe(1);
    expect((await logs("?token_name=key", other.accessKey)).body.total).toBe(0);
  });

  test.each(["p=0", "p=-1", "p=x", "page_size=0", "page_size=10001", "type=-1", "start_timestamp=x", "start_timestamp=9&end_timestamp=5", `token_name=${"x".repeat(101)}`, "model_name=a%00", "p=1000000000&page_size=10000"])("%s is refused", async (query) => {
    const { status, body } = await logs(`?${query}`);
    expect([status, body.success]).toEqual([400, false]);
  });
});

describe("GET /yescale/models", () => {
  interface Listed { model_name: string; provider_name: string; price_per_request: number | null; uptime: number; is_deprecation: number; category: string; endpoint: string }
  test("every model that could be called, and those retired; the alias gives the same", async () => {
    const { body } = await api<{ data: Listed[] }>("/yescale/models", { as: caller.accessKey });
    const models = new Map(body.data.map((model) => [model.model_name, model]));
    expect(models.get("gpt-4.1-mini")).toEqual({ model_name: "gpt-4.1-mini", provider_name: "OpenAI", price_per_request: null, uptime: 1, is_deprecation: 0, category: "Chat, OpenAI", endpoint: "/v1/chat/completions", docs: "/openapi.json" } as Listed);
    expect(models.get("text-embedding-3-small")).toMatchObject({ category: "Embedding, OpenAI", endpoint: "/v1/embeddings" });
    expect(models.get("gpt-image-1")).toMatchObject({ category: "Image, OpenAI", endpoint: "/v1/images/generations" });
    expect(body.data.some((model) => model.is_deprecation === 1 && model.uptime === 0)).toBe(true);
    expect((await api("/yescale/models/list", { as: caller.accessKey })).body).toEqual(body as unknown as Record<string, unknown>);
  });

  test("a model whose channels are all out is down", async () => {
    const down = await testGateway((config) => {
      config.sandbox = "auto";
      config.channels = [{ name: "dead", vendor: "openai", credentials: ["sk-dead"], modelMapping: {}, priority: 0, weight: 1, timeouts: {}, enabled: false }];
    });
    const { accessKey } = await down.newCaller("1");
    const { body } = await down.api<{ data: Listed[] }>("/yescale/models", { as: accessKey });
    expect(body.data.find((model) => model.model_name === "gpt-4.1-mini")).toBeUndefined();
    expect(body.data.find((model) => model.model_name === "claude-sonnet-5")?.uptime).toBe(1);
  });
});
