import { describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** Money on the way of a request: what breaks, what fails, what is refused, many at once. The sandbox plays all vendors, and fails on demand. */
const gateway = await testGateway();
type Caller = Awaited<ReturnType<typeof gateway.newCaller>>;

const FORMS: Record<string, (prompt: string, stream: boolean, model?: string) => [path: string, body: object]> = {
  chat: (content, stream, model = "gpt-4.1-mini") => ["/v1/chat/completions", { model, stream, messages: [{ role: "user", content }] }],
  responses: (input, stream, model = "gpt-4.1-mini") => ["/v1/responses", { model, stream, store: false, input }],
  completions: (prompt, stream, model = "gpt-4.1-mini") => ["/v1/completions", { model, stream, max_tokens: 200, prompt }],
  messages: (content, stream, model = "claude-sonnet-4-5") => ["/v1/messages", { model, stream, max_tokens: 200, messages: [{ role: "user", content }] }],
  gemini: (text, stream, model = "gemini-2.5-flash") => [`/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`, { contents: [{ role: "user", parts: [{ text }] }] }],
};
const CHATS = Object.keys(FORMS);

async function ask(form: string, prompt: string, stream: boolean, key: string, model?: string): Promise<{ id: string; status: number; text: string }> {
  const [path, body] = FORMS[form]?.(prompt, stream, model) ?? ["", {}];
  const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify(body) });
  return { id: response.headers.get("x-request-id") ?? "", status: response.status, text: await response.text() };
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}
/** Requests with money reserved, once all have ended that were about to. */
async function openHolds(): Promise<number> {
  for (let i = 0; i < 100 && (await metric("yescale_open_holds")) > 0; i += 1) await Bun.sleep(5);
  return metric("yescale_open_holds");
}

const byId = async (who: Caller, answers: readonly { id: string }[]) => {
  const rows = new Map((await gateway.rows(who.userId, answers.length)).map((row) => [row.id, row]));
  return answers.map(({ id }) => rows.get(id));
};

test.each([
  ["gemini-2.5-flash", false, 35], ["gemini-2.5-flash", true, 35], ["gemini-3.1-pro-preview", false, 14], ["gemini-3.1-pro-preview", true, 14],
])("Google's searches are billed by the thousand: %s, stream: %p", async (model, stream, perThousand) => {
  const who = await gateway.newCaller("10");
  const [path, body] = FORMS["gemini"]?.("search for stones", stream, model) ?? ["", {}];
  const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${who.apiKey}`, "content-type": "application/json" }, body: JSON.stringify({ ...body, tools: [{ googleSearch: {} }] }) });
  expect(await response.text()).toContain("webSearchQueries");
  const [row] = await gateway.rows(who.userId, 1);
  const line = (row?.lines as { class: string; units: number; amountNano: number }[] | undefined)?.find((one) => one.class === "webSearch");
  expect(line).toMatchObject({ units: 1, amountNano: perThousand * 1_000_000 });
});

/** Fewer than a stream's words, so that each is an event of one token. */
const WORDS = 60;

describe.each(["chat", "messages", "gemini"])("M01: %s: a stream cut at each of its frames", (form) => {
  test("is charged for no more than was delivered, and an error's words count nothing", async () => {
    const who = await gateway.newCaller("100");
    const cuts = Array.from({ length: WORDS - 1 }, (_, index) => index + 1);
    const cut = await Promise.all(cuts.map((n) => ask(form, `write ${WORDS} words [[fault:cut=${n}]]`, true, who.apiKey)));
    const failing = await Promise.all([10, 40].map((n) => ask(form, `write ${WORDS} words [[fault:error-in-stream=${n};leak]]`, true, who.apiKey)));
    const rows = await byId(who, [...cut, ...failing]);
    const output = rows.map((row) => ((row?.usage ?? {}) as { output?: number }).output ?? 0);
    for (const [index, n] of cuts.entries()) {
      expect(rows[index], `cut at ${n}`).toMatchObject({ end_reason: "upstream_cut", status: 200 });
      expect(output[index], `cut at ${n}`).toBeLessThanOrEqual(n);
      expect(output[index], `cut at ${n}`).toBeGreaterThan(0);
    }
    // The error's text is longer than all the words.
    expect(output.slice(-2)).toEqual([output[9] ?? -1, output[39] ?? -1]);
    expect(rows.at(-1)).toMatchObject({ end_reason: "upstream_error" });
  });
});

test.each(CHATS)("M02: %s: nothing came back, so nothing is charged and nothing stays held", async (form) => {
  const who = await gateway.newCaller("10");
  const cases = ["status=500", "status=429", "status=400", "empty", "html", "cut=0", "error-in-stream=0"].flatMap((fault) => (/stream|cut/.test(fault) ? [[fault, true]] : [[fault, false], [fault, true]]) as [string, boolean][]);
  const answers = await Promise.all(cases.map(([fault, stream]) => ask(form, `write 5 words [[fault:${fault}]]`, stream, who.apiKey)));
  for (const [index, row] of (await byId(who, answers)).entries()) {
    const what = `${String(cases[index])}: ${answers[index]?.text}`;
    expect(answers[index]?.status, what).toBeGreaterThanOrEqual(400);
    expect(row, what).toMatchObject({ charge_nano: "0", lines: [], status: answers[index]?.status ?? 0 });
  }
  expect(await openHolds()).toBe(0);
});

describe("V27, M19: many at once on one wallet", () => {
  test("it never falls below its floor, each answer is charged once, and who is refused pays nothing", async () => {
    const who = await gateway.newCaller("0.02");
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(CHATS[index % CHATS.length] ?? "chat", "write 40 words", index % 2 === 0, who.apiKey)));
    const rows = await byId(who, answers);
    const balance = await gateway.db.selectFrom("budgets").select("balance_nano").where("kind", "=", "wallet").where("owner_id", "=", who.userId).executeTakeFirstOrThrow();
    const charged = rows.reduce((sum, row) => sum + BigInt(row?.charge_nano ?? -1), 0n);
    expect(BigInt(balance.balance_nano)).toBe(20_000_000n - charged);
    expect(charged).toBeLessThanOrEqual(20_000_000n);
    for (const [index, row] of rows.entries()) expect([answers[index]?.status, BigInt(row?.charge_nano ?? 0) > 0n]).toEqual([row?.status, row?.status === 200]);
    expect(answers.some(({ status }) => status === 402 || status === 429)).toBe(true);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
  });

  test("a rich wallet is held like any other: every call under way has its hold", async () => {
    const who = await gateway.newCaller("1000000");
    expect(await openHolds()).toBe(0);
    const controller = new AbortController();
    const [path, body] = FORMS["chat"]?.("write 1000 words [[fault:pace=20]]", true) ?? ["", {}];
    const calls = await Promise.all(Array.from({ length: 20 }, () => fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${who.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body), signal: controller.signal })));
    expect(calls.map(({ status }) => status)).toEqual(calls.map(() => 200));
    expect(await metric("yescale_open_holds")).toBe(20);
    controller.abort();
    expect(await gateway.rows(who.userId, 20)).toHaveLength(20);
    expect(await openHolds()).toBe(0);
  });
});

describe("M30: the rate of a hold is the rate of its charge", () => {
  test("a key whose group changes while a stream runs pays what it was held at", async () => {
    const who = await gateway.newCaller("10", { group: "openaivip" });
    const running = ask("chat", "write 40 words [[fault:pace=10]]", true, who.apiKey);
    await Bun.sleep(100);
    await gateway.db.updateTable("api_keys").set({ group_name: "default" }).where("id", "=", who.keyId).execute();
    await Bun.sleep(100);
    const [before, after] = await byId(who, [await running, await ask("chat", "write 40 words [[fault:pace=01]]", true, who.apiKey)]);
    const ratios = (row: typeof before): number[] => [...new Set(((row?.lines ?? []) as { ratioMicro: number }[]).map((line) => line.ratioMicro))];
    expect([before?.group_name, ratios(before)]).toEqual(["openaivip", [1_500_000]]);
    expect([after?.group_name, ratios(after)]).toEqual(["default", [1_000_000]]);
    expect(Number(before?.charge_nano)).toBe(Number(after?.charge_nano) * 1.5);
  });
});

/** Whatever stands in the catalog, a model of each kind and vendor. */
const MODELS = ["gpt-4.1-mini", "claude-sonnet-4-5", "gemini-2.5-flash", "deepseek-chat", "text-embedding-3-small", "gemini-embedding-001", "rerank-v3.5", "omni-moderation-latest", "gpt-realtime", "no-such-model"];
const OTHER_FORMS: Record<string, (model: string) => [path: string, body: object]> = {
  embeddings: (model) => ["/v1/embeddings", { model, input: "hi" }],
  embedContent: (model) => [`/v1beta/models/${model}:embedContent`, { content: { parts: [{ text: "hi" }] } }],
  moderations: (model) => ["/v1/moderations", { model, input: "hi" }],
  rerank: (model) => ["/v1/rerank", { model, query: "hi", documents: ["hi"] }],
  countTokens: (model) => ["/v1/messages/count_tokens", { model, messages: [{ role: "user", content: "hi" }] }],
  inputTokens: (model) => ["/v1/responses/input_tokens", { model, input: "hi" }],
  geminiCountTokens: (model) => [`/v1beta/models/${model}:countTokens`, { contents: [{ role: "user", parts: [{ text: "hi" }] }] }],
};

describe.each(MODELS)("V42: %s in every format", (model) => {
  test("is served, or refused with a reason: nothing crashes, and no hold stays", async () => {
    const who = await gateway.newCaller("10");
    const asked = [
      ...CHATS.flatMap((form) => [true, false].map((stream) => FORMS[form]?.("say hi", stream, model) ?? ["", {}])),
      ...Object.values(OTHER_FORMS).map((form) => form(model)),
    ] as [string, object][];
    for (const [path, body] of asked) {
      const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${who.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
      const text = await response.text();
      expect([200, 400, 404], `${path}: ${response.status} ${text}`).toContain(response.status);
      // A refusal says why in a sentence.
      if (response.status !== 200) expect(/"message": ?"([^"\\]|\\.){20,}"/.test(text), text).toBe(true);
    }
    for (const row of await gateway.rows(who.userId, 1)) if (row.status !== 200) expect(row.charge_nano).toBe("0");
    expect(await openHolds()).toBe(0);
  });
});

test("I3, I5: as many settlements as answers, each once, and no hold is left of all that was done here", async () => {
  const who = await gateway.newCaller("10");
  const faults = ["", "cut=3", "status=500", "no-usage", "error-in-stream=2", "usage-zero", "empty"];
  const answers = await Promise.all(Array.from({ length: 140 }, (_, index) => ask(CHATS[index % CHATS.length] ?? "chat", `count to 9 ${faults[index % faults.length] === "" ? "" : `[[fault:${faults[index % faults.length]}]]`}`, index % 3 > 0, who.apiKey)));
  const rows = await gateway.rows(who.userId, answers.length);
  expect(rows.map((row) => row.id).toSorted()).toEqual(answers.map(({ id }) => id).toSorted());
  const charges = await gateway.db.selectFrom("ledger").select("ref").where("kind", "=", "charge").where("ref", "in", rows.map((row) => row.id)).where("to_budget", "=", (query) => query.selectFrom("budgets").select("id").where("kind", "=", "system").where("owner_id", "=", "2")).execute();
  expect(charges.map(({ ref }) => ref).toSorted()).toEqual(rows.filter((row) => row.charge_nano !== "0").map((row) => row.id).toSorted());
  expect(await openHolds()).toBe(0);
  expect(await gateway.checkMoney()).toEqual({ wrongBalances: [], wrongCharges: [], totalNano: "0" });
});
