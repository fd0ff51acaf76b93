import { afterAll, describe, expect, test } from "bun:test";
import { sound } from "../../../simulators/src/kit/media/sound.ts";
import { testGateway } from "../testing/gateway.ts";

/** Vendors that fail and say what it has consumed all the same. Constructed: the errors and events are the documented ones, with usage in the place where answers have it. */
const ERROR = { type: "server_error", message: "it broke" };
const OPENAI_USAGE = { prompt_tokens: 1_000, completion_tokens: 20, total_tokens: 1_020 };
const RESPONSES_USAGE = { input_tokens: 1_000, output_tokens: 20, total_tokens: 1_020 };
const ANTHROPIC_USAGE = { input_tokens: 1_000, output_tokens: 20 };
const GEMINI_USAGE = { promptTokenCount: 1_000, candidatesTokenCount: 20 };
const TRANSCRIPT_USAGE = { type: "tokens", ...RESPONSES_USAGE };
const IMAGE_USAGE = { ...RESPONSES_USAGE, output_tokens_details: { image_tokens: 0, text_tokens: 20 } };
const json = (status: number, body: object): Response => Response.json(body, { status });
const stream = (...events: [string, object][]): Response => new Response(events.map(([name, data]) => `${name === "" ? "" : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`).join(""), { headers: { "content-type": "text/event-stream" } });

const FAILURES: Record<string, () => Response> = {
  "chat: a 500": () => json(500, { error: ERROR, usage: OPENAI_USAGE }),
  "chat: an error inside a 200": () => json(200, { error: ERROR, usage: OPENAI_USAGE }),
  "chat: a stream of nothing but usage": () => stream(["", { id: "x", choices: [], usage: OPENAI_USAGE }], ["", { error: ERROR }]),
  "responses: a failed response": () => json(200, { id: "x", object: "response", status: "failed", error: { code: "server_error", message: "it broke" }, output: [], usage: RESPONSES_USAGE }),
  "responses: a stream that fails": () => stream(["response.failed", { type: "response.failed", response: { id: "x", error: { code: "server_error", message: "it broke" }, usage: RESPONSES_USAGE } }]),
  "messages: a 529": () => json(529, { type: "error", error: { type: "overloaded_error", message: "it broke" }, usage: ANTHROPIC_USAGE }),
  "messages: a stream that breaks after its start": () =>
    stream(["message_start", { type: "message_start", message: { id: "x", role: "assistant", content: [], usage: ANTHROPIC_USAGE } }], ["error", { type: "error", error: { type: "overloaded_error", message: "it broke" } }]),
  "gemini: a 503": () => json(503, { error: { code: 503, status: "UNAVAILABLE", message: "it broke" }, usageMetadata: GEMINI_USAGE }),
  "transcriptions: a 500": () => json(500, { error: ERROR, usage: TRANSCRIPT_USAGE }),
  "transcriptions: an error inside a 200": () => json(200, { error: ERROR, usage: TRANSCRIPT_USAGE }),
  "images: a 500": () => json(500, { error: ERROR, usage: IMAGE_USAGE }),
  "images: an error inside a 200": () => json(200, { error: ERROR, usage: IMAGE_USAGE }),
  "gemini: a stream of nothing but usage": () => stream(["", { usageMetadata: GEMINI_USAGE }], ["", { error: { code: 503, status: "UNAVAILABLE", message: "it broke" } }]),
};
const REQUESTS: Record<string, (stream: boolean) => [path: string, body: object | FormData]> = {
  chat: (isStream) => ["/v1/chat/completions", { model: "gpt-4.1-mini", stream: isStream, messages: [{ role: "user", content: "count to 3" }] }],
  responses: (isStream) => ["/v1/responses", { model: "gpt-4.1-mini", stream: isStream, store: false, input: "count to 3" }],
  messages: (isStream) => ["/v1/messages", { model: "claude-sonnet-4-5", stream: isStream, max_tokens: 100, messages: [{ role: "user", content: "count to 3" }] }],
  transcriptions: () => ["/v1/audio/transcriptions", spoken()],
  images: () => ["/v1/images/generations", { model: "gpt-image-1", prompt: "a red stone", quality: "low" }],
  gemini: (isStream) => [`/v1beta/models/gemini-2.5-flash:${isStream ? "streamGenerateContent?alt=sse" : "generateContent"}`, { contents: [{ role: "user", parts: [{ text: "count to 3" }] }] }],
};

function spoken(): FormData {
  const form = new FormData();
  form.append("model", "gpt-4o-transcribe");
  form.append("file", new File([sound(1, "wav")], "speech.wav", { type: "audio/wav" }));
  return form;
}

let answer: () => Response = () => json(500, {});
const vendor = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => answer() });
afterAll(() => vendor.stop(true));
const gateway = await testGateway((config, sandboxUrl) => {
  for (const name of ["openai", "anthropic", "gemini"])
    for (const [priority, base] of [[10, `${vendor.url.origin}/v1`], [1, `${sandboxUrl}/${name}`]] as const)
      config.channels.push({ name: `${name}-${priority}`, vendor: name, baseUrl: base, credentials: ["sk-lost-attempts"], modelMapping: {}, priority, weight: 1, timeouts: {}, enabled: true });
});

async function ask(what: string): Promise<{ row: Awaited<ReturnType<typeof gateway.rows>>[number] | undefined; status: number }> {
  gateway.channels.budget.refill();
  for (const name of ["openai", "anthropic", "gemini"]) gateway.channels.health.forget(`file:${name}-10`);
  const who = await gateway.newCaller("10");
  const [path, body] = REQUESTS[what.split(":")[0] ?? ""]?.(what.includes("stream")) ?? ["", {}];
  const response = await fetch(`${gateway.url}${path}`, { method: "POST", headers: { authorization: `Bearer ${who.apiKey}`, ...(body instanceof FormData ? {} : { "content-type": "application/json" }) }, body: body instanceof FormData ? body : JSON.stringify(body) });
  await response.text();
  const [row] = await gateway.rows(who.userId);
  return { row, status: response.status };
}

describe("M25: what a failed attempt consumed is seen, and is not the caller's to pay", () => {
  test.each(Object.keys(FAILURES))("%s", async (what) => {
    answer = FAILURES[what] ?? answer;
    const { row, status } = await ask(what);
    expect(status).toBe(200);
    const [lost, served] = (row?.attempts ?? []) as { usage?: object; listPriceNano?: number }[];
    expect(lost?.usage).toEqual({ input: 1_000, output: 20 });
    // 1,000 tokens read alone cost a hundred microdollars and more at each of these models.
    expect(lost?.listPriceNano).toBeGreaterThan(100_000);
    expect([served?.usage, served?.listPriceNano]).toEqual([undefined, undefined]);
    // A picture costs more than what was lost before it: there only the lines tell.
    if (!what.startsWith("images")) expect(Number(row?.charge_nano)).toBeLessThan(lost?.listPriceNano ?? 0);
    expect(row?.lines).not.toContainEqual(expect.objectContaining({ units: 1_000 }));
  });

  test("the sum stands in the metrics, by channel", async () => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const lost = /yescale_attempts_failed_list_usd_total\{channel="anthropic-10"\} (\S+)/.exec(text);
    expect(Number(lost?.[1])).toBeGreaterThan(0.0002);
  });

  test("a failure without a word of usage has none", async () => {
    answer = () => json(500, { error: ERROR });
    const { row } = await ask("chat: x");
    expect(row?.attempts[0]).not.toHaveProperty("usage");
    expect(row?.attempts[0]).not.toHaveProperty("listPriceNano");
  });
});

describe("M36: a request that the vendor refuses costs nothing", () => {
  test.each<[string, number, object]>([
    ["chat: its policy", 400, { error: { code: "content_policy_violation", type: "invalid_request_error", message: "refused by policy" }, usage: OPENAI_USAGE }],
    ["chat: xAI's fee for it", 403, { error: { code: "permission_denied", type: "invalid_request_error", message: "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE" }, usage: OPENAI_USAGE }],
    ["messages: its policy", 400, { type: "error", error: { type: "invalid_request_error", message: "Output blocked by content filtering policy" }, usage: ANTHROPIC_USAGE }],
    ["gemini: its policy", 400, { error: { code: 400, status: "INVALID_ARGUMENT", message: "blocked" }, usageMetadata: GEMINI_USAGE }],
  ])("%s", async (what, refusal, body) => {
    answer = () => json(refusal, body);
    const { row, status } = await ask(what);
    // A 403 may be the account's own, so another one is asked; a 400 is told as it came.
    expect(status).toBe(refusal === 403 ? 200 : refusal);
    if (status !== 200) expect(row).toMatchObject({ status: refusal, end_reason: "upstream_error", charge_nano: "0", lines: [] });
    // Nobody pays for it, but it is seen.
    expect(row?.attempts[0]).toMatchObject({ status: refusal, usage: { input: 1_000 } });
  });
});
