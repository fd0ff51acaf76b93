import { expect, test } from "bun:test";
import type { PairedId } from "../dialects/testing/pairs.ts";
import { SEAL_MARK, SEAL_MARK_BASE64 } from "../dialects/canonical/foreign-seal.ts";
import { CLIENTS } from "../dialects/testing/clients.ts";
import { testGateway } from "../testing/gateway.ts";

/** One conversation that goes on with other vendors' models: each gets its own seals back, and none sees another's. */
const gateway = await testGateway((config, sandboxUrl) => {
  config.channels.push({ name: "two accounts", vendor: "openai", baseUrl: `${sandboxUrl}/openai/v1`, credentials: ["sk-first-organisation", "sk-second-organisation"], modelMapping: {}, priority: 50, weight: 1, timeouts: {}, enabled: true });
});

const ASK = "What is the weather in Paris? Use the get_weather tool.";
const SEALS = /"(?:signature|thoughtSignature|encrypted_content)":\s*"([^"]{20,})"/g;
const sealsIn = (base64: string): string[] => [...Buffer.from(base64, "base64").toString("utf8").matchAll(SEALS)].map((found) => found[1] ?? "");

test.each((Object.keys(CLIENTS) as PairedId[]).flatMap((dialect) => [false, true].map((stream) => [dialect, stream] as const)))("S19: %s, stream: %p", async (dialect, stream) => {
  const client = CLIENTS[dialect];
  const caller = await gateway.newCaller("10");
  const before = gateway.seen().length;
  // Every model is asked for the tool, and then told its result.
  const models = ["claude-sonnet-4-5", "gemini-2.5-flash", "gpt-5", "claude-sonnet-4-5", "gemini-2.5-flash"].flatMap((model) => [model, model]);
  let body = client.ask(models[0] ?? "", ASK, stream);
  for (const [turn, model] of models.entries()) {
    const answer = await fetch(gateway.url + client.path(model, stream), {
      method: "POST",
      headers: { "content-type": "application/json", ...client.credential(caller.apiKey) },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    expect({ model, status: answer.status, text: answer.status === 200 ? "" : text }).toEqual({ model, status: 200, text: "" });
    body = client.next(body, client.keep(text, stream), models[turn + 1] ?? model, turn % 2 === 0 ? undefined : ASK);
  }
  const exchanges = gateway.seen().slice(before);
  expect(exchanges.map((exchange) => exchange.vendor)).toEqual(["anthropic", "gemini", "openai", "anthropic", "gemini"].flatMap((vendor) => [vendor, vendor]));
  const asked = exchanges.map((exchange) => Buffer.from(exchange.body.base64, "base64").toString("utf8"));
  for (const text of asked) {
    expect(text).not.toContain(SEAL_MARK);
    expect(text).not.toContain(SEAL_MARK_BASE64);
  }
  /** Seals that the vendor gave in its answers before this exchange, and those that came back in it. */
  const [claude, gemini, openai] = ["anthropic", "gemini", "openai"].map((vendor) => {
    const own = exchanges.filter((exchange) => exchange.vendor === vendor);
    const last = own.at(-1)?.body.base64 ?? "";
    return { given: [...new Set(own.slice(0, -1).flatMap((exchange) => sealsIn(exchange.answer.base64)))], back: sealsIn(last) };
  });
  // Claude thinks in every answer, Gemini signs its calls; OpenAI seals in Responses, which callers of other dialects reach too, and its chat completions seal nothing.
  expect(claude?.given).toHaveLength(3);
  expect(gemini?.given).toHaveLength(2);
  expect(openai?.given).toHaveLength(dialect === "openai-chat" ? 0 : 1);
  // Calls of other models have what Google takes in place of a signature.
  for (const vendor of [claude, gemini]) expect(vendor?.back.filter((seal) => seal !== "skip_thought_signature_validator")).toEqual(vendor?.given ?? []);
  // In chat completions seals stand in members of their own, which pass through to vendors of that dialect as they are.
  if (dialect !== "openai-chat") expect(openai?.back).toEqual(openai?.given ?? []);
});

test("S05, S19: the turns of a conversation reach the account that sealed its thinking; conversations are shared out over accounts", async () => {
  const caller = await gateway.newCaller("10");
  const before = gateway.seen().length;
  const ask = async (path: string, body: object): Promise<{ id: string }> => {
    const response = await fetch(gateway.url + path, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${caller.apiKey}` }, body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    return (await response.json()) as { id: string };
  };
  const words = Array.from({ length: 8 }, (_, index) => `count to ${index + 1}`);
  for (const input of words) {
    const first = await ask("/v1/responses", { model: "gpt-5", input });
    const second = await ask("/v1/responses", { model: "gpt-5", input: "go on", previous_response_id: first.id });
    await ask("/v1/responses", { model: "gpt-5", input: "and on", previous_response_id: second.id });
  }
  for (const content of words) {
    const turns = [{ role: "user", content }, { role: "assistant", content: "ok" }, { role: "user", content: "go on" }];
    for (const length of [1, 3]) await ask("/v1/messages", { model: "gpt-5", max_tokens: 500, messages: turns.slice(0, length) });
  }
  const used = gateway.seen().slice(before).map(({ credential }) => credential);
  const conversations = [...words.map((_, index) => used.slice(index * 3, index * 3 + 3)), ...words.map((_, index) => used.slice(24 + index * 2, 26 + index * 2))];
  expect(conversations.map((turns) => new Set(turns).size)).toEqual(conversations.map(() => 1));
  expect(new Set(used).size).toBe(2);
});
