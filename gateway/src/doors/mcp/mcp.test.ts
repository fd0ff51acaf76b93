import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { testGateway } from "../../testing/gateway.ts";
import { eventually } from "../../testing/program.ts";
import { SNIPPETS, snippet, type SnippetName } from "./snippets.ts";

const gateway = await testGateway();
const { api, newCaller } = gateway;
const caller = await newCaller("5");
const other = await newCaller("5");

type Era = "2025-11-25" | "2026-07-28";
/** The official client; what it asks with is an access key, as a person would write it into a client's settings. */
async function connected(accessKey: string, era: Era = "2026-07-28") {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: era === "2025-11-25" ? "legacy" : { pin: era } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), { requestInit: { headers: { authorization: `Bearer ${accessKey}` } } }));
  return client;
}
const mine = await connected(caller.accessKey);
afterAll(() => mine.close());

async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<{ text: string; failed: boolean }> {
  const { content, isError } = await client.callTool({ name: `yescale_${name}`, arguments: args });
  const [part] = content;
  return { text: part?.type === "text" ? part.text : "", failed: isError === true };
}
async function told<Value = Record<string, unknown>>(name: string, args: Record<string, unknown> = {}, client = mine): Promise<Value> {
  const { text, failed } = await call(client, name, args);
  expect(failed, text).toBe(false);
  return JSON.parse(text) as Value;
}
const chat = (key: string, model = "gpt-4.1-mini") =>
  fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-yescale-metadata": '{"feature":"search"}' }, body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }) });

describe("the protocol, by the official client", () => {
  test.each<Era>(["2025-11-25", "2026-07-28"])("revision %s: connects, lists the tools, calls one", async (era) => {
    const client = await connected(caller.accessKey, era);
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name).sort()).toEqual([
      "yescale_get_current_user", "yescale_get_integration_snippet", "yescale_get_model_doc", "yescale_get_request_detail", "yescale_get_task", "yescale_get_task_model_config",
      "yescale_get_usage", "yescale_list_models", "yescale_list_tasks", "yescale_search_billing_ledger", "yescale_search_request_logs",
    ]);
    for (const tool of tools) expect([tool.annotations?.readOnlyHint, tool.inputSchema.type, (tool.description ?? "").length > 20], tool.name).toEqual([true, "object", true]);
    expect(await told("get_current_user", {}, client)).toMatchObject({ id: Number(caller.userId), role: 1 });
    await client.close();
  });

  test("without an access key, or with an API key, nobody connects; the client is told 401", async () => {
    for (const key of ["", "nonsense", caller.apiKey]) await expect(connected(key), key).rejects.toThrow();
    expect((await api("/mcp", { method: "POST", as: caller.apiKey, body: { jsonrpc: "2.0", id: 1, method: "ping" } })).status).toBe(401);
  });

  test("no session is kept: what asks for one or ends one is told that there is none", async () => {
    for (const method of ["GET", "DELETE"]) expect((await api("/mcp", { method, as: caller.accessKey })).status, method).toBe(405);
  });

  test("what is no message is refused with a 4xx, never a 500", async () => {
    const headers = { accept: "application/json, text/event-stream" };
    for (const body of ["{", "null", "[]", '"x"', {}, { jsonrpc: "1.0" }, { jsonrpc: "2.0", id: 1, method: "none" }, { jsonrpc: "2.0", method: 1 }, { jsonrpc: "2.0", id: {}, method: "ping" }, { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: 1 } }]) {
      const response = await fetch(`${gateway.url}/mcp`, { method: "POST", headers: { ...headers, authorization: `Bearer ${caller.accessKey}`, "content-type": "application/json" }, body: typeof body === "string" ? body : JSON.stringify(body) });
      const text = await response.text();
      expect(response.status < 500, `${JSON.stringify(body)}: ${response.status} ${text}`).toBe(true);
      if (response.status === 200) expect(text, JSON.stringify(body)).toContain('"error"');
    }
    expect((await fetch(`${gateway.url}/mcp`, { method: "POST", headers: { ...headers, authorization: `Bearer ${caller.accessKey}`, "content-type": "application/json", "content-length": "2000000" }, body: "x".repeat(2_000_000) })).status).toBe(413);
  });
});

describe("models", () => {
  test("are found by name, vendor and category", async () => {
    const found = await told<{ total: number; models: { model_name: string; endpoint: string; category: string }[] }>("list_models", { query: "4.1-mini" });
    expect(found.models).toContainEqual(expect.objectContaining({ model_name: "gpt-4.1-mini", endpoint: "/v1/chat/completions" }));
    const films = await told<typeof found>("list_models", { category: "video", limit: 500 });
    expect(films.models.length).toBe(films.total);
    for (const film of films.models) expect([film.category.startsWith("Video"), film.endpoint], film.model_name).toEqual([true, "/task/submit"]);
    expect((await told<typeof found>("list_models", { limit: 500, includeDeprecated: true })).total).toBeGreaterThan((await told<typeof found>("list_models", { limit: 500 })).total);
  });

  test("each has a document with its address, prices and a request that is served", async () => {
    const { text } = await call(mine, "get_model_doc", { model: "gpt-4.1-mini" });
    for (const part of ["# GPT-4.1 mini", "POST /v1/chat/completions", "input 0.4 for a million tokens", "output 1.6", "default x 1", "curl http://localhost"]) expect(text).toContain(part);
    for (const model of ["kling-v2-master", "flux-dev", "text-embedding-3-small", "rerank-v3.5", "tts-1", "gpt-image-1", "whisper-1", "suno_music"]) expect((await call(mine, "get_model_doc", { model })).text, model).toContain(`(\`${model}\`)`);
    const lost = await call(mine, "get_model_doc", { model: "gpt-99" });
    expect([lost.failed, lost.text]).toEqual([true, 'There is no model "gpt-99". yescale_list_models finds models by a part of their names.']);
  });

  test("the example of a task's model is accepted as it stands", async () => {
    for (const model of ["flux-dev", "kling-v2-master", "suno_music", "veo3", "mj_imagine"]) {
      const config = await told<{ example: Record<string, unknown>; parameters: { name: string }[]; endpoint: string }>("get_task_model_config", { model });
      const response = await fetch(`${gateway.url}/task/submit`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(config.example) });
      expect(response.status, `${model}: ${await response.clone().text()}`).toBe(200);
    }
    expect((await call(mine, "get_task_model_config", { model: "gpt-4.1-mini" })).failed).toBe(true);
  });
});

describe("the account", () => {
  test("is told in dollars, without a credential", async () => {
    const user = await told("get_current_user");
    expect(user).toMatchObject({ id: Number(caller.userId), username: caller.username, role: 1, groups: { default: { ratio: 1 } } });
    expect(JSON.stringify(user)).not.toContain(caller.accessKey);
  });

  test("V09: requests, their lines, the ledger and usage are its own and nobody else's", async () => {
    await chat(caller.apiKey);
    await chat(caller.apiKey, "no-such-model");
    await gateway.rows(caller.userId, 2);
    const logs = await told<{ total: number; data: { request_id: string; model_name: string; type: number }[] }>("search_request_logs", { kind: "consumption", model: "gpt-4.1-mini", metadata: { feature: "search" } });
    expect(logs.data.map((row) => [row.model_name, row.type])).toEqual([["gpt-4.1-mini", 2]]);
    expect((await told<typeof logs>("search_request_logs", { kind: "error" })).data.map((row) => row.model_name)).toEqual(["no-such-model"]);
    const [row] = logs.data;
    const detail = await told<{ charge_usd: string; lines: { amountNano: number }[] }>("get_request_detail", { request_id: row?.request_id });
    expect(detail.lines.reduce((sum, line) => sum + line.amountNano, 0)).toBe(Math.round(Number(detail.charge_usd) * 1e9));
    const ledger = await told<{ data: { kind: string; ref: string; amount_usd: string }[] }>("search_billing_ledger", { limit: 100 });
    expect(ledger.data.find((entry) => entry.ref === row?.request_id)).toMatchObject({ kind: "charge", amount_usd: `-${detail.charge_usd}` });
    const usage = await told<{ data: { model: string; requests: number }[] }>("get_usage", { by: ["model"], span: "all" });
    expect(usage.data.find((sum) => sum.model === "gpt-4.1-mini")?.requests).toBe(1);

    const theirs = await connected(other.accessKey);
    const lost = await call(theirs, "get_request_detail", { request_id: row?.request_id });
    expect([lost.failed, lost.text.startsWith("There is no such request.")]).toEqual([true, true]);
    expect((await told<typeof logs>("search_request_logs", { kind: "consumption" }, theirs)).data).toEqual([]);
    expect((await told<{ data: unknown[] }>("get_usage", { by: ["model"] }, theirs)).data).toEqual([]);
    expect((await told<typeof ledger>("search_billing_ledger", {}, theirs)).data.length).toBe(1);
    await theirs.close();
  });

  test("tasks are listed and found by id; V09: by their account only", async () => {
    const { task_id } = (await (await fetch(`${gateway.url}/task/submit`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json", prefer: "wait=20" }, body: JSON.stringify({ model: "flux-dev", prompt: "a stone" }) })).json()) as { task_id: string };
    expect(await eventually(async () => (await told<{ status: string }>("get_task", { task_id })).status === "SUCCESS")).toBe(true);
    expect((await told<{ data: { items: { task_id: string }[] } }>("list_tasks", { status: "SUCCESS", limit: 100 })).data.items.map((task) => task.task_id)).toContain(task_id);
    const theirs = await connected(other.accessKey);
    expect(await call(theirs, "get_task", { task_id })).toEqual({ failed: true, text: "There is no such task." });
    await theirs.close();
  });

  test("what no tool takes is refused in words that say what is wrong, and asks nothing", async () => {
    for (const [name, args] of [["search_request_logs", { limit: 101 }], ["search_request_logs", { page: -1 }], ["get_request_detail", { request_id: "../../admin/users" }], ["get_task", { task_id: "a&user=1" }], ["search_billing_ledger", { after: "x" }], ["get_usage", { by: ["channel"] }], ["list_models", { query: "x".repeat(1_000) }]] as const) {
      const { failed, text } = await call(mine, name, args).catch((error: unknown) => ({ failed: true, text: String(error) }));
      expect([failed, text.length > 10 && !text.includes("at "), name]).toEqual([true, true, name]);
    }
  });
});

describe("snippets", () => {
  const folder = mkdtempSync(join(import.meta.dir, "../../../../node_modules/.snippets-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const names = Object.keys(SNIPPETS) as SnippetName[];

  test.each(names.filter((name) => ["sh", "js"].includes(SNIPPETS[name].language) && !["claude-code", "gemini-cli"].includes(name)))("%s runs as it stands", async (name) => {
    const text = snippet(name, { origin: gateway.url, model: undefined });
    const [, language, code = ""] = /^```(\w+)\n([\s\S]*)\n```$/.exec(text) ?? [];
    const file = join(folder, `${name}.${language === "js" ? "mjs" : "sh"}`);
    writeFileSync(file, code);
    const run = Bun.spawn([language === "js" ? process.execPath : "sh", file], { env: { ...process.env, YESCALE_API_KEY: caller.apiKey }, stdout: "pipe", stderr: "pipe" });
    const said = await new Response(run.stdout).text();
    expect(await run.exited, await new Response(run.stderr).text()).toBe(0);
    expect(said.toLowerCase()).toContain(name === "task" ? '"task_id"' : "hello");
  });

  test("all name the gateway, the variable and a model that can be called, or the one that was asked for", async () => {
    const { models } = await told<{ models: { model_name: string }[] }>("list_models", { limit: 500 });
    const callable = new Set(models.map((model) => model.model_name));
    for (const client of names) {
      expect(callable.has(SNIPPETS[client].model), `${client}: ${SNIPPETS[client].model}`).toBe(true);
      const { text } = await call(mine, "get_integration_snippet", { client, model: "gemini-2.5-pro" });
      expect([text.includes("YESCALE_API_KEY"), text.includes("gemini-2.5-pro"), text.includes("http://localhost")], client).toEqual([true, true, true]);
    }
    expect((await call(mine, "get_integration_snippet", { client: "curl", model: 'x"; rm -rf /' })).failed).toBe(true);
  });

  test("settings of tools are of their format", () => {
    const inner = (name: SnippetName): string => snippet(name, { origin: "http://127.0.0.1:3000", model: undefined }).replaceAll(/^```\w+\n|\n```$/g, "");
    expect(JSON.parse(inner("opencode"))).toMatchObject({ provider: { yescale: { options: { baseURL: "http://127.0.0.1:3000/v1" } } } });
    expect(Bun.TOML.parse(inner("codex"))).toMatchObject({ model_provider: "yescale", model_providers: { yescale: { wire_api: "responses" } } });
  });
});
