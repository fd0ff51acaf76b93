import { describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { testGateway } from "../testing/gateway.ts";

/** Every dialect in, every vendor out, through the vendors' own SDKs and the simulators. */
const gateway = await testGateway();

/** One model per vendor. */
const MODELS = { openai: "gpt-4.1-mini", anthropic: "claude-sonnet-4-5", gemini: "gemini-2.5-flash" };
const WEATHER = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOL_PROMPT = "What is the weather in Paris? Use the get_weather tool.";

interface Said {
  text: string;
  tool?: { name: string; arguments: unknown };
  finish: string | null | undefined;
  input: number;
  output: number;
}

/** Asks in a dialect with its official SDK and gives what the SDK understood. */
type Ask = (key: string, model: string, prompt: string, stream: boolean, tool: boolean) => Promise<Said>;

const DIALECTS: Record<string, Ask> = {
  async "openai-chat"(apiKey, model, prompt, stream, tool) {
    const client = new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const request = {
      model,
      messages: [{ role: "user" as const, content: prompt }],
      ...(tool ? { tools: [{ type: "function" as const, function: { name: "get_weather", parameters: WEATHER } }] } : {}),
    };
    const completion = stream
      ? await client.chat.completions.stream({ ...request, stream_options: { include_usage: true } }).finalChatCompletion()
      : await client.chat.completions.create(request);
    const [choice] = completion.choices;
    const call = choice?.message.tool_calls?.[0];
    return {
      text: choice?.message.content ?? "",
      ...(call?.type === "function" ? { tool: { name: call.function.name, arguments: JSON.parse(call.function.arguments) } } : {}),
      finish: choice?.finish_reason,
      input: completion.usage?.prompt_tokens ?? -1,
      output: completion.usage?.completion_tokens ?? -1,
    };
  },
  async "openai-responses"(apiKey, model, prompt, stream, tool) {
    const client = new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const request = { model, input: prompt, store: false, ...(tool ? { tools: [{ type: "function" as const, name: "get_weather", parameters: WEATHER, strict: false }] } : {}) };
    const response = stream ? await client.responses.stream(request).finalResponse() : await client.responses.create(request);
    const output: OpenAI.Responses.ResponseOutputItem[] = response.output;
    const call = output.find((item) => item.type === "function_call");
    return {
      text: output.flatMap((item) => (item.type === "message" ? item.content.map((part) => (part.type === "output_text" ? part.text : "")) : [])).join(""),
      ...(call ? { tool: { name: call.name, arguments: JSON.parse(call.arguments) } } : {}),
      finish: response.status,
      input: response.usage?.input_tokens ?? -1,
      output: response.usage?.output_tokens ?? -1,
    };
  },
  async "anthropic-messages"(apiKey, model, prompt, stream, tool) {
    const client = new Anthropic({ apiKey, baseURL: gateway.url, maxRetries: 0 });
    const request = {
      model,
      max_tokens: 2_000,
      messages: [{ role: "user" as const, content: prompt }],
      ...(tool ? { tools: [{ name: "get_weather", input_schema: WEATHER as { type: "object" } }] } : {}),
    };
    const message = stream ? await client.messages.stream(request).finalMessage() : await client.messages.create(request);
    const call = message.content.find((block) => block.type === "tool_use");
    return {
      text: message.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
      ...(call ? { tool: { name: call.name, arguments: call.input } } : {}),
      finish: message.stop_reason,
      input: message.usage.input_tokens,
      output: message.usage.output_tokens,
    };
  },
  async gemini(apiKey, model, prompt, stream, tool) {
    const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url } });
    const request = { model, contents: prompt, ...(tool ? { config: { tools: [{ functionDeclarations: [{ name: "get_weather", parametersJsonSchema: WEATHER }] }] } } : {}) };
    let text = "";
    let said: Omit<Said, "text"> = { finish: undefined, input: -1, output: -1 };
    const chunks = stream ? await client.models.generateContentStream(request) : [await client.models.generateContent(request)];
    for await (const chunk of chunks) {
      for (const part of chunk.candidates?.[0]?.content?.parts ?? []) text += part.text ?? "";
      const call = chunk.functionCalls?.[0];
      const usage = chunk.usageMetadata;
      said = {
        ...said,
        ...(call ? { tool: { name: call.name ?? "", arguments: call.args } } : {}),
        finish: chunk.candidates?.[0]?.finishReason ?? said.finish,
        ...(usage ? { input: usage.promptTokenCount ?? 0, output: usage.candidatesTokenCount ?? 0 } : {}),
      };
    }
    return { text, ...said };
  },
};

/** What each dialect calls an ordinary end, and an end by tool calls. */
const ENDS: Record<string, [string, string]> = {
  "openai-chat": ["stop", "tool_calls"],
  "openai-responses": ["completed", "completed"],
  "anthropic-messages": ["end_turn", "tool_use"],
  gemini: ["STOP", "STOP"],
};

describe.each(Object.keys(DIALECTS))("S17: %s", (dialect) => {
  const ask = DIALECTS[dialect] as Ask;
  describe.each(Object.entries(MODELS))("to %s", (_vendor, model) => {
    test.each([false, true])("text, usage and charge, stream: %p", async (stream) => {
      const caller = await gateway.newCaller("10");
      const said = await ask(caller.apiKey, model, "count to 5", stream, false);
      expect(said).toMatchObject({ finish: ENDS[dialect]?.[0] });
      expect(said.text).toContain("5");
      const [row] = await gateway.rows(caller.userId);
      expect(row).toMatchObject({ status: 200, end_reason: "complete", estimated: false, model, dialect, stream, anomaly: null });
      const usage = row?.usage as unknown as Record<string, number>;
      // Gemini counts thoughts beside the candidates, all others within the output.
      const thought = dialect === "gemini" ? 0 : (usage["reasoning"] ?? 0);
      expect({ input: said.input, output: said.output }).toEqual({ input: usage["input"] ?? 0, output: (usage["output"] ?? 0) + thought });
      expect(Number(row?.charge_nano)).toBeGreaterThan(0);
    });

    test.each([false, true])("S06, S18: a tool is called with its arguments, stream: %p", async (stream) => {
      const caller = await gateway.newCaller("10");
      const said = await ask(caller.apiKey, model, TOOL_PROMPT, stream, true);
      expect(said).toMatchObject({ tool: { name: "get_weather", arguments: { city: "Paris" } }, finish: ENDS[dialect]?.[1] });
    });
  });
});

describe("V04: media that a vendor does not fetch itself", () => {
  const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
  const ask = (key: string, url: string): Promise<Response> =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: MODELS.gemini, messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, { type: "image_url", image_url: { url } }] }] }),
    });

  test("a private address is refused before a socket opens, and costs nothing", async () => {
    let asked = 0;
    const secret = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => ((asked += 1), new Response(PIXEL, { headers: { "content-type": "image/png" } })) });
    const caller = await gateway.newCaller("10");
    const response = await ask(caller.apiKey, `http://127.0.0.1:${secret.port}/x.png`);
    expect(response.status).toBe(400);
    expect(asked).toBe(0);
    const [row] = await gateway.rows(caller.userId);
    expect(row).toMatchObject({ charge_nano: "0", channel: expect.any(String) as string });
    await secret.stop(true);
  });

  test("a data URL goes as bytes", async () => {
    const caller = await gateway.newCaller("10");
    const response = await ask(caller.apiKey, `data:image/png;base64,${PIXEL.toString("base64")}`);
    expect(response.status, await response.clone().text()).toBe(200);
  });
});

describe("words that every object of JavaScript knows", () => {
  const BORROWED = ["constructor", "__proto__", "toString", "hasOwnProperty"];
  const MESSAGES = [{ role: "user", content: "hi" }];
  /** As JSON: in an object literal `__proto__` is no member. */
  const withMember = (body: object, name: string): string => `${JSON.stringify(body).slice(0, -1)},${JSON.stringify(name)}:1}`;
  const post = async (path: string, body: string, model: string): Promise<[status: number, dropped: string | null]> => {
    const caller = await gateway.newCaller("10");
    const response = await fetch(gateway.url + path, { method: "POST", headers: { authorization: `Bearer ${caller.apiKey}`, "content-type": "application/json" }, body });
    await response.text();
    const [row] = await gateway.rows(caller.userId);
    expect({ model, end: row?.end_reason, attempts: JSON.stringify(row?.attempts).includes('"server"') }).toEqual({ model, end: response.status === 200 ? "complete" : expect.any(String), attempts: false });
    return [response.status, response.headers.get("x-yescale-dropped")];
  };

  test.each(BORROWED)("a member %s is named as dropped like any other, in each dialect", async (name) => {
    expect(await post("/v1/chat/completions", withMember({ model: MODELS.anthropic, messages: MESSAGES }, name), "chat")).toEqual([200, name]);
    expect(await post("/v1/messages", withMember({ model: MODELS.openai, max_tokens: 9, messages: MESSAGES }, name), "messages")).toEqual([200, name]);
    expect(await post("/v1/responses", withMember({ model: MODELS.gemini, input: "hi" }, name), "responses")).toEqual([200, name]);
    expect(await post(`/v1beta/models/${MODELS.openai}:generateContent`, withMember({ contents: [{ role: "user", parts: [{ text: "hi" }] }] }, name), "gemini")).toEqual([200, name]);
  });

  test.each(BORROWED)("a tool of the type %s, a picture of such a quality", async (name) => {
    const tools = [{ type: name, name: "x" }];
    expect((await post("/v1/responses", JSON.stringify({ model: MODELS.anthropic, input: "hi", tools }), "responses"))[0]).toBe(200);
    expect((await post("/v1/messages", JSON.stringify({ model: MODELS.gemini, max_tokens: 9, messages: MESSAGES, tools }), "messages"))[0]).toBeLessThan(500);
    expect((await post("/v1/chat/completions", JSON.stringify({ model: MODELS.gemini, messages: MESSAGES, tools }), "chat"))[0]).toBeLessThan(500);
    for (const member of ["quality", "size", "style"]) expect((await post("/v1/images/generations", JSON.stringify({ model: "gpt-image-1", prompt: "x", [member]: name }), member))[0]).toBeLessThan(500);
  });
});
