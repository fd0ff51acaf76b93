import { describe, expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** A request whose messages hold nothing that any model could read: a 400 in the caller's words, before the vendor is asked and for nothing. */
const gateway = await testGateway();
const OTHERS = ["claude-sonnet-4-5", "gemini-2.5-flash", "deepseek-chat"];
const MODELS = ["gpt-4.1-mini", "gpt-5.5", ...OTHERS];

const chat = (content: unknown) => (model: string) => ({ path: "/v1/chat/completions", body: { model, messages: [{ role: "user", content }] } });
const messages = (content: unknown) => (model: string) => ({ path: "/v1/messages", body: { model, max_tokens: 50, messages: [{ role: "user", content }] } });
const responses = (content: unknown) => (model: string) => ({ path: "/v1/responses", body: { model, input: [{ role: "user", content }] } });
const generate = (parts: unknown) => (model: string) => ({ path: `/v1beta/models/${model}:generateContent`, body: { contents: [{ role: "user", parts }] } });

describe.each([
  ["Anthropic, a block of no known type", messages([{ type: "nope" }]), { type: "error", error: { type: "invalid_request_error" } }, MODELS],
  ["Anthropic, no blocks", messages([]), { type: "error", error: { type: "invalid_request_error" } }, MODELS],
  ["Gemini, a part with no member of Gemini's", generate([{ type: "text" }]), { error: { code: 400, status: "INVALID_ARGUMENT" } }, MODELS],
  ["chat completions, no parts", chat([]), { error: { type: "invalid_request_error" } }, MODELS],
  // OpenAI's own document sets no least length here: whether it answers is its own affair.
  ["Responses, no parts", responses([]), { error: { type: "invalid_request_error" } }, OTHERS],
] as const)("%s", (_name, ask, refusal, models) => {
  test.each([...models])("to %s", async (model) => {
    const caller = await gateway.newCaller("10");
    const { path, body } = ask(model);
    const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body: JSON.stringify(body) });
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 400, body: refusal });
    const [row] = await gateway.rows(caller.userId, 1);
    expect(row).toMatchObject({ status: 400, charge_nano: "0" });
  });
});
