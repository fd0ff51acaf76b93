import { afterAll, describe, expect, test } from "bun:test";
import { startSandbox } from "../../../../simulators/src/server.ts";
import { KEYS } from "../../../../simulators/src/vendors/bedrock/signature.ts";
import { bedrockConverseCodec as codec } from "../../dialects/bedrock-converse/codec.ts";
import { AwsEventStreamFramer } from "../../dialects/bedrock-converse/event-stream.ts";
import { bedrockConverse } from "../../dialects/bedrock-converse/index.ts";
import { collectStream } from "../../dialects/canonical/collect-stream.ts";
import type { CanonicalRequest } from "../../dialects/canonical/request.ts";
import type { CanonicalResponse } from "../../dialects/canonical/response.ts";
import { bedrock } from "./index.ts";

const now = Date.UTC(2026, 10, 1);
const sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => now });
afterAll(() => sandbox.stop());
const [keyId, secret] = Object.entries(KEYS)[0] ?? [];
const CREDENTIAL = `${keyId}:${secret}`;
const CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const NEW_CLAUDE = "global.anthropic.claude-opus-5-5";

async function call(body: object, stream: boolean, model = CLAUDE, credential = CREDENTIAL, signedAt = now): Promise<Response> {
  const endpoint = { name: "converse", upstreamPath: `/model/{model}/converse${stream ? "-stream" : ""}`, stream, billable: true };
  const request = { method: "POST", url: bedrock.address(`${sandbox.url}/bedrock`, endpoint, model, ""), headers: { "content-type": "application/json" } as Record<string, string>, body: Buffer.from(JSON.stringify(body)) };
  await bedrock.sign?.(request, credential, { now: () => signedAt, exchange: () => Promise.reject(new Error("no exchange")) });
  return fetch(request.url, { method: "POST", headers: request.headers, body: request.body.toString("utf8") });
}

const target = (model: string) => ({ model, maxOutputTokens: 8_000, reasons: true, traits: new Set<string>() });

async function ask(request: CanonicalRequest, model = CLAUDE): Promise<{ answer: CanonicalResponse; dropped: string[]; metered: unknown }> {
  const { body, dropped } = codec.encodeRequest(request, target(model));
  const response = await call(body, request.stream, model);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(response.status, bytes.toString("utf8")).toBe(200);
  if (!request.stream) return { answer: codec.decodeResponse(JSON.parse(bytes.toString("utf8"))), dropped, metered: bedrockConverse.readAnswer(bytes).usage };
  const { bytes: text, ends } = new AwsEventStreamFramer().push(bytes);
  const [decoder, meter] = [codec.streamDecoder(), bedrockConverse.meter()];
  let from = 0;
  const parts = ends.flatMap((end) => {
    const event = text.toString("utf8", from, end);
    meter.event(text.toString("latin1", from, end));
    from = end;
    const [name = "", data = ""] = event.split("\n");
    return decoder.push({ event: name.slice("event: ".length), data: data.slice("data: ".length) });
  });
  parts.push(...decoder.flush());
  expect(parts.at(-1)).toEqual({ type: "end" });
  expect(meter.finished()).toBe(true);
  return { answer: collectStream(parts), dropped, metered: meter.usage(0).usage };
}

const user = (text: string): CanonicalRequest["messages"] => [{ role: "user", parts: [{ type: "text", text }] }];
const request = (more: Partial<CanonicalRequest>): CanonicalRequest => ({ model: "m", stream: false, messages: user("count to 5"), ...more });
const weather = { type: "function" as const, name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } };

describe.each([false, true])("stream %p", (stream) => {
  test("text, thinking with its seal, usage", async () => {
    const { answer, metered } = await ask(request({ stream, reasoning: { effort: "low" } }));
    const [thought, text] = answer.choices[0]?.parts ?? [];
    expect(thought).toMatchObject({ type: "reasoning", sealedBy: "bedrock-converse", signature: expect.any(String) });
    expect(text).toEqual({ type: "text", text: "1, 2, 3, 4, 5" });
    expect(answer.choices[0]?.finish).toBe("stop");
    expect(metered).toEqual(answer.usage as object);
  });

  test("a tool round: parallel calls, their results, an image among them", async () => {
    const first = await ask(request({ stream, messages: user("get_weather in Oslo and Rome"), tools: [weather] }));
    const calls = (first.answer.choices[0]?.parts ?? []).filter((part) => part.type === "tool-call");
    expect(calls.map((part) => JSON.parse(part.arguments))).toEqual([{ city: "Oslo" }, { city: "Rome" }]);
    expect(first.answer.choices[0]?.finish).toBe("tool-calls");
    const image = { type: "image" as const, source: { kind: "base64" as const, mediaType: "image/png", data: "iVBORw0KGgo=" } };
    const { answer } = await ask(
      request({
        stream,
        tools: [weather],
        messages: [
          ...user("get_weather in Oslo and Rome"),
          { role: "assistant", parts: calls },
          { role: "tool", parts: calls.map((part, index) => ({ type: "tool-result" as const, callId: part.id, parts: index === 0 ? [{ type: "text" as const, text: "4 degrees" }, image] : [], isError: index === 1 })) },
        ],
      }),
    );
    expect(answer.choices[0]?.parts).toMatchObject([{ type: "text", text: expect.stringContaining("4 degrees") }]);
  });

  test("cache points: written for an hour, then read", async () => {
    sandbox.reset();
    const messages: CanonicalRequest["messages"] = [{ role: "system", parts: [{ type: "text", text: "river ".repeat(50).trim(), cache: { ttl: "1h" } }] }, ...user("say yes")];
    expect((await ask(request({ stream, messages }))).answer.usage).toMatchObject({ cacheWriteHour: 50 });
    const again = (await ask(request({ stream, messages }))).answer.usage;
    expect(again).toMatchObject({ cacheRead: 50 });
    expect(again).not.toHaveProperty("cacheWriteHour");
  });
});

describe("requests", () => {
  test("documents get names of their own and a text beside them; addresses cannot be fetched and are told", () => {
    const file = (name: string) => ({ type: "file" as const, name, source: { kind: "base64" as const, mediaType: "application/pdf", data: "JVBERi0=" } });
    const { body, dropped } = codec.encodeRequest(
      request({ messages: [{ role: "user", parts: [file("re_port!.pdf"), file("re port.pdf"), { type: "image", source: { kind: "url", url: "https://x/y.png" } }] }] }),
      target(CLAUDE),
    );
    expect(body["messages"]).toEqual([
      { role: "user", content: [{ document: { format: "pdf", name: "re port", source: { bytes: "JVBERi0=" } } }, { document: { format: "pdf", name: "re port 2", source: { bytes: "JVBERi0=" } } }, { text: "See the document." }] },
    ]);
    expect(dropped).toEqual(["parts.image"]);
  });

  test.each([
    [CLAUDE, { reasoning: { budgetTokens: 2_000 } }, { additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2_000 } } }, []],
    [NEW_CLAUDE, { reasoning: { effort: "high" as const } }, { additionalModelRequestFields: { thinking: { type: "adaptive" } }, outputConfig: { effort: "high" } }, []],
    ["us.amazon.nova-2-lite-v1:0", { reasoning: { effort: "max" as const } }, { additionalModelRequestFields: { reasoningConfig: { type: "enabled", maxReasoningEffort: "high" } } }, []],
    ["openai.gpt-oss-120b-1:0", { reasoning: { effort: "low" as const } }, { additionalModelRequestFields: { reasoning_effort: "low" } }, []],
    ["meta.llama3-3-70b-instruct-v1:0", { reasoning: { effort: "low" as const } }, {}, ["reasoning"]],
    [CLAUDE, { topK: 5, temperature: 2, stop: ["END", " "] }, { additionalModelRequestFields: { top_k: 5 }, inferenceConfig: { temperature: 1, stopSequences: ["END"] } }, ["temperature", "stop"]],
    [NEW_CLAUDE, { temperature: 0.5, topP: 0.9 }, { inferenceConfig: {} }, ["temperature", "topP"]],
    [CLAUDE, { format: { type: "json-schema" as const, name: "x", schema: { type: "object" } } }, { outputConfig: { textFormat: { type: "json_schema", structure: { jsonSchema: { schema: '{"type":"object"}', name: "x" } } } } }, []],
    [CLAUDE, { tools: [weather], toolChoice: { mode: "required" as const } }, { toolConfig: { tools: [{ toolSpec: { name: "get_weather", inputSchema: { json: weather.parameters } } }], toolChoice: { any: {} } } }, []],
    [CLAUDE, { tools: [weather], toolChoice: { mode: "none" as const } }, {}, []],
    [CLAUDE, { seed: 1, choices: 2, logprobs: { top: 1 }, tools: [{ type: "web-search" as const }] }, {}, ["tools.web-search", "seed", "choices", "logprobs"]],
  ] as [string, Partial<CanonicalRequest>, object, string[]][])("%s %p", (model, more, words, lost) => {
    const { body, dropped } = codec.encodeRequest(request(more), target(model));
    expect(body).toMatchObject(words);
    if (more.toolChoice?.mode === "none") expect(body).not.toHaveProperty("toolConfig");
    expect(dropped).toEqual(lost);
  });

  test("calls of the past keep their tools, seals go back only to who sealed them", async () => {
    const past: CanonicalRequest["messages"] = [
      ...user("go"),
      {
        role: "assistant",
        parts: [
          { type: "reasoning", text: "hm", signature: "theirs", sealedBy: "gemini" },
          { type: "reasoning", text: "ah", signature: "ours", sealedBy: "bedrock-converse" },
          { type: "tool-call", id: "call:1", name: "old_tool", arguments: "{}" },
        ],
      },
      { role: "tool", parts: [{ type: "tool-result", callId: "call:1", parts: [] }] },
    ];
    const { body } = codec.encodeRequest(request({ messages: past }), target(CLAUDE));
    expect(JSON.stringify(body)).not.toContain("theirs");
    expect(JSON.stringify(body)).toContain("ours");
    expect(body["toolConfig"]).toMatchObject({ tools: [{ toolSpec: { name: "old_tool" } }] });
    expect((await ask(request({ messages: past }))).answer.choices[0]?.finish).toBe("stop");
  });
});

describe("the account", () => {
  const hi = { messages: [{ role: "user", content: [{ text: "hi" }] }] };

  test("a signature over a body with any characters, and with a session token, is good", async () => {
    expect((await call({ messages: [{ role: "user", content: [{ text: "é 漢 \u0000" }] }] }, false)).status).toBe(200);
    const request = { method: "POST", url: "https://bedrock-runtime.eu-west-1.amazonaws.com/model/x/converse", headers: {} as Record<string, string>, body: Buffer.from("{}") };
    await bedrock.sign?.(request, "AKIA:secret:token", { now: () => now, exchange: () => Promise.reject(new Error("none")) });
    expect(request.headers["x-amz-security-token"]).toBe("token");
    expect(request.headers["authorization"]).toContain("/20261101/eu-west-1/bedrock/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token");
  });

  test.each([
    [`${keyId}:wrong`, 403, "auth"],
    ["AKIANOBODY:secret", 403, "auth"],
    [":", undefined, "the credential must be"],
  ])("%s", async (credential, status, kind) => {
    if (status === undefined) return await expect(call(hi, false, CLAUDE, credential)).rejects.toThrow(kind);
    const response = await call(hi, false, CLAUDE, credential);
    expect([response.status, bedrock.classify(response.status, await response.text()).kind]).toEqual([status, kind] as never);
  });

  test("an old signature is refused; an API key is a bearer's", async () => {
    expect((await call(hi, false, CLAUDE, CREDENTIAL, now - 600_000)).status).toBe(403);
    expect((await call(hi, false, CLAUDE, "ABSKQmVkcm9ja0FQSUtleQ==")).status).toBe(200);
  });

  test.each([
    [400, "The provided model identifier is invalid.", "no_model"],
    [400, "Invocation of model ID anthropic.claude-x with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile", "no_model"],
    [403, "You don't have access to the model with the specified model ID.", "no_model"],
    [403, "User: arn:aws:iam::1:user/x is not authorized to perform: bedrock:InvokeModel", "denied"],
    [403, "The security token included in the request is expired", "auth"],
    [429, "Too many requests, please wait before trying again.", "rate_limited"],
    [424, "The model failed", "server"],
    [503, "Bedrock is unable to process your request.", "overloaded"],
    [400, "Malformed input request: extraneous key [The provided model identifier is invalid] is not permitted", "caller"],
  ])("%d %s is %s", (status, message, kind) => {
    expect(bedrock.classify(status, JSON.stringify({ message })).kind).toBe(kind as never);
  });

  test("the environment: Bedrock's own key, or AWS's keys where a region of Bedrock's is named", () => {
    const settle = (given: Record<string, string>) => bedrock.environment.settle?.({ credential: given["AWS_BEARER_TOKEN_BEDROCK"], baseUrl: given["BEDROCK_BASE_URL"] }, (name) => given[name]);
    const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s" };
    expect(settle({ ...keys, AWS_REGION: "us-west-2" })?.credential).toBeUndefined();
    expect(settle({ ...keys, BEDROCK_REGION: "us-west-2" })).toEqual({ credential: "a:s", baseUrl: "https://bedrock-runtime.us-west-2.amazonaws.com" });
    expect(settle({ AWS_BEARER_TOKEN_BEDROCK: "k", AWS_REGION: "eu-west-1" })).toEqual({ credential: "k", baseUrl: "https://bedrock-runtime.eu-west-1.amazonaws.com" });
  });
});
