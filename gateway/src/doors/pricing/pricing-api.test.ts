import { describe, expect, test } from "bun:test";
import { testGateway } from "../../testing/gateway.ts";
import { eventually } from "../../testing/program.ts";
import { setCatalogOverride } from "../../store/queries/prices.ts";

const MODEL = "gpt-4.1-mini";
const gateway = await testGateway();
const caller = await gateway.newCaller("10");
type Row = Record<string, unknown>;
const pricing = async () => {
  const response = await fetch(`${gateway.url}/api/pricing`);
  return { response, body: (await response.json()) as { data: Row[]; group_ratio: Record<string, number>; usable_group: Record<string, string>; price_version: string; auto_groups: string[] } };
};
const chat = (model: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}`, ...headers }, body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }) });

describe("GET /api/pricing", () => {
  test("lists what can be called, in the family's ratios and in dollars, with what was measured of it", async () => {
    for (let i = 0; i < 25; i += 1) await chat(MODEL, i < 5 ? { "x-sandbox-fault": "status=500" } : {});
    // The caller's own fault is no outage.
    for (let i = 0; i < 5; i += 1) await chat(MODEL, { "x-sandbox-fault": "status=400" });
    await chat("gpt-4.1-nano");
    await gateway.rows(caller.userId, 31);
    // Added up every five seconds; asking for one's own usage does it at once.
    await fetch(`${gateway.url}/yescale/usage`, { headers: { authorization: `Bearer ${caller.accessKey}` } });
    const { response, body } = await pricing();
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    const by = new Map(body.data.map((row) => [row["model_name"], row]));
    // $0.40 and $1.60 for a million tokens.
    expect(by.get(MODEL)).toMatchObject({ quota_type: 0, model_ratio: 0.2, completion_ratio: 4, cache_ratio: 0.25, model_price: 0, prices: { input: "0.4", output: "1.6" }, vendor: "openai", uptime: 0.8333, duration_ms: { p50: expect.any(Number) as number } });
    expect(by.get(MODEL)?.["enable_groups"]).toEqual(expect.arrayContaining(["default", "openai"]));
    expect(by.get(MODEL)?.["enable_groups"]).not.toContain("claude");
    // Too few to tell, and nobody's business.
    expect(by.get("gpt-4.1-nano")).toMatchObject({ uptime: null, duration_ms: null });
    expect(body.group_ratio).toMatchObject({ default: 1, drawing: 1.2, claude: 1.75 });
    expect(body.auto_groups).toEqual(["default"]);
    expect(body.data.every((row) => (row["enable_groups"] as string[]).length > 0)).toBe(true);
    // V29: nothing of channels, vendors' addresses or costs.
    expect(/127\.0\.0\.1|"channel|sandbox/.test(JSON.stringify(body))).toBe(false);
  });

  test("a change of prices is in it at once; groups for some stand in their own list only", async () => {
    const before = (await pricing()).body.price_version;
    await setCatalogOverride(gateway.db, "model", MODEL, { prices: { input: "2", output: "3" }, retiredAt: "2099-12-31", replacedBy: "gpt-4.1" });
    await setCatalogOverride(gateway.db, "group", "inner", { users: [Number(caller.userId)], ratio: "0.5", description: "for one" });
    await setCatalogOverride(gateway.db, "group", "openai", { prices: { [MODEL]: { input: "1", output: "1" } } });
    expect(await eventually(async () => (await pricing()).body.price_version !== before && "openai" in (((await pricing()).body.data.find((row) => row["model_name"] === MODEL)?.["group_prices"] ?? {}) as Row))).toBe(true);
    const { body } = await pricing();
    expect(body.data.find((row) => row["model_name"] === MODEL)).toMatchObject({ model_ratio: 1, completion_ratio: 1.5, deprecated: true, retires_at: "2099-12-31", replaced_by: "gpt-4.1", group_prices: { openai: { input: "1", output: "1" } } });
    expect(body.group_ratio).not.toHaveProperty("inner");
    const own = async (accessKey: string): Promise<Row> => ((await (await fetch(`${gateway.url}/api/user/self/groups`, { headers: { authorization: accessKey, "new-api-user": "7" } })).json()) as { data: Row }).data;
    expect(await own(caller.accessKey)).toMatchObject({ inner: { ratio: 0.5, desc: "for one" }, default: { ratio: 1 } });
    expect(await own((await gateway.newCaller("1")).accessKey)).not.toHaveProperty("inner");
  });

  test("a thousand askers cost one look", async () => {
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => fetch(`${gateway.url}/api/pricing`)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    await Promise.all(answers.map((answer) => answer.body?.cancel()));
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
