import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "bun:test";
import { eventually } from "../../testing/program.ts";
import { testGateway } from "../../testing/gateway.ts";
import { modelNamesIn } from "../../upkeep/vendor-models.ts";

let sandboxUrl = "";
const gateway = await testGateway((config, url) => {
  sandboxUrl = url;
  config.channels = [{ name: "from-file", vendor: "mistral", baseUrl: "http://user:hunter2secret@127.0.0.1:9/v1", credentials: ["file-credential-123456"], modelMapping: {}, priority: 0, weight: 1, timeouts: {}, enabled: true }];
});
const { api, db, newCaller, url } = gateway;
const operator = await newCaller("0", { role: 10 });
const caller = await newCaller("10");
type Body = Record<string, unknown>;
interface Channel extends Body { id: number; channel: string; credentials: { id: number; ends: string; enabled: boolean }[]; circuits: Body[] }
const admin = <Answer = Channel>(path: string, method = "GET", body?: unknown) => api<Answer>(`/api/admin/channels${path}`, { method, as: operator.accessKey, ...(body === undefined ? {} : { body }) });
const SECRET = "sk-upstream-credential-0123456789abcdef";
const chat = (model = "gpt-4.1-mini") =>
  fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] }) });
const auditOf = async (id: number): Promise<{ action: string; before: Body | null; after: Body | null }[]> => (await api<{ data: { action: string; before: Body | null; after: Body | null }[] }>(`/api/admin/audit?subject=channel:${id}`, { as: operator.accessKey })).body.data;

describe("a channel's life", () => {
  test("made, serving at once, changed, switched off, deleted; its credentials go in and never come out", async () => {
    const made = await admin("", "POST", { name: "openai-a", vendor: "openai", base_url: `${sandboxUrl}/openai/v1`, credentials: [SECRET], priority: 5 });
    expect(made.body).toMatchObject({ channel: "database:openai-a", source: "database", vendor: "openai", priority: 5, weight: 1, enabled: true, models: null, groups: null, credentials: [{ ends: "cdef", enabled: true }], circuits: [] });
    const { id } = made.body;
    expect(await eventually(async () => {
      gateway.sandbox.reset();
      await chat();
      return gateway.seen()[0]?.credential === SECRET;
    })).toBe(true);
    expect((await admin("", "POST", { name: "openai-a", vendor: "openai", credentials: ["x".repeat(20)] })).status).toBe(409);

    expect((await admin(`/${id}`, "PATCH", { models: ["gpt-4.1-mini"], model_mapping: { "gpt-4.1-mini": "gpt-4.1-nano" }, weight: 3, timeouts: { idleMs: 5_000 } })).body).toMatchObject({ models: ["gpt-4.1-mini"], weight: 3, timeouts: { idleMs: 5_000 }, priority: 5 });
    expect(await eventually(async () => {
      gateway.sandbox.reset();
      await chat();
      return Buffer.from(gateway.seen()[0]?.body.base64 ?? "", "base64").toString().includes("gpt-4.1-nano");
    })).toBe(true);

    const second = await admin(`/${id}/credentials`, "POST", { credential: "sk-second-credential-9876543210" });
    const [first, other] = second.body.credentials;
    expect(second.body.credentials.map(({ ends }) => ends)).toEqual(["cdef", "3210"]);
    expect((await admin(`/${id}/credentials/${first?.id}`, "PATCH", { enabled: false })).body.credentials.map(({ enabled }) => enabled)).toEqual([false, true]);
    expect((await admin(`/${id}/credentials/${other?.id}`, "DELETE")).body.credentials).toHaveLength(1);
    expect((await admin(`/${id}/credentials/${other?.id}`, "DELETE")).status).toBe(404);
    // No credential is left that works, and the vendor's simulator does not step in for a channel that is there.
    expect(await eventually(async () => (await chat()).status === 503)).toBe(true);

    expect((await admin("/bulk", "POST", { ids: [id], action: "disable" })).body as unknown).toEqual({ done: 1 });
    expect((await admin(`/${id}`)).body).toMatchObject({ enabled: false, serves_live: false });
    expect((await admin("/bulk", "POST", { ids: [id, 999_999], action: "delete" })).status).toBe(404);
    expect((await admin(`/${id}`)).status).toBe(200);
    expect((await admin(`/${id}`, "DELETE")).body as unknown).toEqual({ done: true });
    expect((await admin(`/${id}`)).status).toBe(404);
    expect(await db.selectFrom("channel_credentials").selectAll().execute()).toEqual([]);
    expect(await eventually(async () => (await chat()).status === 200)).toBe(true);

    const log = await auditOf(id);
    expect(log.map((entry) => entry.action)).toEqual(["channel.delete", "channel.disable", "channel.credential.delete", "channel.credential.change", "channel.credential.add", "channel.change", "channel.add"]);
    expect(log[5]).toMatchObject({ before: { models: null, weight: 1 }, after: { models: ["gpt-4.1-mini"], weight: 3 } });
    const everything = JSON.stringify([log, (await admin<Body>("")).body, await db.selectFrom("channels").selectAll().execute()]);
    for (const secret of [SECRET, SECRET.slice(10), "hunter2secret", "file-credential"]) expect(everything.includes(secret), secret).toBe(false);
  });

  test("channels of the file, the environment and the sandbox are shown, and changed there only", async () => {
    const { data } = (await admin<{ data: Channel[] }>("")).body;
    expect(data.find((channel) => channel.channel === "file:from-file")).toMatchObject({ id: null, source: "file", vendor: "mistral", credentials: [{ id: null, ends: "3456" }] });
    expect(data.find((channel) => channel.channel === "sandbox:openai")).toMatchObject({ id: null, simulated: true, serves_live: true });
    expect(data.find((channel) => channel.channel === "sandbox:mistral")).toMatchObject({ serves_live: false });
  });

  test.each<[string, Body]>([
    ["vendor", { name: "x", vendor: "no-such", credentials: ["a"] }],
    ["credentials", { name: "x", vendor: "openai" }],
    ["base_url", { name: "x", vendor: "azure", credentials: ["a"] }],
    ["base_url", { name: "x", vendor: "openai", credentials: ["a"], base_url: "file:///etc/passwd" }],
    ["base_url", { name: "x", vendor: "openai", credentials: ["a"], base_url: "http://a b" }],
    ["models", { name: "x", vendor: "openai", credentials: ["a"], models: ["no-such-model"] }],
    ["model_mapping", { name: "x", vendor: "openai", credentials: ["a"], model_mapping: { "no-such": "x" } }],
    ["groups", { name: "x", vendor: "openai", credentials: ["a"], groups: ["no-such"] }],
    ["name", { name: "", vendor: "openai", credentials: ["a"] }],
    ["weight", { name: "x", vendor: "openai", credentials: ["a"], weight: 0 }],
    ["weight", { name: "x", vendor: "openai", credentials: ["a"], weight: 1.5 }],
    ["priority", { name: "x", vendor: "openai", credentials: ["a"], priority: 1e12 }],
    ["timeouts.idleMs", { name: "x", vendor: "openai", credentials: ["a"], timeouts: { idleMs: -1 } }],
    ["proxy", { name: "x", vendor: "openai", credentials: ["a"], proxy: "socks5://x" }],
  ])("%s is refused by name: %j", async (param, body) => {
    const { status, body: answer } = await admin<{ error: { param: string } }>("", "POST", body);
    expect([status, answer.error.param]).toEqual([400, param]);
    expect(await db.selectFrom("channels").select("id").execute()).toEqual([]);
  });
});

describe("questions to the vendor", () => {
  test("a good credential, a bad one, a server that is away: each is told without a secret", async () => {
    const { id } = (await admin("", "POST", { name: "mixed", vendor: "openai", base_url: `${sandboxUrl}/openai/v1`, credentials: [SECRET, "no good!"] })).body;
    await admin("", "POST", { name: "away", vendor: "openai", base_url: "http://127.0.0.1:9/v1", credentials: [SECRET] });
    interface Tested { data: { key: number; ok: boolean; status: number; note: string; ms: number }[] }
    expect(await eventually(async () => (await admin<Tested>("/test?channel=database:mixed")).status === 200)).toBe(true);
    const { data } = (await admin<Tested>("/test?channel=database:mixed")).body;
    expect(data.map(({ key, ok, status }) => [key, ok, status])).toEqual([[0, true, 200], [1, false, 401]]);
    expect(await eventually(async () => (await admin<Tested>("/test?channel=database:away")).status === 200)).toBe(true);
    expect((await admin<Tested>("/test?channel=database:away")).body.data).toMatchObject([{ ok: false, status: 0 }]);
    expect((await admin("/test?channel=database:none")).status).toBe(404);
    expect((await admin("/test")).status).toBe(400);
    await admin(`/${id}`, "DELETE");
  });

  test("its models, and which of them the catalog knows", async () => {
    const { data } = (await admin<{ data: { name: string; id: string | null }[] }>("/models?channel=sandbox:openai")).body;
    expect(data.find(({ name }) => name === "gpt-4.1-mini")).toEqual({ name: "gpt-4.1-mini", id: "gpt-4.1-mini" });
    for (const vendor of ["anthropic", "gemini"]) expect((await admin<{ data: object[] }>(`/models?channel=sandbox:${vendor}`)).body.data.length, vendor).toBeGreaterThan(0);
  });

  test("the lists of models that vendors give, in every usual form", () => {
    expect(modelNamesIn({ object: "list", data: [{ id: "b" }, { id: "a" }, { id: "a" }] })).toEqual(["a", "b"]);
    expect(modelNamesIn({ models: [{ name: "models/gemini-x", displayName: "X" }] })).toEqual(["gemini-x"]);
    expect(modelNamesIn({ models: [{ name: "command-r", endpoints: [] }] })).toEqual(["command-r"]);
    expect(modelNamesIn([{ model_id: "eleven_v3" }, "plain"])).toEqual(["eleven_v3", "plain"]);
    for (const other of [null, 5, "x", {}, { data: {} }, { data: [null, 5, { id: "" }, { id: 7 }] }, []]) expect(modelNamesIn(other)).toEqual([]);
  });

  test.each([
    ["deepseek", [{ amount: "110.00", unit: "USD" }]],
    ["moonshot", [{ amount: "49.58894", unit: "USD" }]],
    ["openrouter", [{ amount: "74.750000", unit: "USD" }]],
    ["elevenlabs", [{ amount: "82769", unit: "characters" }]],
    ["recraft", [{ amount: "1000", unit: "credits" }]],
  ])("what is left at %s", async (vendor, balances) => {
    expect((await admin<Body>(`/balance?channel=sandbox:${vendor}`)).body).toEqual({ told: true, data: [{ key: 0, balances, note: "" }] });
  });

  test("a vendor that does not tell", async () => {
    expect((await admin<Body>("/balance?channel=sandbox:anthropic")).body).toEqual({ told: false, data: [] });
  });
});

test("what a process leaves alone is shown with its reason", async () => {
  await admin("", "POST", { name: "poor", vendor: "openai", base_url: `${sandboxUrl}/openai/v1`, credentials: ["bad one!"], priority: 100, models: ["gpt-4.1-mini"] });
  expect(await eventually(async () => {
    await chat();
    return (await admin<{ data: Channel[] }>("")).body.data.find((channel) => channel.name === "poor")?.circuits.length === 1;
  })).toBe(true);
  const poor = (await admin<{ data: Channel[] }>("")).body.data.find((channel) => channel.name === "poor");
  expect(poor?.circuits[0]).toMatchObject({ key: 0, model: null, reason: "auth" });
});

test("V16: nothing that comes from outside starts a program: only the files that must do it at all", () => {
  const root = join(import.meta.dir, "../..");
  const starters = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.includes("testing/"))
    .filter((name) => /child_process|Bun\.spawn|Bun\.\$|\bexecFile|\bnew Worker\(/.test(readFileSync(join(root, name), "utf8")));
  // The embedded database, the sandbox, worker processes, threads of this program, the command line.
  expect(starters.filter((name) => !/^(store\/embedded\/|process\/(supervisor|sandbox-process)\.ts|workers\/lone-worker\.ts|cli\.ts)/.test(name))).toEqual([]);
});
