import { describe, expect, test } from "bun:test";
import { type Content, type GenerateContentConfig, GoogleGenAI, type Part, ThinkingLevel } from "@google/genai";
import { testGateway } from "../../testing/gateway.ts";

/** Gemini CLI's rounds. The fields are those that Gemini CLI 0.61 sent through a recording proxy (`-p`, GOOGLE_GEMINI_BASE_URL); its texts are shortened. */
const gateway = await testGateway();

const CONFIG: GenerateContentConfig = {
  temperature: 1, topP: 0.95, topK: 64,
  thinkingConfig: { includeThoughts: true, thinkingLevel: ThinkingLevel.HIGH },
  systemInstruction: { role: "user", parts: [{ text: "You are Gemini CLI." }] },
  tools: [{
    functionDeclarations: [{
      name: "read_file", description: "Reads a file.",
      parametersJsonSchema: { type: "object", properties: { file_path: { type: "string" }, start_line: { type: "number", minimum: 1 } }, required: ["file_path"], additionalProperties: false },
    }],
  }],
};

async function ask(apiKey: string, model: string, contents: Content[]) {
  const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url } });
  const parts: Part[] = [];
  let finish: string | undefined;
  for await (const chunk of await client.models.generateContentStream({ model, contents, config: CONFIG })) {
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    finish = chunk.candidates?.[0]?.finishReason ?? finish;
  }
  expect(finish).toBe("STOP");
  return parts;
}

describe.each(["gemini-3.8-flash", "gemini-3.1-pro-preview", "gpt-5.5", "claude-opus-5-5"])("Gemini CLI with %s", (model) => {
  test("a file is read and answered for", async () => {
    const caller = await gateway.newCaller("10");
    const contents: Content[] = [{ role: "user", parts: [{ text: "<session_context>\nToday.\n</session_context>" }] }, { role: "user", parts: [{ text: 'call read_file with {"file_path":"note.txt"}' }] }];
    const first = await ask(caller.apiKey, model, contents);
    const call = first.find((part) => part.functionCall)?.functionCall;
    expect(call).toMatchObject({ name: "read_file", args: { file_path: "note.txt" } });
    const response: Part = { functionResponse: { ...(call?.id ? { id: call.id } : {}), name: "read_file", response: { output: "heliotrope" } } };
    const last = await ask(caller.apiKey, model, [...contents, { role: "model", parts: first }, { role: "user", parts: [response] }]);
    expect(last.map((part) => (part.thought ? "" : (part.text ?? ""))).join("")).toContain("heliotrope");
  });
});

test.each(["gemini-3.5-flash-lite", "gpt-5-mini"])("its router asks %s for JSON by a schema", async (model) => {
  const caller = await gateway.newCaller("10");
  const client = new GoogleGenAI({ apiKey: caller.apiKey, httpOptions: { baseUrl: gateway.url } });
  const responseJsonSchema = { type: "object", properties: { complexity_reasoning: { type: "string" }, complexity_score: { type: "integer", minimum: 1, maximum: 100 } }, required: ["complexity_reasoning", "complexity_score"] };
  const answer = await client.models.generateContent({ model, contents: "rate this", config: { temperature: 0, topP: 1, maxOutputTokens: 1024, responseMimeType: "application/json", responseJsonSchema } });
  expect(JSON.parse(answer.text ?? "")).toMatchObject({ complexity_score: expect.any(Number) });
});
