import { afterAll, describe, expect, test } from "bun:test";
import { systemClock } from "../clock/clock.ts";
import type { DialectId, VendorDialectId } from "../dialects/canonical/dialect.ts";
import { scanJson } from "../dialects/canonical/json-scan.ts";
import { DIALECTS } from "../dialects/registry.ts";
import { Deadlines } from "../egress/deadlines.ts";
import { FetchRules } from "../egress/guarded/fetch-rules.ts";
import { GuardedFetcher } from "../egress/guarded-fetch.ts";
import { ConnectionPool } from "../egress/http1/pool.ts";
import { wholeBody } from "../egress/wire-body.ts";
import { GatewayError } from "../errors/gateway-error.ts";
import type { RelayCall } from "./call.ts";
import { newTranslationWorker, RequestTranslator } from "./request-translator.ts";

/** A PNG of one pixel, constructed from the PNG specification. */
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
let asked = 0;
const site = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => ((asked += 1), new Response(PNG, { headers: { "content-type": "image/png" } })) });
const clock = systemClock;
const fetcher = new GuardedFetcher({ pool: new ConnectionPool(clock), deadlines: new Deadlines(clock), clock }, new FetchRules(["127.0.0.1"]));
const translationWorker = newTranslationWorker();
afterAll(async () => {
  translationWorker.close();
  await site.stop(true);
});

/** What is read of a call. */
function translator(caller: DialectId, body: object, model?: string): RequestTranslator {
  const bytes = Buffer.from(JSON.stringify(body));
  const call = { key: { walletBudget: 1 }, dialect: DIALECTS[caller], endpoint: { billable: true, ...(model === undefined ? {} : { model, stream: false }) }, body: bytes, caller: { left: () => false } } as unknown as RelayCall;
  return new RequestTranslator(call, scanJson(bytes), { fetcher, translationWorker });
}

const speaking = (vendor: VendorDialectId) => ({ vendor, counting: false, target: { model: "m", maxOutputTokens: 1_000, reasons: true, traits: new Set<string>() } });

/** Constructed from the SDKs' types; `text` is as long as wanted. */
const CALLERS: [DialectId, (text: string, picture: string) => object, string?][] = [
  ["openai-chat", (text, url) => ({ model: "m", seed: 7, messages: [{ role: "user", content: [{ type: "text", text }, { type: "image_url", image_url: { url } }] }], tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }] })],
  ["openai-responses", (text, url) => ({ model: "m", input: [{ role: "user", content: [{ type: "input_text", text }, { type: "input_image", image_url: url }] }] })],
  ["anthropic-messages", (text, url) => ({ model: "m", max_tokens: 10, top_k: 3, messages: [{ role: "user", content: [{ type: "text", text }, { type: "image", source: { type: "url", url } }] }] })],
  ["gemini", (text, url) => ({ contents: [{ role: "user", parts: [{ text }, { fileData: { fileUri: url, mimeType: "image/png" } }] }] }), "m"],
];
const VENDORS: VendorDialectId[] = ["openai-chat", "openai-responses", "anthropic-messages", "gemini", "bedrock-converse"];
const LONG = "Zeile ü, ".repeat(60_000);

describe("S10: a large body is translated in a worker, to the same words as a small one", () => {
  for (const [caller, body, model] of CALLERS)
    test.each(VENDORS)(`${caller} to %s`, async (vendor) => {
      const url = `${site.url.href}x.png`;
      const small = await translator(caller, body("short", url), model).speak(speaking(vendor));
      const before = asked;
      const large = await translator(caller, body(LONG, url), model).speak(speaking(vendor));
      expect(wholeBody(large.body).toString()).toBe(wholeBody(small.body).toString().replace('"short"', JSON.stringify(LONG)));
      expect(large.dropped).toEqual(small.dropped);
      expect(large.answerable).toEqual(small.answerable);
      expect(asked - before).toBe(vendor === "gemini" || vendor === "bedrock-converse" ? 1 : 0);
    });

  test("a second target finds the files that the first one fetched", async () => {
    const one = translator("openai-chat", CALLERS[0]?.[1](LONG, `${site.url.href}y.png`) ?? {});
    const before = asked;
    for (const vendor of ["anthropic-messages", "gemini", "bedrock-converse"] as const) await one.speak(speaking(vendor));
    expect(asked - before).toBe(1);
  });

  test("what is wrong with it is told as with a small one", async () => {
    const broken = (text: string): Promise<unknown> => {
      const one = translator("openai-chat", { model: "m", messages: [{ role: "user", content: text }, { role: "nobody", content: "x" }] });
      return Promise.try(() => one.speak(speaking("gemini"))).catch((error: unknown) => error);
    };
    const [small, large] = [await broken("short"), await broken(LONG)] as [GatewayError, GatewayError];
    expect(large).toBeInstanceOf(GatewayError);
    expect([large.kind, large.publicText, large.param]).toEqual([small.kind, small.publicText, small.param]);
  });

  test("the event loop goes on meanwhile", async () => {
    const body = { model: "m", messages: Array.from({ length: 80_000 }, (_, index) => ({ role: index % 2 ? "assistant" : "user", content: `message ${index} with so many words that it has about a hundred bytes of text in all, more or less` })) };
    const large = translator("openai-chat", body);
    await large.speak(speaking("anthropic-messages"));
    let longest = 0;
    let last = performance.now();
    const pulse = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const began = performance.now();
    await large.speak(speaking("gemini"));
    const took = performance.now() - began;
    clearInterval(pulse);
    // Measured 5 ms of 300 ms; here it took all of them.
    expect(longest).toBeLessThan(took / 3);
  });
});
