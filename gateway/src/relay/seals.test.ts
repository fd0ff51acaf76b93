import { expect, test } from "bun:test";
import type { PairedId } from "../dialects/testing/pairs.ts";
import { SEAL_MARK, SEAL_MARK_BASE64 } from "../dialects/canonical/foreign-seal.ts";
import { CLIENTS } from "../dialects/testing/clients.ts";
import { testGateway } from "../testing/gateway.ts";

/** One conversation that goes on with other vendors' models: each gets its own seals back, and none sees another's. */
const gateway = await testGateway();

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
