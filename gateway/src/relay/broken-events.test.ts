import { expect, test } from "bun:test";
import { testGateway } from "../testing/gateway.ts";

/** Events that cannot be translated, and errors that break a stream. Two accounts per vendor, the first one preferred; faults are bound to its key. */
const gateway = await testGateway((config, sandboxUrl) => {
  for (const vendor of ["openai", "anthropic", "gemini"])
    for (const [index, name] of ["first", "second"].entries())
      config.channels.push({
        name: `${vendor}-${name}`, vendor, baseUrl: `${sandboxUrl}/${vendor}`, credentials: [`sk-${name}-${vendor}`], modelMapping: {}, priority: 10 - index, weight: 1,
        timeouts: { firstByteMs: 2_000, idleMs: 2_000 }, enabled: true,
      });
});

const PROMPT = "write 40 words";
const CALLERS: Record<string, (model: string, prompt: string) => [path: string, body: unknown]> = {
  "openai-chat": (model, content) => ["/v1/chat/completions", { model, stream: true, messages: [{ role: "user", content }] }],
  "openai-responses": (model, input) => ["/v1/responses", { model, stream: true, input, store: false }],
  "anthropic-messages": (model, content) => ["/v1/messages", { model, stream: true, max_tokens: 300, messages: [{ role: "user", content }] }],
  gemini: (model, text) => [`/v1beta/models/${model}:streamGenerateContent`, { contents: [{ role: "user", parts: [{ text }] }] }],
};
/** A model of each vendor, and callers that do not speak its dialect. */
const PAIRS: [caller: string, model: string, vendor: string][] = [
  ["openai-chat", "claude-sonnet-4-5", "anthropic"],
  ["openai-chat", "gemini-2.5-flash", "gemini"],
  ["openai-responses", "claude-sonnet-4-5", "anthropic"],
  ["anthropic-messages", "gpt-4.1-mini", "openai"],
  ["gemini", "gpt-4.1-mini", "openai"],
];

async function said(caller: string, model: string, fault: string) {
  const { apiKey, userId } = await gateway.newCaller("10");
  const [path, body] = CALLERS[caller]?.(model, `${PROMPT} [[fault:${fault}]]`) ?? ["", {}];
  const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` }, body: JSON.stringify(body) });
  const text = await response.text();
  const [row] = await gateway.rows(userId);
  return { status: response.status, text, row };
}

test.each(PAIRS)("%s from %s: a broken event after content ends the stream, and what was delivered is billed", async (caller, model, vendor) => {
  const { text, row } = await said(caller, model, `malformed=8;only-key=sk-first-${vendor}`);
  expect(text).toMatch(/no JSON|could not be read/);
  expect(row).toMatchObject({ end_reason: "upstream_error", error_code: "upstream_error_event", estimated: true });
  const output = (row as unknown as { usage: { output: number } }).usage.output;
  expect(output).toBeGreaterThan(0);
  expect(output).toBeLessThan(20);
});

test.each<[string, string, string, number]>([
  ["openai-chat", "claude-sonnet-4-5", "anthropic", 2],
  ["anthropic-messages", "gpt-4.1-mini", "openai", 2],
  ["gemini", "gpt-4.1-mini", "openai", 2],
])("%s from %s: a broken event before any content is a failed attempt, and another account answers", async (caller, model, vendor, place) => {
  const { status, text, row } = await said(caller, model, `malformed=${place};only-key=sk-first-${vendor}`);
  expect([status, /"error":\s*\{/.test(text)]).toEqual([200, false]);
  expect(row).toMatchObject({ end_reason: "complete", estimated: false });
  expect((row as unknown as { attempts: { channel: string; outcome: string }[] }).attempts.map(({ channel, outcome }) => `${channel} ${outcome}`)).toEqual([`${vendor}-first server`, `${vendor}-second ok`]);
});

test.each([
  ["openai-chat", "gpt-4.1-mini", "429", "rate_limit_exceeded"],
  ["openai-chat", "claude-sonnet-4-5", "529", "upstream_overloaded"],
  ["anthropic-messages", "claude-sonnet-4-5", "529", "overloaded_error"],
  ["anthropic-messages", "gpt-4.1-mini", "429", "rate_limit_error"],
  ["gemini", "claude-sonnet-4-5", "429", "RESOURCE_EXHAUSTED"],
])("%s from %s: an error %s inside the stream keeps its kind", async (caller, model, status, word) => {
  const { text } = await said(caller, model, `error-in-stream=3;status=${status}`);
  expect(text.slice(-600)).toContain(`"${word}"`);
});
