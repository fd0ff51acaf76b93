import { afterAll, describe, expect, test } from "bun:test";
import { createFalClient } from "@fal-ai/client";
import Replicate, { validateWebhook } from "replicate";
import { Webhook } from "standardwebhooks";
import { testGateway } from "../../testing/gateway.ts";

const gateway = await testGateway((config) => (config.fetchAllow = ["127.0.0.1"]));
const caller = await gateway.newCaller("10");
const headers = { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" };

interface Heard {
  path: string;
  headers: Record<string, string>;
  body: string;
}
const heard: Heard[] = [];
let refuse = 0;
const receiver = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    heard.push({ path: new URL(request.url).pathname, headers: request.headers.toJSON() as Record<string, string>, body: await request.text() });
    if (refuse > 0 && request.url.endsWith("/flaky")) {
      refuse -= 1;
      return new Response(null, { status: 503 });
    }
    return new Response(null, { status: 204 });
  },
});
afterAll(() => receiver.stop(true));

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${gateway.url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  return (await answer.json()) as T;
}
/** The bodies that an address of this name heard, once there are as many. */
async function heardAt<T>(name: string, count: number): Promise<{ body: T; sent: Heard }[]> {
  const those = (): Heard[] => heard.filter(({ path }) => path === `/${name}`);
  for (let i = 0; i < 100 && those().length < count; i += 1) await Bun.sleep(50);
  return those().map((sent) => ({ body: JSON.parse(sent.body) as T, sent }));
}
const statesOf = (): string[] => heard.map(({ body }) => (JSON.parse(body) as { status: string }).status);

describe("notices", () => {
  test("V35, F26: the caller's address hears of each new state in order, in the family's form, signed as the library says; deliveries are listed", async () => {
    const { task_id: id } = await ask<{ task_id: string }>("POST", "/fal-ai/recraft/v3/text-to-image", { prompt: "a stone", notify_hook: `http://127.0.0.1:${receiver.port}/hook` });
    await ask("GET", `/task/${id}?wait=20`);
    for (let i = 0; i < 100 && statesOf().at(-1) !== "SUCCESS"; i += 1) await Bun.sleep(50);
    expect(statesOf().at(-1)).toBe("SUCCESS");
    const { secret } = await ask<{ secret: string }>("GET", "/task/webhook-secret");
    for (const { headers: sent, body } of heard) expect((new Webhook(secret).verify(body, sent) as { task_id: string }).task_id).toBe(id);
    expect(() => new Webhook(secret).verify(`${heard[0]?.body} `, heard[0]?.headers ?? {})).toThrow();
    // What was heard is noted a moment later.
    let data: { status: string; delivered_at: number | null }[] = [];
    for (let i = 0; i < 40 && (data.length === 0 || data.some(({ delivered_at }) => delivered_at === null)); i += 1) {
      await Bun.sleep(50);
      ({ data } = await ask<{ data: typeof data }>("GET", `/task/${id}/deliveries`));
    }
    expect(data.map(({ status }) => status).at(-1)).toBe("SUCCESS");
    expect(data.every(({ delivered_at }) => delivered_at !== null)).toBe(true);
  });

  test("each state is told once, as it was then, however fast the task was; said again, it is the same under the same id", async () => {
    const { task_id: id } = await ask<{ task_id: string }>("POST", "/task/submit", { model: "nano-banana-2", prompt: "a stone [[fault:queue-ms=0;run-ms=0]]", config: { size: "1K" }, notify_hook: `http://127.0.0.1:${receiver.port}/quick` });
    const told = await (async () => {
      for (let i = 0; i < 100; i += 1) {
        const all = await heardAt<{ task_id: string; status: string; task_result: object; finish_time: number }>("quick", 1);
        if (all.at(-1)?.body.status === "SUCCESS") return all;
        await Bun.sleep(50);
      }
      return [];
    })();
    const states = told.map(({ body }) => body.status);
    expect([states.at(-1), new Set(states).size, new Set(told.map(({ sent }) => sent.headers["webhook-id"])).size]).toEqual(["SUCCESS", states.length, states.length]);
    for (const { body } of told.slice(0, -1)) expect([body.task_id, body.finish_time, body.task_result]).toEqual([id, 0, {}]);
  });

  test("F26: a receiver that fails changes nothing of the task, and is tried again", async () => {
    refuse = 1;
    const { task_id: id } = await ask<{ task_id: string }>("POST", "/fal-ai/recraft/v3/text-to-image", { prompt: "a stone", notify_hook: `http://127.0.0.1:${receiver.port}/flaky` });
    expect(await ask("GET", `/task/${id}?wait=20`)).toMatchObject({ status: "SUCCESS" });
    for (let i = 0; i < 40 && refuse > 0; i += 1) await Bun.sleep(50);
    await Bun.sleep(200);
    const { data } = await ask<{ data: { attempts: number; response_status: number | null; delivered_at: number | null; given_up_at: number | null }[] }>("GET", `/task/${id}/deliveries`);
    expect(data[0]).toMatchObject({ attempts: 1, response_status: 503, delivered_at: null, given_up_at: null });
  });

  const fal = createFalClient({ credentials: caller.apiKey, requestMiddleware: (request) => Promise.resolve({ ...request, url: request.url.replace("https://queue.fal.run", gateway.url) }), retry: { maxRetries: 0 } });
  const proxied = createFalClient({ credentials: caller.apiKey, proxyUrl: { url: `${gateway.url}/fal/proxy`, when: "always" }, retry: { maxRetries: 0 } });
  const MODEL = "fal-ai/recraft/v3/text-to-image";

  test("@fal-ai/client: the webhookUrl of a submit hears once, when the job has ended, in fal's own words; signed; no vendor hears of it", async () => {
    const { secret } = await ask<{ secret: string }>("GET", "/task/webhook-secret");
    const hook = (name: string): string => `http://127.0.0.1:${receiver.port}/${name}?of=${name}`;
    const made = await fal.queue.submit(MODEL, { input: { prompt: "a stone" }, webhookUrl: hook("made") });
    const throughProxy = await proxied.queue.submit(MODEL, { input: { prompt: "a stone" }, webhookUrl: hook("proxied") });
    const refused = await fal.queue.submit(MODEL, { input: { prompt: "a stone" }, webhookUrl: hook("refused"), headers: { "x-sandbox-fault": "refuse" } });
    const plain = await ask<{ task_id: string }>("POST", `/${MODEL}?fal_webhook=${encodeURIComponent(hook("plain"))}`, { prompt: "a stone" });
    for (const name of ["made", "proxied", "plain", "refused"]) await heardAt(name, 1);
    // What would come beside them comes now.
    await Bun.sleep(600);
    for (const [name, id] of [["made", made.request_id], ["proxied", throughProxy.request_id], ["plain", plain.task_id]] as const) {
      const told = await heardAt<object>(name, 1);
      const { data } = await fal.queue.result(MODEL, { requestId: id });
      expect(told.map(({ body }) => body)).toEqual([{ request_id: id, gateway_request_id: id, status: "OK", payload: data }]);
      for (const { sent } of told) expect(new Webhook(secret).verify(sent.body, sent.headers)).toBeDefined();
    }
    expect((await heardAt<object>("refused", 1)).map(({ body }) => body)).toEqual([
      { request_id: refused.request_id, gateway_request_id: refused.request_id, status: "ERROR", error: "Invalid status code: 422", payload: { detail: [{ loc: ["body"], msg: expect.any(String), type: "content_policy_violation" }] } },
    ]);
    expect(gateway.seen().filter((request) => JSON.stringify(request).includes("of%3Dmade"))).toEqual([]);
    await expect(fal.queue.submit(MODEL, { input: { prompt: "a stone" }, webhookUrl: "http://10.0.0.1/hook" })).rejects.toThrow();
    await expect(fal.queue.submit(MODEL, { input: { prompt: "a stone" }, webhookUrl: "ftp://a.example/hook" })).rejects.toThrow();
  });

  test("replicate: webhook_events_filter says which notices come; the account's secret is where the SDK looks for it, and verifies them", async () => {
    const replicate = new Replicate({ auth: caller.apiKey, baseUrl: `${gateway.url}/replicate/v1` });
    const order = (name: string, more: object = {}) => replicate.predictions.create({ model: "google/imagen-4", input: { prompt: "a lake" }, webhook: `http://127.0.0.1:${receiver.port}/${name}`, ...more });
    const { id } = await order("end", { webhook_events_filter: ["completed"] });
    const all = await order("all");
    await order("logs", { webhook_events_filter: ["logs"] });
    await heardAt("end", 1);
    await Bun.sleep(600);
    const told = await heardAt<{ id: string; status: string }>("end", 1);
    expect(told.map(({ body }) => [body.id, body.status])).toEqual([[id, "succeeded"]]);
    const { key } = await replicate.webhooks.default.secret.get();
    for (const { sent } of told) expect(await validateWebhook(new Request("http://a.example", { method: "POST", headers: sent.headers, body: sent.body }), key)).toBe(true);
    const each = (await heardAt<{ id: string; status: string }>("all", 2)).map(({ body }) => body.id);
    expect([new Set(each), each.length > 1]).toEqual([new Set([all.id]), true]);
    expect(await heardAt("logs", 0)).toEqual([]);
    await expect(order("wrong", { webhook_events_filter: ["ended"] })).rejects.toThrow("422");
    await expect(order("wrong", { webhook_events_filter: "completed" })).rejects.toThrow("422");
  });

  test("V09: an address that is none is refused", async () => {
    const answer = await fetch(`${gateway.url}/fal-ai/recraft/v3/text-to-image`, { method: "POST", headers, body: JSON.stringify({ prompt: "a stone", notify_hook: "ftp://a.example" }) });
    expect(answer.status).toBe(400);
  });
});

describe("sources", () => {
  const models = (): string[] => gateway.seen().filter(({ path }) => /predictions$|recraft|flux|\/edit$|kontext/.test(path)).map(({ vendor }) => vendor);
  const fault = (spec: string, vendor: string): Promise<Response> => fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ vendor, spec }) });

  test.each([["status=500", "refuses the order"], ["fail", "fails at work"]])("a first source that %s: the next makes it under the same hold, at the published price, once", async (spec) => {
    gateway.sandbox.reset();
    await fault(spec, "replicate");
    const before = (await gateway.rows(caller.userId, 1)).length;
    const { task_id: id } = await ask<{ task_id: string }>("POST", "/task/submit", { model: "flux-kontext-pro", prompt: "a hill" });
    expect(await ask("GET", `/task/${id}?wait=30`)).toMatchObject({ status: "SUCCESS" });
    expect(new Set(models())).toEqual(new Set(["replicate", "fal"]));
    const row = (await gateway.rows(caller.userId, before + 1)).at(-1);
    expect(row).toMatchObject({ charge_nano: "40000000", channel: "sandbox:fal", model: "flux-kontext-pro" });
    await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "DELETE" });
    expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
  });

  test("a refusal of the content asks nobody else, and costs nothing", async () => {
    gateway.sandbox.reset();
    await fault("refuse", "replicate");
    const { task_id: id } = await ask<{ task_id: string }>("POST", "/task/submit", { model: "flux-kontext-pro", prompt: "a hill" });
    expect(await ask("GET", `/task/${id}?wait=30`)).toMatchObject({ status: "FAILURE" });
    expect(new Set(models())).toEqual(new Set(["replicate"]));
    await fetch(`${gateway.sandbox.url}/__sandbox/faults`, { method: "DELETE" });
  });
});

test("F26: receivers that never answer hold up no notice of others, whether the same account's or another's", async () => {
  const silent = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: () => new Promise<Response>(() => undefined) });
  const order = (to: string): Promise<{ task_id: string }> => ask("POST", "/task/submit", { model: "imagen-4", prompt: "a stone", notify_hook: to });
  const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => order(`http://127.0.0.1:${silent.port}/${n}`)));
  await ask("GET", `/task/${ids.at(-1)?.task_id}?wait=20`);
  const began = performance.now();
  const { task_id: id } = await order(`http://127.0.0.1:${receiver.port}/beside`);
  await ask("GET", `/task/${id}?wait=20`);
  const states = (): string[] => heard.flatMap(({ path, body }) => (path === "/beside" ? [(JSON.parse(body) as { status: string }).status] : []));
  for (let i = 0; i < 160 && states().at(-1) !== "SUCCESS"; i += 1) await Bun.sleep(50);
  expect(states().at(-1)).toBe("SUCCESS");
  expect(performance.now() - began).toBeLessThan(8_000);
  await silent.stop(true);
}, 30_000);
