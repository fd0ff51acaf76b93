import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  ApiError,
  FunctionCallingConfigMode,
  GoogleGenAI,
  Type,
  type FunctionDeclaration,
  type GenerateContentParameters,
} from "@google/genai";
import { startSandbox, type Sandbox } from "../../server.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, hostname: "127.0.0.1", now: () => Date.UTC(2026, 0, 1) });
});
afterAll(() => sandbox.stop());

const make = (apiVersion: string) =>
  new GoogleGenAI({ apiKey: "test-key-1", httpOptions: { baseUrl: `${sandbox.url}/gemini`, apiVersion } });
const model = "gemini-2.0-flash";

describe.each(["v1beta", "v1"])("%s", (version) => {
  async function streamed(body: GenerateContentParameters) {
    let [text, chunks, last] = ["", 0, undefined as unknown];
    for await (const chunk of await make(version).models.generateContentStream(body)) {
      text += chunk.text ?? "";
      chunks += 1;
      last = { usage: chunk.usageMetadata, finish: chunk.candidates?.[0]?.finishReason };
    }
    return { text, chunks, last };
  }

  test("grounding: what was searched, found and rests on it, whole and with the last chunk", async () => {
    const body = { model, contents: "search for stones", config: { tools: [{ googleSearch: {} }] } };
    const whole = (await make(version).models.generateContent(body)).candidates?.[0];
    expect(whole?.groundingMetadata).toMatchObject({ webSearchQueries: ["search for stones"], groundingChunks: [{ web: { uri: "https://example.com/found" } }] });
    expect(whole?.groundingMetadata?.groundingSupports?.[0]?.segment?.text).toBe(whole?.content?.parts?.[0]?.text ?? "");
    let last: unknown;
    for await (const chunk of await make(version).models.generateContentStream(body)) last = chunk.candidates?.[0]?.groundingMetadata;
    expect(last).toEqual(whole?.groundingMetadata);
    expect((await make(version).models.generateContent({ ...body, contents: "hi" })).candidates?.[0]?.groundingMetadata).toBeUndefined();
  });

  test("whole and streamed answers agree in text and usage", async () => {
    const body = { model, contents: "count to 12" };
    const whole = await make(version).models.generateContent(body);
    const stream = await streamed(body);
    expect(whole.text).toBe("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12");
    expect(stream.text).toBe(whole.text ?? "");
    expect(stream.last).toEqual({ usage: whole.usageMetadata, finish: "STOP" });
    expect(stream.chunks).toBe((whole.usageMetadata?.candidatesTokenCount ?? 0) + 1);
    expect(whole.usageMetadata?.totalTokenCount).toBe(
      (whole.usageMetadata?.promptTokenCount ?? 0) + (whole.usageMetadata?.candidatesTokenCount ?? 0),
    );
  });

  test("maxOutputTokens and thinking", async () => {
    const cut = await make(version).models.generateContent({
      model,
      contents: "write 30 words",
      config: { maxOutputTokens: 4 },
    });
    expect([cut.candidates?.[0]?.finishReason as string, cut.usageMetadata?.candidatesTokenCount]).toEqual([
      "MAX_TOKENS",
      4,
    ]);
    const body = {
      model: "gemini-2.5-flash",
      contents: "say yes",
      config: { thinkingConfig: { includeThoughts: true, thinkingBudget: 20 } },
    };
    const whole = await make(version).models.generateContent(body);
    expect(whole.usageMetadata).toMatchObject({ thoughtsTokenCount: 20, candidatesTokenCount: 1 });
    expect(whole.candidates?.[0]?.content?.parts?.map((part) => part.thought ?? false)).toEqual([
      true,
      false,
    ]);
    expect((await streamed(body)).last).toMatchObject({ usage: whole.usageMetadata });
    const off = await make(version).models.generateContent({
      ...body,
      config: { thinkingConfig: { thinkingBudget: 0 } },
    });
    expect(off.usageMetadata?.thoughtsTokenCount).toBeUndefined();
  });

  test.each<Partial<FunctionDeclaration>>([
    {
      parameters: {
        type: Type.OBJECT,
        properties: { city: { type: Type.STRING }, days: { type: Type.INTEGER, minimum: 2 } },
        required: ["city"],
      },
    },
    {
      parametersJsonSchema: {
        type: "object",
        properties: { city: { type: "string" }, days: { type: "integer", minimum: 2 } },
        required: ["city"],
      },
    },
  ])("tools round trip with %o", async (schema) => {
    const config = { tools: [{ functionDeclarations: [{ name: "get_weather", ...schema }] }] };
    const contents = [{ role: "user", parts: [{ text: "get_weather for Oslo and Rome" }] }];
    const whole = await make(version).models.generateContent({ model, contents, config });
    expect(whole.functionCalls?.map((call) => call.args)).toEqual([
      { city: "Oslo", days: 2 },
      { city: "Rome", days: 2 },
    ]);
    const calls = [];
    let usage: unknown;
    for await (const chunk of await make(version).models.generateContentStream({ model, contents, config })) {
      calls.push(...(chunk.functionCalls ?? []));
      usage = chunk.usageMetadata;
    }
    expect(calls.map((call) => call.args)).toEqual(whole.functionCalls?.map((call) => call.args) ?? []);
    expect(usage).toEqual(whole.usageMetadata);
    const responses = calls.map((call, index) => ({
      functionResponse: { name: call.name ?? "", response: { output: `${index} degrees` } },
    }));
    const history = [
      ...contents,
      { role: "model", parts: calls.map((functionCall) => ({ functionCall })) },
      { role: "user", parts: responses },
    ];
    expect((await make(version).models.generateContent({ model, contents: history, config })).text).toBe(
      "get_weather answered: 0 degrees\nget_weather answered: 1 degrees",
    );
    const forced = await make(version).models.generateContent({
      model,
      contents: "hi",
      config: { ...config, toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } } },
    });
    expect(forced.functionCalls).toHaveLength(1);
  });

  test("pictures, JSON answers, cache, counts", async () => {
    const picture = { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } };
    const contents = [{ role: "user", parts: [{ text: "What is this?" }, picture] }];
    const seen = await make(version).models.generateContent({ model, contents });
    expect(seen.text).toContain("picture");
    expect(seen.usageMetadata?.promptTokensDetails).toEqual([
      { modality: "TEXT", tokenCount: 5 },
      { modality: "IMAGE", tokenCount: 258 },
    ] as never);
    expect((await make(version).models.countTokens({ model, contents })).totalTokens).toBe(263);
    const ask = (config: object) =>
      make(version).models.generateContent({
        model,
        contents: "A note of 7 in Lima",
        config: { responseMimeType: "application/json", ...config },
      });
    const google = await ask({
      responseSchema: {
        type: Type.OBJECT,
        properties: { place: { type: Type.STRING }, count: { type: Type.INTEGER } },
        propertyOrdering: ["count", "place"],
      },
    });
    expect(google.text).toBe('{"count":7,"place":"Lima"}');
    const json = await ask({ responseJsonSchema: { type: "array", items: { type: "string" }, minItems: 2 } });
    expect(JSON.parse(json.text ?? "")).toEqual(["Lima", "Lima 2"]);
    const long = { model: `gemini-2.0-flash-${version}`, contents: "stone ".repeat(1400) };
    expect(
      (await make(version).models.generateContent(long)).usageMetadata?.cachedContentTokenCount,
    ).toBeUndefined();
    expect((await make(version).models.generateContent(long)).usageMetadata?.cachedContentTokenCount).toBe(
      1280,
    );
  });

  test("models and errors", async () => {
    const names: string[] = [];
    for await (const one of await make(version).models.list({ config: { pageSize: 3 } }))
      names.push(one.name ?? "");
    expect(names).toHaveLength(10);
    expect(await make(version).models.get({ model })).toMatchObject({
      name: `models/${model}`,
      supportedActions: expect.arrayContaining(["generateContent"]),
    });
    const error = await make(version)
      .models.generateContent({ model: "gemini-nonexistent", contents: "x" })
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 404 });
    expect(JSON.parse((error as Error).message)).toMatchObject({ error: { code: 404, status: "NOT_FOUND" } });
  });
});

test("keys in header or query, the JSON list form, error bodies", async () => {
  const post = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${sandbox.url}/gemini/v1beta/models/${model}:streamGenerateContent${query}`, {
      method: "POST",
      headers,
      body: JSON.stringify({ contents: [{ parts: [{ text: "say a b c" }] }] }),
    });
  const list = (await (await post("?key=test-key-1")).json()) as {
    candidates: { content: { parts: { text: string }[] } }[];
  }[];
  expect(list.map((chunk) => chunk.candidates[0]?.content.parts[0]?.text)).toEqual(["a", " b", " c", ""]);
  const none = await post("");
  expect([none.status, await none.json()]).toMatchObject([
    403,
    { error: { code: 403, status: "PERMISSION_DENIED" } },
  ]);
  const bad = await post("", { "x-goog-api-key": "no!" });
  expect([bad.status, await bad.json()]).toMatchObject([
    400,
    { error: { status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }, {}] } },
  ]);
});

test.each(["gemini-2.5-flash-image", "gemini-2.5-flash-preview-tts"])("%s streams what it makes, as it gives it whole", async (name) => {
  const sound = name.includes("tts");
  const body = { model: name, contents: "A red circle", config: { responseModalities: sound ? ["AUDIO"] : ["TEXT", "IMAGE"] } };
  const whole = await make("v1beta").models.generateContent(body);
  const parts: unknown[] = [];
  let last: unknown;
  for await (const chunk of await make("v1beta").models.generateContentStream(body)) {
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    last = { usage: chunk.usageMetadata, finish: chunk.candidates?.[0]?.finishReason };
  }
  expect(parts).toEqual(whole.candidates?.[0]?.content?.parts as never);
  expect(last).toEqual({ usage: whole.usageMetadata, finish: "STOP" } as never);
  const list = await fetch(`${sandbox.url}/gemini/v1beta/models/${name}:streamGenerateContent?key=test-key-1`, { method: "POST", body: JSON.stringify({ contents: [{ parts: [{ text: "A red circle" }] }], generationConfig: body.config }) });
  expect(((await list.json()) as unknown[]).length).toBe(parts.length + 1);
});
